#include "wire/mime/address.h"

#include <optional>
#include <utility>

#include "base/codec/ascii.h"
#include "wire/mime/field_lexer.h"

namespace veredus::wire::mime {
namespace {

constexpr std::string_view kSpecials = "<>,;:\"(@";
constexpr std::size_t kMaxWordOctets = 300;  // longer than RFC 2047 s2 allows an encoded word to be

void append_word(std::string& phrase, std::string_view word, bool spaced) {
  if (!phrase.empty() && spaced) phrase.push_back(' ');
  phrase.append(word);
}

/// The length of an encoded word that begins here; 0 when there is none. Senders let commas and the like stand in one.
std::size_t encoded_word_octets(std::string_view text) {
  text = text.substr(0, kMaxWordOctets);
  if (!text.starts_with("=?")) return 0;
  const auto charset_end = text.find('?', 2);
  if (charset_end == std::string_view::npos || charset_end + 2 >= text.size() || text[charset_end + 2] != '?') return 0;
  const auto end = text.find("?=", charset_end + 3);
  if (end == std::string_view::npos) return 0;
  return text.substr(0, end).find_first_of(" \t\r\n<>\"") == std::string_view::npos ? end + 2 : 0;
}

/// Reads one address list from left to right; each octet is looked at a bounded number of times.
class ListParser {
 public:
  ListParser(std::string_view text, std::size_t max_addresses) : text_(text), lexer_(text), max_(max_addresses) {}

