#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/types/result.h"
#include "wire/imap/command_error.h"
#include "wire/imap/imap_string.h"
#include "wire/imap/sequence_set.h"

namespace veredus::wire::imap {

/// `{n}`, `{n+}`, each perhaps with `~` before.
struct LiteralMark {
  std::uint64_t octets = 0;  // too many for 63 bits: the most there can be
  bool synchronizing = true;
  bool binary = false;
};
/// The mark that ends a line. nullopt: none. `octets_before`, if given, gets the length of the line without it.
[[nodiscard]] std::optional<LiteralMark> literal_at_end(std::string_view line, std::size_t* octets_before = nullptr);

[[nodiscard]] bool is_atom_char(char c);

/// Goes through one command's octets from front to back. Literals stand in it as they came, mark, CRLF and octets. An
/// error leaves it where the wrong octet is. Words are compared in any case.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
  [[nodiscard]] std::size_t position() const { return at_; }
  void go_to(std::size_t position) { at_ = position; }
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  /// A literal's octets were not there yet.
  [[nodiscard]] bool ran_out() const { return ran_out_; }

  bool take(char c);
  /// `word` when what comes is that word and ends there.
  bool take_word(std::string_view word);
  /// One or more blanks, as mail programs double them.
  bool skip_blanks();
  std::expected<void, CommandError> space();
  std::expected<void, CommandError> list_begin();
  /// ")" after any blanks.
  bool list_end();
  /// Between the members of a list: true when another one comes (its blank is taken), false when ")" ended it.
  std::expected<bool, CommandError> list_goes_on();
  /// The command's end after any blanks.
  std::expected<void, CommandError> end();

  /// 1*ATOM-CHAR
  std::expected<std::string_view, CommandError> atom();
  /// What comes up to a blank, a parenthesis or the end: names of items, in whatever characters. May be empty.
  std::string_view word();
  /// astring: an atom (with "]", and octets above 127 as some mail programs send them) or string.
  std::expected<std::string, CommandError> astring();
  /// list-mailbox: astring with "%" and "*".
  std::expected<std::string, CommandError> pattern();
  /// Quoted, literal or (where the grammar has it too) literal8.
  std::expected<std::string, CommandError> string();
  std::expected<std::optional<std::string>, CommandError> nstring();
  std::expected<std::string, CommandError> mailbox(Names names);
  /// The mark of a literal, with its CRLF.
  std::optional<LiteralMark> literal_mark();

  std::expected<std::uint32_t, CommandError> number();
  std::expected<std::uint32_t, CommandError> nonzero();
  /// 63 bits.
  std::expected<std::uint64_t, CommandError> number64();
  std::expected<SequenceSet, CommandError> sequence_set();

 private:
  std::expected<std::string, CommandError> quoted();
  std::expected<std::string, CommandError> literal();
  template <class Accept>
  std::string_view take_while(Accept accept);

  std::string_view text_;
  std::size_t at_ = 0;
  bool ran_out_ = false;
};

}  // namespace veredus::wire::imap
