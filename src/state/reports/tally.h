#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/types/clock.h"
#include "io/engine/engine.h"
#include "io/net/asio.h"
#include "state/directory/write_turn.h"
#include "state/reports/rows.h"

namespace veredus::state::reports {

/// A time that is reported on as a whole: a day (UTC), or a part of one where somebody did not want to wait.
struct Period {
  SystemTime begin;
  SystemTime end;  // the first moment after it
  friend auto operator<=>(const Period&, const Period&) = default;
};

/// What one report is about.
struct Subject {
  Stream stream = Stream::kDmarc;
  std::string domain;
  friend auto operator<=>(const Subject&, const Subject&) = default;
};

/// Counts what reports will say, period by period: rows with the same octets are one, with a number. `count` only
/// adds to memory; run() writes as relaxed commits, so after a power loss the last seconds may be missing. A period
/// that is over changes no more and stays until every report of it has been sent and erased. Thread-safe.
/// Rows: docs/formats/reports.md.
class Tally {
 public:
  struct Options {
    std::chrono::milliseconds flush_every{5'000};
    std::size_t max_waiting = 20'000;  // different rows in memory; beyond it what is new is dropped, and counted
    std::size_t max_waiting_octets = 32ULL << 20;  // of them; beyond it the same
    std::size_t max_rows = 500'000;                // different rows of one period; beyond it the same
    std::size_t max_octets = 512ULL << 20;         // of them; beyond it the same
    std::chrono::days life{7};                     // of what could not be sent
  };
  static constexpr std::size_t kMostRowOctets = 32 * 1024;  // with its policy; a longer one is dropped, and counted
  template <class T>
  using Result = asio::awaitable<std::expected<T, io::engine::StoreError>>;

  /// Both must outlive it.
  Tally(io::engine::Engine& engine, const Clock& clock, Options options);

  /// One more of `row`. `policy`: what the domain asks for, as of now; empty: it stays as it is. Never waits.
  void count(Stream stream, std::string domain, std::string row, std::string policy);

  /// Goes on with the period that was open when the program ended, or begins one. First of all.
  Result<void> open();
  /// Writes all that waits. On an error it keeps waiting.
  Result<void> flush();
  /// Closes the period when its day is over, and begins the next. Answers whether it did.
  Result<bool> roll();
  /// Closes it whatever the time, unless nothing was counted.
  Result<bool> close_now();

  /// Periods that are over, the oldest first.
  Result<std::vector<Period>> closed();
  /// What a period that is over has counted; `after` the one given.
  Result<std::vector<Subject>> subjects(Period period, std::optional<Subject> after);
  /// As counted last; empty: never with one.
  Result<std::string> policy(Period period, Subject subject);
  struct Rows {
    std::string policy;
    std::vector<std::pair<std::string, std::uint64_t>> rows;  // those that were counted most often first
    std::uint64_t left_out = 0;                               // rows beyond `most` or `most_octets`
  };
  Result<Rows> rows(Period period, Subject subject, std::size_t most, std::size_t most_octets = 16ULL << 20);
  /// Notes that a report has reached one of its destinations, so that it is not sent there again.
  Result<void> mark_sent(Period period, Subject subject, std::string destination);
  Result<bool> was_sent(Period period, Subject subject, std::string destination);
  /// Done with.
  Result<void> erase(Period period, Subject subject);
  /// Erases what is older than its life. Answers how many periods.
  Result<std::size_t> sweep();

  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  struct Counts {
    std::string policy;
    std::map<std::string, std::uint64_t> rows;
  };
  using Waiting = std::map<Subject, Counts>;
  struct Step;

  Result<void> write(std::shared_ptr<Waiting> waiting);
  [[nodiscard]] Step next_step(const Subject& subject, const Counts& counts) const;
  void drop(std::uint64_t number) { dropped_.fetch_add(number, std::memory_order_relaxed); }
  Result<void> flush_in_turn();
  Result<void> close(SystemTime end, SystemTime next);
  /// As noted on disk; nullopt: it was not closed.
  Result<std::optional<SystemTime>> end_of(SystemTime begin);
  void put_back(const Waiting& waiting);

  io::engine::Engine& engine_;
  const Clock& clock_;
  Options options_;
  directory::WriteTurn turn_;  // of whoever looks at the current period or writes to it
  std::mutex mutex_;
  Waiting waiting_;
  std::size_t waiting_rows_ = 0;
  std::size_t waiting_octets_ = 0;  // of rows and policies
  Period current_;
  bool counted_ = false;                     // anything in the current period
  std::unordered_set<std::uint64_t> known_;  // rows of it that are on disk, by the beginning of their hash
  std::size_t known_octets_ = 0;
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace veredus::state::reports
