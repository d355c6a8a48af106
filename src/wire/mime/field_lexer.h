#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace veredus::wire::mime {

constexpr bool is_wsp(char c) { return c == ' ' || c == '\t'; }
constexpr bool is_line_end(char c) { return c == '\r' || c == '\n'; }
constexpr bool is_blank(char c) { return is_wsp(c) || is_line_end(c); }

/// Reads the lexical tokens of structured fields, leniently: what is not closed ends with the input. Every octet is
/// looked at a bounded number of times. Source: RFC 5322 s3.2.
class FieldLexer {
 public:
  explicit FieldLexer(std::string_view text) : text_(text) {}

  [[nodiscard]] bool done() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return done() ? '\0' : text_[at_]; }
  [[nodiscard]] std::size_t position() const { return at_; }
  void move_to(std::size_t position) { at_ = position; }
  void skip() { ++at_; }
  bool take(char c);

  void skip_blanks();
  /// CFWS. The text of comments goes to `comments` if given, joined by a space.
  void skip_cfws(std::string* comments = nullptr);
  /// At '(': its text without the outer parentheses, quoted pairs undone, unfolded.
  std::string take_comment();
  /// At '"': its text unquoted and unfolded. One that is not closed ends with its line.
  std::string take_quoted_string();
  /// Up to one of `stops`, a blank, or the end. May be empty.
  std::string_view take_until(std::string_view stops);

 private:
  [[nodiscard]] std::size_t find_quote_end() const;

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace veredus::wire::mime
