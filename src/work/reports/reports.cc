#include "work/reports/reports.h"

#include <utility>

#include "base/observe/log.h"
#include "base/observe/metrics.h"
#include "base/types/result.h"
#include "io/net/deadline.h"

namespace veredus::work::reports {

namespace {

using namespace std::chrono_literals;

constexpr auto kSweepEvery = 1h;
constexpr auto kAfterFailure = 1min;  // until what the store did not take is tried again

}  // namespace

Reports::Reports(Parts parts, Options options)
    : clock_(parts.clock),
      log_(parts.log),
      journal_(parts.journal),
      options_(std::move(options)),
      tally_(parts.engine, parts.clock, options_.tally),
      received_(parts.engine, parts.clock, options_.received),
      counting_(tally_, options_),
      arrivals_({.mailboxes = parts.mailboxes,
                 .received = received_,
                 .workers = parts.workers,
                 .tasks = parts.tasks,
                 .log = parts.log,
                 .metrics = parts.metrics,
                 .hostname = parts.hostname},
                options_),
      watch_(parts.journal, arrivals_),
      sender_({.clock = parts.clock,
               .tally = tally_,
               .resolver = parts.resolver,
               .workers = parts.workers,
               .log = parts.log,
               .metrics = parts.metrics,
               .submit = std::move(parts.submit),
               .poster = parts.poster,
               .hostname = parts.hostname},
              options_) {
  parts.metrics.sampled_counter("veredus_reports_dropped_counts_total",
                                "Messages and sessions that no report will tell of, because too much was counted.",
                                [this] { return static_cast<double>(tally_.dropped()); });
}

base::observe::EventSink& Reports::journal() {
  if (options_.addresses.empty()) return journal_;
  return watch_;
}

asio::awaitable<void> Reports::run() {
  auto next_sweep = clock_.steady_now();
  SystemTime not_before{};
  while (true) {
    co_await io::net::pause(options_.tally.flush_every);
    if (clock_.steady_now() >= next_sweep) {
      next_sweep = clock_.steady_now() + kSweepEvery;
      co_await sweep();
    }
    if (!sends()) continue;
    const auto written = co_await tally_.flush();
    const auto rolled = co_await tally_.roll();
    const bool due = (rolled && *rolled) || clock_.now() >= sender_.next_due();
    if (!written || !rolled || !due || clock_.now() < not_before) continue;
    const auto sent = co_await sender_.send(Sender::When::kDue);
    if (sent) continue;
    not_before = clock_.now() + kAfterFailure;
    log_.warning("reports.not_sent", {{"why", to_string(sent.error())}});
  }
}

asio::awaitable<void> Reports::sweep() {
  const auto counts = co_await tally_.sweep();
  const auto received = co_await received_.sweep();
  if (!counts || !received) log_.warning("reports.not_swept", {});
}

Reports::Result<Sender::Figures> Reports::send_now() {
  if (!sends()) co_return Sender::Figures{};
  VEREDUS_CO_TRY(co_await tally_.close_now());
  co_return co_await sender_.send(Sender::When::kNow);
}

}  // namespace veredus::work::reports
