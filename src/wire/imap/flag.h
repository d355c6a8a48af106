#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/imap/command_error.h"

namespace veredus::wire::imap {

/// System flags (RFC 9051 s2.3.2) as bits, the first five those of state/mailbox.
enum SystemFlag : std::uint8_t {
  kSeen = 1,
  kAnswered = 2,
  kFlagged = 4,
  kDeleted = 8,
  kDraft = 16,
  kRecentFlag = 32,  // RFC 3501 s2.3.2: in replies only
};

/// Flags as a client gives them.
struct FlagList {
  std::uint8_t system = 0;  // SystemFlag bits; \Recent is dropped
  std::vector<std::string> keywords{};
  friend bool operator==(const FlagList&, const FlagList&) = default;
};

/// Reads one flag into `flags`: `\Seen` in any case, or a keyword (an atom), each of the first 128 once.
/// `\Recent` is read and dropped, as mail programs that copy flags send it. Errors: kFlag (other names with a backslash
/// too).
std::expected<void, CommandError> add_flag(FlagList& flags, std::string_view flag);

/// "(\Seen $Junk)". `keywords` are names, already atoms.
void append_flag_list(std::string& out, std::uint8_t system, std::span<const std::string> keywords);

/// The same with keywords as a set of up to 128 bits: bit n is `table[n]`; bits beyond the table are passed over.
void append_flag_list(std::string& out, std::uint8_t system, std::span<const std::string> table, std::uint64_t low,
                      std::uint64_t high);

}  // namespace veredus::wire::imap
