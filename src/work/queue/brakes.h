#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/types/clock.h"

namespace veredus::work::queue {

/// What one account may send; 0: no limit.
struct BrakeLimits {
  std::uint32_t messages_per_hour = 500;
  std::uint32_t messages_per_day = 2'000;
  std::uint32_t recipients_per_message = 500;
  std::uint32_t new_recipients_per_day = 500;  // addresses the account has never written to
  std::uint32_t bounce_percent = 20;           // of a day's results
  std::uint32_t bounce_from = 50;              // results before the percentage counts
  friend bool operator==(const BrakeLimits&, const BrakeLimits&) = default;
};

enum class Brake : std::uint8_t {
  kMessagesPerHour,
  kMessagesPerDay,
  kRecipientsPerMessage,
  kNewRecipientsPerDay,
  kBounceRatio,
};
/// "messages per hour", "bounce ratio" …
[[nodiscard]] std::string_view to_string(Brake brake);

/// Why a message waits, and until when. Without a time it waits for an administrator.
struct Braked {
  Brake brake;
  std::optional<SystemTime> until;
  std::uint32_t limit = 0;
  friend bool operator==(const Braked&, const Braked&) = default;
};
/// For people: "more than 500 messages per hour".
[[nodiscard]] std::string to_string(const Braked& braked);

/// One message as the brakes see it.
struct BrakedMessage {
  std::uint32_t recipients = 1;      // of all its destinations
  std::uint32_t new_recipients = 0;  // of these, never written to before
  bool continued = false;            // another part of it was counted before: `recipients` are those of both
};

/// What one account sent in the last day, by the hour. A plain value of some 500 octets.
class SendingRecord {
 public:
  /// Whether one more message may go now; does not count it. The first brake it meets.
  [[nodiscard]] std::optional<Braked> check(const BrakeLimits& limits, const BrakedMessage& message,
                                            SystemTime now) const;
  void count_message(const BrakedMessage& message, SystemTime now);
  /// What became of a recipient in the end.
  void count_result(bool bounced, SystemTime now);

  [[nodiscard]] std::uint32_t messages_in_hour(SystemTime now) const;
  [[nodiscard]] std::uint32_t messages_in_day(SystemTime now) const;
  /// Nothing of the last day is in it.
  [[nodiscard]] bool empty(SystemTime now) const;

  [[nodiscard]] std::string encode() const;
  /// nullopt: not what encode() wrote.
  [[nodiscard]] static std::optional<SendingRecord> decode(std::string_view row);

 private:
  /// A ten-minute part of an hour for the hourly brake, hours for the others: a window slides by its parts.
  struct Part {
    std::int64_t number = -1;  // of the part since 1970; -1: never used
    std::uint32_t messages = 0;
    std::uint32_t new_recipients = 0;
    std::uint32_t results = 0;
    std::uint32_t bounces = 0;
  };
  static constexpr std::int64_t kTenMinutes = 10 * 60 * 1000;
  static constexpr std::int64_t kHour = 60 * 60 * 1000;
  using Hour = std::array<Part, 6>;
  using Day = std::array<Part, 24>;

  template <std::size_t N>
  static Part& part_at(std::array<Part, N>& parts, std::int64_t number);
  template <std::size_t N>
  static std::uint32_t sum(const std::array<Part, N>& parts, std::int64_t number, std::uint32_t Part::* of);
  /// When enough of the window has gone for one more.
  template <std::size_t N>
  static SystemTime free_at(const std::array<Part, N>& parts, std::int64_t length, SystemTime now,
                            std::uint32_t Part::* of, std::uint32_t must_go);
  [[nodiscard]] std::optional<Braked> check_bounces(const BrakeLimits& limits, SystemTime now) const;

  Hour hour_{};
  Day day_{};
};

}  // namespace veredus::work::queue
