#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

#include "wire/imap/append.h"
#include "wire/imap/command_parser.h"
#include "wire/imap/cursor.h"
#include "wire/imap/reader_options.h"

namespace veredus::wire::imap {

/// Reads APPEND and REPLACE bit by bit, as their messages stream past: each call goes on where the last one stopped.
class AppendParser {
 public:
  AppendParser(MessageVerb verb, const ReaderOptions& options);

  enum class Next : std::uint8_t {
    kString,   // the literal at the end of what there is belongs to the command: call again when its octets are there
    kMessage,  // the literal at the end is a message's: call again with what follows it
    kDone,
  };
  /// `at` begins where consumed() of the last call ended.
  std::expected<Next, CommandError> run(Cursor& at);
  /// Up to where the last call's octets are done with.
  [[nodiscard]] std::size_t consumed() const { return consumed_; }
  /// Of the message that kMessage told of.
  [[nodiscard]] const LiteralMark& mark() const { return mark_; }

  [[nodiscard]] const Append* append() const { return verb_ == MessageVerb::kAppend ? &append_ : nullptr; }
  [[nodiscard]] const Replace* replace() const { return verb_ == MessageVerb::kAppend ? nullptr : &replace_; }
  [[nodiscard]] CommandBody take();

 private:
  enum class Stage : std::uint8_t { kTarget, kMessage, kPiece, kBehindUtf8, kBehindPiece, kBehindMessage };
  using Stepped = std::expected<std::optional<Next>, CommandError>;

  Stepped step(Cursor& at);
  std::expected<void, CommandError> parse_target(Cursor& at);
  std::expected<void, CommandError> parse_attributes(Cursor& at, AppendedMessage& message);
  Stepped parse_data(Cursor& at);
  Stepped parse_piece(Cursor& at);
  Stepped parse_literal(Cursor& at, bool utf8);
  Stepped parse_behind_message(Cursor& at);
  [[nodiscard]] AppendedMessage& message();

  MessageVerb verb_;
  ReaderOptions options_;
  Stage stage_ = Stage::kTarget;
  Append append_;
  Replace replace_;
  LiteralMark mark_;
  std::size_t consumed_ = 0;
  std::size_t pieces_ = 0;
};

}  // namespace veredus::wire::imap
