#include "wire/mime/encoded_word.h"

#include <algorithm>
#include <optional>

#include "base/codec/ascii.h"
#include "base/codec/base64.h"
#include "base/codec/hex.h"
#include "base/codec/utf8.h"
#include "wire/mime/field_lexer.h"

namespace veredus::wire::mime {
namespace {

using base::codec::hex_value;

constexpr std::string_view kHexDigits = "0123456789ABCDEF";
constexpr std::size_t kMaxWord = 75;  // RFC 2047 s2
constexpr std::size_t kMaxColumn = 76;

/// One encoded word, as views into the text it was found in.
struct Word {
  std::string_view charset;
  char encoding = 'Q';
  std::string_view text;
  std::size_t end = 0;  // after "?="
};

/// The "Q" encoding of RFC 2047 s4.2.
void decode_q(std::string_view text, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_') {
      out.push_back(' ');
    } else if (is_line_end(text[i])) {
      continue;  // a fold inside of a word, which nothing allows
    } else if (text[i] == '=' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
}

void decode_word(const Word& word, std::string& out) {
  if (word.encoding == 'Q') {
    decode_q(word.text, out);
    return;
  }
  base::codec::Base64Decoder decoder;
  decoder.feed(word.text, out);
  decoder.finish(out);
}

/// Undoes the encoded words of one text from left to right. Adjacent words of one charset are put together before they
/// are converted, because many senders cut characters in two.
class WordDecoder {
 public:
  WordDecoder(std::string_view text, Undeclared undeclared) : text_(text), undeclared_(undeclared) {}

  std::string decode() {
    out_.reserve(text_.size());
    std::size_t raw_begin = 0;
    std::size_t at = 0;
    while ((at = text_.find("=?", at)) != std::string_view::npos) {
      const auto word = word_at(at);
      if (!word) {
        at += 2;
        continue;
      }
      take_raw(text_.substr(raw_begin, at - raw_begin));
      take_word(*word);
      at = raw_begin = word->end;
    }
    flush();
    append_raw(text_.substr(raw_begin));
    return std::move(out_);
  }

 private:
  /// encoded-word = "=?" charset ["*" language] "?" encoding "?" encoded-text "?=" (RFC 2047 s2, RFC 2231 s5)
  std::optional<Word> word_at(std::size_t begin) {
    constexpr std::size_t kMaxCharset = 80;
    if (no_more_ends_) return std::nullopt;
    const auto head = text_.substr(begin + 2, kMaxCharset);
    const auto mark = head.find('?');
    if (mark == std::string_view::npos || mark == 0) return std::nullopt;
    Word word;
    const auto name = head.substr(0, mark);
    word.charset = name.substr(0, name.find('*'));
    const std::size_t after = begin + 2 + mark + 1;
    if (after + 1 >= text_.size() || text_[after + 1] != '?') return std::nullopt;
    word.encoding = base::codec::to_upper_ascii(text_[after]);
    if (word.encoding != 'B' && word.encoding != 'Q') return std::nullopt;
    const auto end = text_.find("?=", after + 2);
    if (end == std::string_view::npos) {
      no_more_ends_ = true;
      return std::nullopt;
    }
    word.text = text_.substr(after + 2, end - after - 2);
    word.end = end + 2;
    if (!is_known_charset(word.charset)) return std::nullopt;
    return word;
  }

  void take_raw(std::string_view raw) {
    const bool only_blanks = base::codec::trim_ascii(raw).empty();
    if (!raw.empty() && !(only_blanks && after_word_)) {  // RFC 2047 s6.2
      flush();
      append_raw(raw);
    }
  }

  void take_word(const Word& word) {
    if (!pending_.empty() && !base::codec::iequals_ascii(charset_, word.charset)) flush();
    if (!after_word_ && out_.ends_with(']')) out_.push_back(' ');  // "[tag]=?…", put there without RFC 2047 s5's space
    charset_ = word.charset;
    decode_word(word, pending_);
    after_word_ = true;
  }

  void append_raw(std::string_view raw) {
    if (!raw.empty()) after_word_ = false;
    out_ += undeclared_to_utf8(raw, undeclared_);
  }

  void flush() {
    if (!pending_.empty()) out_ += to_utf8(pending_, charset_, undeclared_);
    pending_.clear();
  }

  std::string_view text_;
  Undeclared undeclared_;
  std::string out_;
  std::string pending_;  // decoded octets of words whose charset is charset_
  std::string_view charset_;
  bool after_word_ = false;
  bool no_more_ends_ = false;  // no "?=" in the rest: keeps a row of unfinished words linear
};

/// Each fold and the white space around it become one LF, which is seen as white space until the end.
std::string join_lines(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!is_line_end(value[i])) {
      out.push_back(value[i]);
      continue;
    }
    while (!out.empty() && is_wsp(out.back())) out.pop_back();
    while (i + 1 < value.size() && is_blank(value[i + 1])) ++i;
    out.push_back('\n');
  }
  return out;
}

bool is_plain(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 32 || c > 126 || (c == '=' && i + 1 < text.size() && text[i + 1] == '?')) return false;
  }
  return true;
}

std::string without_controls(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = ' ';
  return text;
}

bool needs_encoding(std::string_view word) {
  for (const char c : word)
    if (static_cast<unsigned char>(c) < 32 || static_cast<unsigned char>(c) > 126) return true;
  return word.contains("=?") || word.size() > kMaxColumn;
}

