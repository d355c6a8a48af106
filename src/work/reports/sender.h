#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/types/clock.h"
#include "io/net/asio.h"
#include "rules/dmarc/report_destination.h"
#include "state/directory/write_turn.h"
#include "state/reports/tally.h"
#include "state/spool/queue_id.h"
#include "work/reports/options.h"

namespace veredus::base::observe {
class Logger;
class Metrics;
}  // namespace veredus::base::observe
namespace veredus::io::dns {
class Resolver;
}
namespace veredus::io::net {
class WorkerPool;
}

namespace veredus::work::reports {

class Poster;

/// A report on its way: one message to one address.
struct ReportLetter {
  state::spool::QueueId id;  // the same however often it is submitted
  std::string from;          // address
  std::string to;            // address
  std::string octets;
};

enum class Submitted : std::uint8_t {
  kTaken,
  kRefused,   // for good: nobody will take it
  kTryLater,  // not now
};
using Submit = std::function<asio::awaitable<Submitted>(ReportLetter)>;

/// Makes the reports of periods that are over and sends each to all its destinations: once, also when the program ends
/// in the middle, for a letter goes under an id that it has for ever, and what arrived is noted. Thread-safe.
class Sender {
 public:
  /// All must outlive it.
  struct Parts {
    const Clock& clock;
    state::reports::Tally& tally;
    io::dns::Resolver& resolver;
    io::net::WorkerPool& workers;
    base::observe::Logger& log;
    base::observe::Metrics& metrics;
    Submit submit;
    Poster* poster = nullptr;  // null: nothing goes by HTTPS
    std::string hostname;      // part of the reports' ids
  };
  Sender(Parts parts, Options options);

  enum class When : std::uint8_t {
    kDue,  // those whose time has come
    kNow,  // all
  };
  struct Figures {
    std::size_t sent = 0;        // to one destination each
    std::size_t not_wanted = 0;  // nobody asks for them, or may
    std::size_t waiting = 0;     // to be tried again
  };
  template <class T>
  using Result = state::reports::Tally::Result<T>;

  /// Goes through all periods that are over.
  Result<Figures> send(When when);

  /// When the next one is due; nothing is before. As of the last send().
  [[nodiscard]] SystemTime next_due() const {
    return SystemTime(std::chrono::milliseconds(next_due_.load(std::memory_order_relaxed)));
  }

 private:
  using Period = state::reports::Period;
  using Subject = state::reports::Subject;
  /// One destination of a report.
  struct Target {
    std::string uri;
    std::optional<std::uint64_t> most_octets;
  };
  /// What is sent, made once for all destinations.
  struct Made {
    std::string packed;                                                         // the document in gzip
    std::function<std::string(std::string to, std::string message_id)> letter;  // pure, may take long
  };
  enum class Fate : std::uint8_t { kSent, kNot, kLater };
  struct Retry {
    SystemTime next;
    unsigned tries = 0;
  };

  Result<void> send_subject(Period period, Subject subject, Figures* figures);
  Result<void> send_to_all(Period period, Subject subject, std::vector<Target> targets, Made made, Figures* figures,
                           bool* later);
  asio::awaitable<Fate> send_to(Period period, Subject subject, Target target, const Made* made);
  asio::awaitable<Fate> mail_to(Period period, Subject subject, Target target, const Made* made);
  asio::awaitable<Fate> post_to(Subject subject, Target target, const Made* made);
  asio::awaitable<std::vector<Target>> dmarc_targets(state::reports::AskedFor asked, bool* later);
  asio::awaitable<std::vector<Target>> tls_targets(std::string domain, bool* later);
  Result<std::optional<Made>> make(Period period, Subject subject, state::reports::Tally::Rows rows);
  [[nodiscard]] std::string report_id(const Period& period, const Subject& subject) const;
  [[nodiscard]] state::spool::QueueId letter_id(const Period& period, const Subject& subject,
                                                const std::string& to) const;
  [[nodiscard]] SystemTime due(const Period& period, const Subject& subject) const;
  void count(const Subject& subject, std::string_view result) const;
  void note(const Subject& subject, const Target& target, Fate fate, std::string_view why) const;

  Parts parts_;
  Options options_;
  std::string submitter_;  // the contact's domain
  state::directory::WriteTurn turn_;
  std::map<std::pair<Period, Subject>, Retry> retries_;
  std::atomic<std::int64_t> next_due_{0};  // milliseconds since 1970
};

}  // namespace veredus::work::reports
