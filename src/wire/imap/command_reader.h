#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "wire/imap/command.h"
#include "wire/imap/command_error.h"
#include "wire/imap/reader_options.h"
#include "wire/imap/reply.h"

namespace veredus::wire::imap {

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
  std::string tag{};  // "*": none could be read
  Condition condition = Condition::kBad;
  std::string code{};  // without brackets; empty: none
  std::string text{};
  std::optional<CommandError> error{};  // none when the door refused
  bool close = false;                   // say BYE and close: too much comes that was not asked for
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
  /// Instead of going on, at NeedMessage or NeedLiteral, or after passed(): what the client still sends of the command
  /// is thrown away (Discard and NeedLine steps), then Refused.
  ReadStep refuse(Condition condition, std::string code, std::string text);
  /// A line was longer than NeedLine said; its octets are gone up to its LF, but for how it began, whose tag is
  /// answered, and how it ended (without CRLF): a literal may follow it.
  ReadStep line_was_too_long(std::string_view begin, std::string_view end);

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
