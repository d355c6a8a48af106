#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/observe/events.h"
#include "base/types/ids.h"
#include "io/net/asio.h"
#include "rules/reportmail/arrived.h"
#include "state/reports/received.h"
#include "work/reports/options.h"

namespace veredus::base::observe {
class Counter;
class Logger;
class Metrics;
}  // namespace veredus::base::observe
namespace veredus::io::net {
class TaskGroup;
class WorkerPool;
}  // namespace veredus::io::net
namespace veredus::state::mailbox {
class Mailboxes;
}

namespace veredus::work::reports {

/// What came of a message, or a file, that may hold a report.
enum class Filed : std::uint8_t {
  kNew,
  kKnown,     // it was there before
  kFull,      // as many are kept as may be
  kNoReport,  // these three are rules::reportmail::ReadError's
  kPacked,
  kContent,
  kNotNow,  // the store takes nothing
};
[[nodiscard]] std::string_view to_string(Filed filed);

/// Looks at what was delivered to addresses for reports, once it is in its mailbox, and keeps the reports in it. The
/// message stays where it is. Thread-safe.
class Arrivals {
 public:
  /// All must outlive the task group's stop().
  struct Parts {
    state::mailbox::Mailboxes& mailboxes;
    state::reports::Received& received;
    io::net::WorkerPool& workers;
    io::net::TaskGroup& tasks;
    base::observe::Logger& log;
    base::observe::Metrics& metrics;
    std::string hostname;  // by which our own Authentication-Results are known
  };
  Arrivals(Parts parts, Options options);

  /// Whether mail to this address is looked at.
  [[nodiscard]] bool wants(std::string_view recipient) const;
  /// A message has been delivered. Any thread; never waits.
  void post(AccountId account, EmailId email);

  struct Outcome {
    Filed filed = Filed::kNotNow;
    std::string why;                  // unless it was kept
    state::reports::Summary summary;  // of what was kept, or known
  };
  /// Keeps the report in a message or file.
  asio::awaitable<Outcome> file(std::string octets);

 private:
  asio::awaitable<void> work();
  std::optional<std::pair<AccountId, EmailId>> next();
  asio::awaitable<void> look_at(AccountId account, EmailId email);
  asio::awaitable<std::optional<std::string>> read(AccountId account, EmailId email);
  void note(const Outcome& outcome);

  Parts parts_;
  Options options_;
  std::mutex mutex_;
  std::deque<std::pair<AccountId, EmailId>> waiting_;
  bool working_ = false;
};

/// Stands before the journal, and tells of deliveries to addresses for reports. Both must outlive it.
class DeliveryWatch final : public base::observe::EventSink {
 public:
  DeliveryWatch(base::observe::EventSink& journal, Arrivals& arrivals) : journal_(journal), arrivals_(arrivals) {}
  void record(base::observe::JournalEvent event) override;

 private:
  base::observe::EventSink& journal_;
  Arrivals& arrivals_;
};

}  // namespace veredus::work::reports
