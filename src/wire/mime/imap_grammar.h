#pragma once

#include <cstddef>
#include <string_view>

#include "base/codec/ascii.h"

namespace veredus::wire::mime::test {

/// Reads ENVELOPE, BODY and BODYSTRUCTURE answers strictly by RFC 9051 s9, to check what is written. For tests only.
class ImapGrammar {
 public:
  explicit ImapGrammar(std::string_view text) : rest_(text) {}

  static bool is_envelope(std::string_view text) {
    ImapGrammar grammar(text);
    return grammar.envelope() && grammar.rest_.empty();
  }
  static bool is_body(std::string_view text, bool extended) {
    ImapGrammar grammar(text);
    return grammar.body(extended) && grammar.rest_.empty();
  }

 private:
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool space() { return take(" "); }

  bool number() {
    std::size_t digits = 0;
    unsigned long long value = 0;
    while (digits < rest_.size() && base::codec::is_digit(rest_[digits])) value = value * 10 + (rest_[digits++] - '0');
    rest_.remove_prefix(digits);
    return digits > 0 && digits <= 10 && value <= 0xFFFFFFFF;
  }

  bool literal() {
    std::size_t size = 0;
    while (!rest_.empty() && base::codec::is_digit(rest_.front())) {
      size = size * 10 + static_cast<std::size_t>(rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    if (!take("}\r\n") || size > rest_.size() || rest_.substr(0, size).contains('\0')) return false;
    rest_.remove_prefix(size);
    return true;
  }

  bool string() {
    if (take("{")) return literal();
    if (!take("\"")) return false;
    while (!rest_.empty() && rest_.front() != '"') {
      const char c = rest_.front();
      if (c <= 0 || c == '\r' || c == '\n') return false;
      if (c == '\\' && (rest_.size() < 2 || (rest_[1] != '"' && rest_[1] != '\\'))) return false;
      rest_.remove_prefix(c == '\\' ? 2 : 1);
    }
    return take("\"");
  }
  bool nstring() { return take("NIL") || string(); }

  bool addresses() {
    if (take("NIL")) return true;
    if (!take("(") || !rest_.starts_with("(")) return false;
    while (take("("))
      if (!nstring() || !space() || !nstring() || !space() || !nstring() || !space() || !nstring() || !take(")"))
        return false;
    return take(")");
  }

  bool envelope() {
    if (!take("(") || !nstring() || !space() || !nstring()) return false;
    for (int i = 0; i < 6; ++i)
      if (!space() || !addresses()) return false;
    return space() && nstring() && space() && nstring() && take(")");
  }

  bool parameters() {
    if (take("NIL")) return true;
    if (!take("(")) return false;
    do {
      if (!string() || !space() || !string()) return false;
    } while (space());
    return take(")");
  }

  bool tail() {  // disposition, language, location
    if (!space()) return false;
    if (!take("NIL") && !(take("(") && string() && space() && parameters() && take(")"))) return false;
    if (!space()) return false;
    if (take("(")) {
      do {
        if (!string()) return false;
      } while (space());
      if (!take(")")) return false;
    } else if (!nstring()) {
      return false;
    }
    return space() && nstring();
  }

  bool body(bool extended) {
    if (!take("(")) return false;
    if (rest_.starts_with("(")) {
      while (rest_.starts_with("("))
        if (!body(extended)) return false;
      if (!space() || !string()) return false;
      if (extended && !(space() && parameters() && tail())) return false;
      return take(")");
    }
    const bool text = rest_.starts_with("\"text\"");
    const bool message = rest_.starts_with("\"message\" \"rfc822\"") || rest_.starts_with("\"message\" \"global\"");
    if (!string() || !space() || !string() || !space() || !parameters() || !space() || !nstring() || !space() ||
        !nstring() || !space() || !string() || !space() || !number())
      return false;
    if (message && !(space() && envelope() && space() && body(extended))) return false;
    if ((text || message) && !(space() && number())) return false;
    if (extended && !(space() && nstring() && tail())) return false;
    return take(")");
  }

  std::string_view rest_;
};

}  // namespace veredus::wire::mime::test
