#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

namespace veredus::doors::pop3 {

enum class Verb : std::uint8_t {
  kAuth,  // RFC 5034 s4
  kCapa,  // RFC 2449 s5
  kDele,
  kLang,  // RFC 6856 s3.2
  kList,
  kNoop,
  kPass,
  kQuit,
  kRetr,
  kRset,
  kStat,
  kStls,  // RFC 2595 s4
  kTop,
  kUidl,
  kUser,
  kUtf8,  // RFC 6856 s3.1
};
[[nodiscard]] std::string_view to_string(Verb verb);

/// One command line. Views go into the line.
struct Command {
  Verb verb{};
  std::string_view text;                 // PASS: all of it; USER, LANG; AUTH: the mechanism, may be empty
  std::string_view initial_response;     // AUTH: base64 or "="; empty: none
  std::optional<std::uint32_t> message;  // LIST and UIDL: nullopt is all
  std::uint32_t lines = 0;               // TOP
  friend bool operator==(const Command&, const Command&) = default;
};

enum class CommandError : std::uint8_t {
  kUnknown,            // no such command
  kMissingArgument,    //
  kTooManyArguments,   //
  kBadMessageNumber,   // not 1..4294967295
  kBadLineCount,       // not 0..4294967295
  kControlCharacters,  // NUL, or another one where a name or number should be
};
[[nodiscard]] std::string_view to_string(CommandError error);

/// Parses one line without CRLF. Spaces at its end are passed over, but in PASS, where they may be the password's.
///   command = keyword *( SP argument ) ; keyword of 3 or 4 letters in any case
/// Source: RFC 1939 s3, s9; RFC 2449 s4. Never allocates.
std::expected<Command, CommandError> parse_command(std::string_view line);

}  // namespace veredus::doors::pop3
