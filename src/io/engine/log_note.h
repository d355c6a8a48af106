#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace veredus::io::engine {

/// A place in the write-ahead logs.
struct LogPosition {
  std::uint64_t log = 0;     // the file's number
  std::uint64_t octets = 0;  // from its beginning
  auto operator<=>(const LogPosition&) const = default;
};

/// What every write to the log begins with: how far the logs were synced when it was written. It tells damage in what
/// was synced from the torn end that a power loss leaves. On disk: docs/formats/engine.md, The log.
struct LogNote {
  std::uint64_t token = 0;  // of the process that wrote it: what looks like a note inside a message has another
  LogPosition synced;
};

/// The note as what WriteBatch::PutLogData() takes.
[[nodiscard]] std::string encode(const LogNote& note);

/// How many octets of a record say all about it.
constexpr std::size_t kRecordHeadOctets = 48;

/// The head of a record of the log, which is a WriteBatch.
struct RecordHead {
  std::uint64_t sequence = 0;
  std::uint32_t changes = 0;  // sequence numbers it takes
  std::optional<LogNote> note;
};
/// `octets`: at least the first kRecordHeadOctets of the record, or all of it. nullopt: too short for a WriteBatch.
[[nodiscard]] std::optional<RecordHead> decode_head(std::string_view octets);

/// What every write to the log ends with, as log data: so that no record ends in zeros, and one whose last sector never
/// reached the disk shows it.
constexpr std::string_view kRecordEnd = "\xff";

}  // namespace veredus::io::engine