/// What the Q encoding may leave as it is anywhere, also in a phrase. RFC 2047 s5 rule 3.
bool is_q_safe(char c) {
  return base::codec::is_alpha(c) || base::codec::is_digit(c) || std::string_view("!*+-/").contains(c);
}

std::string q_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ') {
      out.push_back('_');
    } else if (is_q_safe(c)) {
      out.push_back(c);
    } else {
      out.push_back('=');
      out.push_back(kHexDigits[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kHexDigits[static_cast<unsigned char>(c) & 15]);
    }
  }
  return out;
}

/// As much of `text` as fits `room` in one word, whole characters, at least one; removes it from `text`.
std::string take_encoded_word(std::string_view& text, std::size_t room, bool base64) {
  const std::size_t payload = room < 12 + 4 ? 4 : room - 12;  // "=?UTF-8?B?" and "?="
  std::size_t octets = 0;
  std::size_t cost = 0;
  while (octets < text.size()) {
    const std::size_t next = std::max<std::size_t>(base::codec::first_utf8_character(text.substr(octets)).octets, 1);
    const std::size_t next_cost =
        base64 ? (octets + next + 2) / 3 * 4 : cost + q_encode(text.substr(octets, next)).size();
    if (octets > 0 && next_cost > payload) break;
    cost = next_cost;
    octets += next;
  }
  const auto piece = text.substr(0, octets);
  text.remove_prefix(octets);
  return base64 ? "=?UTF-8?B?" + base::codec::base64_encode(piece) + "?=" : "=?UTF-8?Q?" + q_encode(piece) + "?=";
}

/// Appends `text` as encoded words, each folded to a line of its own where the present one has no room.
void append_encoded(std::string& out, std::string_view text, std::size_t& column) {
  const bool base64 = q_encode(text).size() > (text.size() + 2) / 3 * 4;
  bool first = true;
  while (!text.empty()) {
    if (!first) {
      out += "\r\n ";
      column = 1;
    }
    const std::size_t room = std::min(kMaxWord, column < kMaxColumn ? kMaxColumn - column : 0);
    const std::string word = take_encoded_word(text, room, base64);
    out += word;
    column += word.size();
    first = false;
  }
}

/// A stretch of text between white space, with the white space before it.
struct Stretch {
  std::string_view blanks, word;
};

Stretch take_stretch(std::string_view& rest) {
  Stretch out;
  const auto word = std::min(rest.find_first_not_of(" \t"), rest.size());
  out.blanks = rest.substr(0, word);
  rest.remove_prefix(word);
  const auto end = std::min(rest.find_first_of(" \t"), rest.size());
  out.word = rest.substr(0, end);
  rest.remove_prefix(end);
  return out;
}

bool is_atom_octet(char c) {
  return base::codec::is_alpha(c) || base::codec::is_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c);
}

}  // namespace

std::string unfold(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (const char c : value)
    if (!is_line_end(c)) out.push_back(c);
  return out;
}

std::string decode_words(std::string_view text, Undeclared undeclared) {
  return WordDecoder(text, undeclared).decode();
}

std::string decode_header(std::string_view value, Undeclared undeclared) {
  const auto trimmed = base::codec::trim_ascii(value);
  if (is_plain(trimmed)) return std::string(trimmed);
  return without_controls(decode_words(join_lines(trimmed), undeclared));
}

std::string encode_unstructured(std::string_view text_utf8, std::size_t column) {
  const std::string clean = without_controls(base::codec::replace_invalid_utf8(text_utf8));
  std::string_view rest = base::codec::trim_ascii(clean, " ");
  std::string out;
  while (!rest.empty()) {
    Stretch stretch = take_stretch(rest);
    if (needs_encoding(stretch.word)) {  // as far as the last word in a row that needs it
      std::string run(stretch.word);
      for (std::string_view after = rest; !after.empty();) {
        const Stretch next = take_stretch(after);
        if (!needs_encoding(next.word)) break;
        run.append(next.blanks).append(next.word);
        rest = after;
      }
      const bool fold = column + stretch.blanks.size() + 20 > kMaxColumn && !out.empty();
      out += fold ? "\r\n " : std::string(stretch.blanks);
      column = fold ? 1 : column + stretch.blanks.size();
      append_encoded(out, run, column);
      continue;
    }
    if (!out.empty() && column + stretch.blanks.size() + stretch.word.size() > kMaxColumn) {
      out += "\r\n";
      column = 0;
    }
    out.append(stretch.blanks).append(stretch.word);
    column += stretch.blanks.size() + stretch.word.size();
  }
  return out;
}

std::string encode_phrase(std::string_view name_utf8) {
  std::string name = without_controls(base::codec::replace_invalid_utf8(name_utf8));
  if (name.empty()) return {};
  if (needs_encoding(name) || name.size() > 60) {
    std::string out;
    std::size_t column = kMaxColumn - kMaxWord;
    append_encoded(out, name, column);
    return out;
  }
  bool atoms = name.front() != ' ' && name.back() != ' ' && !name.contains("  ");
  for (const char c : name) atoms = atoms && (is_atom_octet(c) || c == ' ');
  if (atoms) return name;
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

}  // namespace veredus::wire::mime
