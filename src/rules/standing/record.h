#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/codec/ip_address.h"
#include "base/types/clock.h"

/// What is remembered of those who send us mail: how long they are known and what became of their messages; and
/// greylisting, which puts off whoever is not known yet. Pure: values in, values out.
namespace veredus::rules::standing {

enum class Outcome : std::uint8_t { kAccepted, kJunk, kRefused, kPutOff };

/// Of one sender: see key_of().
struct Record {
  SystemTime first_seen;
  SystemTime last_seen;
  std::optional<SystemTime> put_off_at;  // told to come back then, and has not yet
  bool came_back = false;                // greylisting knows it
  std::uint64_t accepted = 0;            // messages, by what became of them
  std::uint64_t junk = 0;
  std::uint64_t refused = 0;
  std::uint64_t put_off = 0;

  [[nodiscard]] bool is_new() const { return last_seen == SystemTime(); }
  friend bool operator==(const Record&, const Record&) = default;
};

/// Whom a message is counted for: the domain that authenticated it, or else the network it came from (IPv4: /24, IPv6:
/// /48). Give the registered domain: of names below it anybody has as many as he likes.
[[nodiscard]] std::string key_of(std::string_view authenticated_domain, const base::codec::IpAddress& client);

void count(Record& record, Outcome outcome, SystemTime now);

struct GreylistOptions {
  std::chrono::seconds delay{std::chrono::minutes(5)};     // how long a new sender must wait
  std::chrono::seconds come_back{std::chrono::hours(48)};  // and how long it has to come back
  std::chrono::seconds remember{std::chrono::days(60)};    // a known one that sends nothing for so long is new again
};

/// Whether a message may come in now; nullopt: yes. Else after how long it should be tried again.
std::optional<std::chrono::seconds> greylist(Record& record, const GreylistOptions& options, SystemTime now);

/// For the journal: "known for 12 days, 40 messages, 3 junk".
[[nodiscard]] std::string in_words(const Record& record, SystemTime now);

/// Format: docs/formats/senders.md.
[[nodiscard]] std::string encode(const Record& record);
/// nullopt: not what encode() wrote.
[[nodiscard]] std::optional<Record> decode(std::string_view row);

}  // namespace veredus::rules::standing
