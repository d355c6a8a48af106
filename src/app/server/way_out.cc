#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "app/server/block_on.h"
#include "app/server/parts.h"
#include "base/types/result.h"
#include "work/delivery/submission.h"

namespace veredus::app::server {
namespace {

using work::delivery::OwnMessage;
using work::delivery::Settled;

constexpr std::size_t kResumablePeers = 1'000;  // TLS sessions with other hosts

/// A report goes as a message of our own: from the null reverse-path, under the id its outbox row has, so that once is
/// enough. What nobody takes has nobody else to be told of (RFC 5321 s4.5.5).
asio::awaitable<bool> submit_report(work::delivery::Router* router, work::delivery::Receptions* receptions,
                                    base::observe::Logger* log, state::spool::OutboxItem item) {
  OwnMessage message;
  message.octets = std::move(item.message);
  message.origin = "report";
  message.id = item.id;
  message.smtputf8 = item.smtputf8;
  auto recipient = wire::smtp::parse_mailbox(item.recipient);
  if (!recipient) {
    log->warning("queue.report_dropped", {{"to", item.recipient}, {"why", to_string(recipient.error())}});
    co_return true;
  }
  message.recipients.push_back(*std::move(recipient));
  const auto done = co_await work::delivery::submit_own(router, receptions, std::move(message));
  if (done.settled == Settled::kRefused)
    log->warning("queue.report_dropped", {{"to", item.recipient}, {"why", done.why}});
  if (done.settled == Settled::kTryLater)
    log->warning("queue.report_not_submitted", {{"report", to_string(item.id)}, {"why", done.why}});
  co_return done.settled != Settled::kTryLater;
}

}  // namespace

/// From the ground up: DNS, the shards, the client, the queue. Nothing of it asks or sends anything yet.
std::expected<void, std::string> Server::Parts::open_way_out() {
  VEREDUS_TRY(open_dns());
  probes.emplace(&reactors, resolver, &clock, configuration.probe_guard);
  copies.emplace(&reactors, resolver, &*mailboxes, &clock, &log);

  auto& options = configuration.smtp_client;
  using io::net::TlsContext;
  TlsContext::ClientOptions recording;
  recording.verify = TlsContext::Verify::kRecord;
  recording.resumable_peers = kResumablePeers;
  TlsContext::ClientOptions verifying;
  verifying.resumable_peers = kResumablePeers;
  auto any = TlsContext::client(std::move(recording));
  auto trusted = TlsContext::client(std::move(verifying));
  if (!any || !trusted)
    return std::unexpected(fmt::format("TLS towards others: {}", to_string(any ? trusted.error() : any.error())));
  options.recording = std::move(*any);
  options.verifying = std::move(*trusted);
  auto strict = work::mtasts::strict_client({.trusted_pem = {}, .resumable_peers = kResumablePeers});
  if (!strict) return std::unexpected(fmt::format("TLS towards others: {}", to_string(strict.error())));
  options.sts = *strict;
  configuration.policy_fetch.tls = *std::move(strict);
  configuration.policy_fetch.permits = [guard = configuration.probe_guard](const io::net::IpAddress& address) {
    return guard.permits(address);
  };
  if (configuration.mta_sts) open_policies();
  options.workers = &workers;

  for (const auto& listener : configuration.listeners)
    if (listener.protocol == config::Protocol::kSmtp && listener.endpoint.kind == io::net::Endpoint::Kind::kIp &&
        listener.endpoint.port == configuration.sites.port)
      configuration.sites.own_addresses.push_back(listener.endpoint.address);
  sites.emplace(*resolver, configuration.sites);
  shards.emplace(*engine, clock, state::spool::QueueShards::Options{});
  routes.emplace(*directory);
  std::vector<io::net::Reactor*> all;
  std::vector<asio::any_io_executor> executors;
  for (std::size_t i = 0; i < reactors.size(); ++i) {
    all.push_back(&reactors[i]);
    executors.push_back(reactors[i].executor());
  }
  work::queue::SmtpCarrier::Security security{.sts = policies ? &*policies : nullptr,
                                              .domains = configuration.domain_tls,
                                              .clock = &clock,
                                              .metrics = &metrics};
  carrier.emplace(*sites, std::move(all), options, configuration.idle_connections, std::move(security));
  work::queue::Queue::Parts parts{.clock = clock,
                                  .engine = *engine,
                                  .shards = *shards,
                                  .routes = *routes,
                                  .directory = *directory,
                                  .carrier = *carrier,
                                  .ids = ids,
                                  .journal = *journal,
                                  .journeys = &*journal,
                                  .log = log,
                                  .metrics = metrics,
                                  .executors = std::move(executors)};
  queue.emplace(std::move(parts), configuration.queue);
  return {};
}

asio::awaitable<work::mtasts::Fetched> Server::Parts::fetch_policy(std::string domain,
                                                                   std::chrono::milliseconds deadline) {
  auto options = configuration.policy_fetch;
  options.deadline = deadline;
  auto& reactor = reactors.next();
  auto fetch = work::mtasts::fetch_policy(&reactor, resolver, std::move(domain), std::move(options));
  co_return co_await asio::co_spawn(reactor.executor(), std::move(fetch), asio::use_awaitable);
}

void Server::Parts::open_policies() {
  auto fetch = [this](std::string domain) {
    return fetch_policy(std::move(domain), configuration.policy_fetch.deadline);
  };
  work::mtasts::Policies::Parts parts{
      .clock = clock, .engine = *engine, .resolver = *resolver, .log = log, .metrics = metrics, .fetch = fetch};
  policies.emplace(std::move(parts), work::mtasts::Policies::Options{});
}

/// Before anybody is heard: without its leases a shard takes nothing.
std::expected<void, std::string> Server::Parts::begin_way_out() {
  sample_queue();
  if (proven_resolver) reactors[0].tasks().spawn(proven_resolver->run());
  if (policies) reactors[0].tasks().spawn(policies->run());
  auto submit = [this](state::spool::OutboxItem item) {
    return submit_report(&*router, &*receptions, &log, std::move(item));
  };
  const auto started = run_here(queue->start(submit));
  if (!started) return std::unexpected(fmt::format("the queue cannot be worked: {}", to_string(started.error())));
  return {};
}

void Server::Parts::stop_way_out(std::chrono::milliseconds drain) {
  wait_for(reactors[0].executor(), queue->stop(drain));
  carrier->close_all();
  for (const auto& one : unbound) one->stop();
}

void Server::Parts::sample_queue() {
  const auto figure = [this](auto member) {
    return [this, member] { return static_cast<double>(queue->figures(0).*member); };
  };
  using work::queue::QueueFigures;
  metrics.sampled_gauge("veredus_queue_entries", "Entries in the queue: one message for one domain each.",
                        [this] { return static_cast<double>(queue->size()); });
  metrics.sampled_gauge("veredus_queue_ready", "Entries that wait for a connection.", figure(&QueueFigures::ready));
  metrics.sampled_gauge("veredus_queue_parked", "Entries that are held, braked or paused.",
                        figure(&QueueFigures::parked));
  metrics.sampled_gauge("veredus_queue_connections", "Connections to other hosts in use.",
                        figure(&QueueFigures::connections));
  metrics.sampled_gauge("veredus_queue_suspended", "1 while nothing is sent because the store takes no writes, else 0.",
                        [this] { return engine->health().writable ? 0.0 : 1.0; });
}

}  // namespace veredus::app::server