  std::vector<Address> parse() {
    while (!full()) {
      const std::size_t before = lexer_.position();
      lexer_.skip_cfws(&now_.comment);
      const bool spaced = lexer_.position() != before;
      if (lexer_.done()) break;
      take_next(lexer_.peek(), spaced);
    }
    end_entry();
    if (in_group_ && !full()) out_.push_back({.kind = AddressKind::kGroupEnd});
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool full() const { return out_.size() >= max_; }

  void take_next(char c, bool spaced) {
    switch (c) {
      case ',':
        lexer_.skip();
        end_entry();
        return;
      case ';':
        lexer_.skip();
        end_entry();
        if (std::exchange(in_group_, false)) out_.push_back({.kind = AddressKind::kGroupEnd});
        return;
      case ':':
        lexer_.skip();
        begin_group();
        return;
      case '<':
        lexer_.skip();
        take_angle();
        return;
      case '>':
        lexer_.skip();
        return;
      case '@':
        lexer_.skip();
        take_bare_domain();
        return;
      case '"':
        take_word(lexer_.take_quoted_string(), spaced, true);
        return;
      default:
        take_atom(spaced);
    }
  }

  void take_atom(bool spaced) {
    const std::size_t begin = lexer_.position();
    if (const auto octets = encoded_word_octets(text_.substr(begin)); octets > 0) {
      lexer_.move_to(begin + octets);
      take_word(text_.substr(begin, octets), spaced, false);
      return;
    }
    take_word(lexer_.take_until(kSpecials), spaced, false);
  }

  /// A word of a phrase, or of a local part: which of both shows only when '@' comes. obs-local-part may have spaces
  /// around its dots, so words beside a dot are kept together, as text (last_) and as a phrase (last_shown_).
  void take_word(std::string_view word, bool spaced, bool quoted) {
    const bool beside = have_last_ && (!spaced || last_.ends_with('.') || (word.starts_with('.') && !quoted));
    if (!beside) {
      end_word();
      last_spaced_ = spaced;
      last_quoted_ = false;
      have_last_ = true;
    }
    append_word(last_shown_, word, spaced);
    last_ += word;
    last_quoted_ = last_quoted_ || quoted;
  }

  void end_word() {
    if (have_last_) append_word(now_.name, last_shown_, last_spaced_);
    drop_word();
  }

  void drop_word() {
    have_last_ = false;
    last_.clear();
    last_shown_.clear();
  }

  /// group = display-name ":" [group-list] ";" (RFC 5322 s3.4). A colon elsewhere is passed over.
  void begin_group() {
    end_word();
    if (in_group_ || has_address_ || now_.name.empty()) return;
    now_.kind = AddressKind::kGroupStart;
    out_.push_back(std::exchange(now_, {}));
    in_group_ = true;
  }

  /// After '<'. angle-addr = "<" [obs-route] addr-spec ">" (RFC 5322 s3.4, s4.4)
  void take_angle() {
    if (has_address_ && !now_.bracketed)  // "a@b <c@d>": many write their address where their name should stand
      append_word(now_.name, now_.local_part + '@' + now_.domain, true);
    end_word();
    const std::size_t begin = lexer_.position();
    const std::size_t end = angle_end(begin);
    FieldLexer inside(text_.substr(begin, end - begin));
    inside.skip_cfws(&now_.comment);
    while (inside.take('<')) inside.skip_cfws(&now_.comment);
    if (inside.peek() == '@') {
      while (!inside.done() && inside.peek() != ':') {
        now_.route.append(inside.take_until(":("));
        inside.skip_cfws(&now_.comment);
      }
      inside.take(':');
    }
    take_spec(inside);
    now_.bracketed = has_address_ = true;
    lexer_.move_to(end < text_.size() && text_[end] == '>' ? end + 1 : end);
  }

  /// addr-spec = local-part "@" domain, with white space and comments anywhere. The last '@' parts them.
  void take_spec(FieldLexer& inside) {
    now_.local_part.clear();
    now_.domain.clear();
    now_.quoted = false;
    bool after_at = false;
    while (true) {
      inside.skip_cfws(&now_.comment);
      if (inside.done()) return;
      if (inside.take('@')) {
        if (after_at) now_.local_part += '@' + now_.domain;
        now_.domain.clear();
        after_at = true;
      } else if (inside.peek() == '"') {
        (after_at ? now_.domain : now_.local_part) += inside.take_quoted_string();
        now_.quoted = now_.quoted || !after_at;
      } else {
        (after_at ? now_.domain : now_.local_part) += inside.take_until("@\"(");
      }
    }
  }

  /// Where the bracket closes: a '>' outside of quotes, else the next '>' at all, else a comma, else the end.
  std::size_t angle_end(std::size_t begin) {
    if (!no_more_closing_) {
      bool in_quotes = false;
      for (std::size_t i = begin; i < text_.size() && i < begin + kMaxAngle; ++i) {
        if (text_[i] == '\\' && in_quotes) {
          ++i;
        } else if (text_[i] == '"') {
          in_quotes = !in_quotes;
        } else if (text_[i] == '>' && !in_quotes) {
          return i;
        }
      }
      const auto end = text_.find('>', begin);
      if (end != std::string_view::npos) return end;
      no_more_closing_ = true;
    }
    return std::min(text_.find(',', begin), text_.size());
  }

  /// After '@' of an address without brackets.
  void take_bare_domain() {
    if (has_address_ && !now_.bracketed) {  // "a@b@c": the last '@' parts
      now_.local_part += '@' + std::exchange(now_.domain, {});
    } else if (!has_address_) {
      now_.local_part = std::exchange(last_, {});
      now_.quoted = last_quoted_;
      drop_word();
    }
    std::string domain;
    while (true) {
      lexer_.skip_cfws(&now_.comment);
      if (lexer_.peek() == '[') {
        domain += lexer_.take_until("]>,;");
        if (lexer_.take(']')) domain.push_back(']');
      } else {
        domain += lexer_.take_until(kSpecials);
      }
      const std::size_t after = lexer_.position();
      lexer_.skip_cfws(&now_.comment);
      const bool goes_on =
          lexer_.peek() == '.' || (domain.ends_with('.') && !lexer_.done() && !kSpecials.contains(lexer_.peek()));
      if (goes_on && lexer_.position() != after) continue;
      break;
    }
    if (!now_.bracketed) now_.domain = std::move(domain);
    has_address_ = true;
  }

  void end_entry() {
    const bool bare = !has_address_;
    if (bare && now_.name.empty() && have_last_ && last_ == last_shown_) {  // one word: a local name
      now_.local_part = last_;
      now_.quoted = last_quoted_;
      drop_word();
    }
    end_word();
    const bool empty = now_.name.empty() && now_.local_part.empty() && now_.domain.empty();
    if (!empty && !full()) out_.push_back(std::move(now_));
    now_ = {};
    has_address_ = last_quoted_ = false;
  }

  static constexpr std::size_t kMaxAngle = 2'000;

  std::string_view text_;
  FieldLexer lexer_;
  std::size_t max_;
  std::vector<Address> out_;
  Address now_;
  std::string last_;  // the last words, not yet part of the name
  std::string last_shown_;
  bool have_last_ = false;
  bool last_quoted_ = false;
  bool last_spaced_ = false;
  bool has_address_ = false;
  bool in_group_ = false;
  bool no_more_closing_ = false;  // no '>' in the rest: keeps a row of '<' linear
};

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

}  // namespace

std::vector<Address> parse_address_list(std::string_view value, std::size_t max_addresses) {
  return ListParser(value, max_addresses).parse();
}

std::string address_text(const Address& address) {
  std::string out = address.quoted ? quoted(address.local_part) : address.local_part;
  if (!address.domain.empty()) out += '@' + address.domain;
  return out;
}

std::string display_name(const Address& address, Undeclared undeclared) {
  std::string name = decode_words(address.name, undeclared);
  if (address.comment.empty()) return name;
  const std::string comment = decode_words(address.comment, undeclared);
  return name.empty() ? comment : name + " (" + comment + ")";
}

}  // namespace veredus::wire::mime
