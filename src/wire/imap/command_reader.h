#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "wire/imap/command.h"
#include "wire/imap/command_error.h"
#include "wire/imap/reply.h"

namespace veredus::wire::imap {

/// What one command may take, and how names are written. The door sets them anew after login and ENABLE.
struct ReaderOptions {
  std::size_t line_octets = 64 * 1024;      // one line, without CRLF
  std::size_t literal_octets = 256 * 1024;  // of one string, also without waiting ("{5+}"); RFC 7888 s4
  std::size_t command_octets = 1024 * 1024;
  std::uint64_t message_octets = 64 * 1024 * 1024;  // of a message's literal; 0: none is taken (not logged in)
  std::uint64_t discard_octets = 64 * 1024 * 1024;  // more that comes unasked and is not wanted: BYE
  std::size_t nesting = 32;
  std::size_t search_terms = 2'000;
  std::size_t arguments = 10'000;  // flags, items, entries, patterns, messages of one command
  bool utf8_names = false;         // after ENABLE UTF8=ACCEPT or IMAP4rev2: "&" is itself
  bool utf8_accept = false;        // after ENABLE UTF8=ACCEPT: SEARCH has no CHARSET

  [[nodiscard]] static ReaderOptions before_login();
};

/// Read a line of at most so many octets and give it to feed_line.
struct NeedLine {
  std::size_t max_octets = 0;
};
/// Say "+ " when `synchronizing`, then read so many octets and give them to feed_literal.
struct NeedLiteral {
  std::uint64_t octets = 0;
  bool synchronizing = false;
};
/// The literal of a message comes: CommandReader::append() or replace() has all that stood before it (its own flags,
/// date and piece too). Refuse it (refuse()), or say "+ " when `synchronizing`, stream so many octets to the store and
/// call passed().
struct NeedMessage {
  std::uint64_t octets = 0;
  bool synchronizing = false;
  bool binary = false;  // literal8: NUL is allowed (RFC 3516 s4.4)
};
/// Read so many octets, throw them away, and call passed().
struct Discard {
  std::uint64_t octets = 0;
};
struct Complete {
  Command command;
};
/// The whole command was read (or, `close`, cannot be) and is not to be done. Answer `tag status [code] text`.
struct Refused {
  std::string tag;  // "*": none could be read
  Condition condition = Condition::kBad;
  std::string code;  // without brackets; empty: none
  std::string text;
  std::optional<CommandError> error;  // none when the door refused
  bool close = false;                 // say BYE and close: too much comes that was not asked for
};
using ReadStep = std::variant<NeedLine, NeedLiteral, NeedMessage, Discard, Complete, Refused>;

/// Reads commands: sans-I/O, one after another. Memory: at most command_octets and what is parsed from them. After
/// Complete and Refused the next call is feed_line with the next command. RFC 9051 s4.3, s9; RFC 7888.
class CommandReader {
 public:
  explicit CommandReader(ReaderOptions options = {});
  CommandReader(CommandReader&&) noexcept;
  CommandReader& operator=(CommandReader&&) noexcept;
  ~CommandReader();

  /// Between commands only.
  void set_options(const ReaderOptions& options);
  [[nodiscard]] const ReaderOptions& options() const;

  /// One line without its CRLF (or bare LF).
  ReadStep feed_line(std::string_view line);
  /// The octets NeedLiteral asked for.
  ReadStep feed_literal(std::string_view octets);
  /// After NeedMessage and Discard.
  ReadStep passed();
  /// Instead of going on, at NeedMessage or NeedLiteral: what the client sends on its own is thrown away, then Refused.
  ReadStep refuse(Condition condition, std::string code, std::string text);
  /// A line was longer than NeedLine said; its octets are gone up to its LF.
  ReadStep line_was_too_long();

  /// At NeedMessage: what was read so far.
  [[nodiscard]] const Append* append() const;
  [[nodiscard]] const Replace* replace() const;
  /// Of the command being read; empty: none yet.
  [[nodiscard]] std::string_view tag() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace veredus::wire::imap
