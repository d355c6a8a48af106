#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>

#include "base/observe/events.h"
#include "base/types/clock.h"
#include "io/engine/engine.h"
#include "io/net/asio.h"
#include "state/reports/received.h"
#include "state/reports/tally.h"
#include "work/reports/arrivals.h"
#include "work/reports/counting.h"
#include "work/reports/options.h"
#include "work/reports/sender.h"

namespace veredus::work::reports {

/// Everything about reports on DMARC and TLS: those about others' mail that are counted here and sent, and those about
/// ours that come. Thread-safe.
class Reports {
 public:
  /// All must outlive it, and the task group's stop().
  struct Parts {
    const Clock& clock;
    io::engine::Engine& engine;
    io::dns::Resolver& resolver;
    state::mailbox::Mailboxes& mailboxes;
    io::net::WorkerPool& workers;
    io::net::TaskGroup& tasks;
    base::observe::Logger& log;
    base::observe::Metrics& metrics;
    base::observe::EventSink& journal;
    Submit submit;             // called only while run() or send_now() run
    Poster* poster = nullptr;  // null: nothing goes by HTTPS
    std::string hostname;
  };
  template <class T>
  using Result = state::reports::Tally::Result<T>;

  Reports(Parts parts, Options options);

  /// Before anything is counted.
  Result<void> open() { return tally_.open(); }
  /// Writes, closes days, sends and sweeps until cancelled: spawn it into a task group; afterwards call flush() once
  /// more.
  asio::awaitable<void> run();
  Result<void> flush() { return tally_.flush(); }
  /// Closes the period that is open and sends all that waits, whatever the time.
  Result<Sender::Figures> send_now();

  /// Where evaluations and TLS outcomes go.
  [[nodiscard]] Counting& counting() { return counting_; }
  /// The journal for those who deliver: it hears what comes to addresses for reports.
  [[nodiscard]] base::observe::EventSink& journal();
  [[nodiscard]] Arrivals& arrivals() { return arrivals_; }
  [[nodiscard]] state::reports::Received& received() { return received_; }
  [[nodiscard]] bool sends() const { return !options_.contact.empty(); }
  [[nodiscard]] std::uint64_t dropped() const { return tally_.dropped(); }

 private:
  asio::awaitable<void> sweep();

  const Clock& clock_;
  base::observe::Logger& log_;
  base::observe::EventSink& journal_;
  Options options_;
  state::reports::Tally tally_;
  state::reports::Received received_;
  Counting counting_;
  Arrivals arrivals_;
  DeliveryWatch watch_;
  Sender sender_;
};

}  // namespace veredus::work::reports
