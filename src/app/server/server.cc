#include "app/server/server.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <thread>
#include <utility>

#include "app/server/block_on.h"
#include "app/server/parts.h"

namespace veredus::app::server {

using namespace std::chrono_literals;

namespace {
constexpr std::chrono::milliseconds kLeastDrain{1'000};  // for transactions with other hosts
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() { stop(); }

void Server::request_stop() { parts_->stop_requested = true; }

std::expected<void, std::string> Server::reload() { return parts_->reload(); }

void Server::run() {
  // The signals were blocked before any thread was made (main), so they come to this one alone.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  while (!parts_->stop_requested) {
    const timespec wait{.tv_sec = 0, .tv_nsec = 200'000'000};
    const int signal = sigtimedwait(&signals, nullptr, &wait);
    if (signal == SIGHUP) (void)reload();  // logged there
    if (signal == SIGTERM || signal == SIGINT) break;
  }
  stop();
}

void Server::stop() {
  Parts& parts = *parts_;
  if (!std::exchange(parts.serving, false)) return;
  parts.log.info("server.stopping", {{"sessions", parts.sessions->sessions()}});
  for (auto& entrance : parts.entrances) entrance.listener->close();
  for (auto& listener : parts.challenge_listeners) listener->close();
  parts.reactors.drain();
  const auto until = parts.clock.steady_now() + parts.configuration.drain_wait;
  while (parts.sessions->sessions() > 0 && parts.clock.steady_now() < until) std::this_thread::sleep_for(10ms);

  const auto executor = parts.reactors[0].executor();
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - parts.clock.steady_now());
  parts.stop_way_out(std::max(left, kLeastDrain));
  wait_for(executor, parts.fan_out->stop());
  if (const auto written = wait_for(executor, parts.reports->flush()); !written)
    parts.log.error("server.counts_not_written", {{"why", to_string(written.error())}});
  wait_for(executor, parts.senders->flush());
  if (const auto written = wait_for(executor, parts.journal->flush()); !written)
    parts.log.error("server.journal_not_written", {{"why", to_string(written.error())}});
  (void)wait_for(executor, parts.spool->release());  // else it runs out by itself
  parts.admin_listener->close();
  if (parts.metrics_listener) parts.metrics_listener->close();
  const auto cancelled = parts.reactors.stop(500ms);
  parts.searchers.stop();
  parts.workers.stop();
  parts.signer->give_up();
  parts.signers.stop();
  parts.log.info("server.stopped", {{"sessions_cut", cancelled}});
  parts.log.flush();
}

}  // namespace veredus::app::server
