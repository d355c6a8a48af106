#include "wire/imap/cursor.h"

#include <algorithm>
#include <limits>

#include "base/codec/ascii.h"

namespace veredus::wire::imap {
namespace {

using base::codec::iequals_ascii;
using base::codec::is_digit;

constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();

// ASTRING-CHAR, and octets above 127, which some mail programs do not quote.
bool is_astring_char(char c) { return is_atom_char(c) || c == ']' || static_cast<unsigned char>(c) > 127; }
bool is_pattern_char(char c) { return is_astring_char(c) || c == '%' || c == '*'; }

}  // namespace

std::optional<LiteralMark> literal_at_end(std::string_view line, std::size_t* octets_before) {
  if (!line.ends_with('}')) return std::nullopt;
  const auto open = line.rfind('{');
  if (open == std::string_view::npos) return std::nullopt;
  auto digits = line.substr(open + 1, line.size() - open - 2);
  LiteralMark mark;
  if (digits.ends_with('+')) {
    mark.synchronizing = false;
    digits.remove_suffix(1);
  }
  if (digits.empty() || !std::ranges::all_of(digits, is_digit)) return std::nullopt;
  for (const char c : digits) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    mark.octets = mark.octets > (kMost - digit) / 10 ? kMost : mark.octets * 10 + digit;
  }
  mark.binary = open > 0 && line[open - 1] == '~';
  if (octets_before != nullptr) *octets_before = open - (mark.binary ? 1 : 0);
  return mark;
}

/// ATOM-CHAR = <any CHAR except "(" / ")" / "{" / SP / CTL / "%" / "*" / DQUOTE / "\" / "]"> (RFC 9051 s9)
bool is_atom_char(char c) {
  constexpr std::string_view kSpecials = "(){%*\"\\]";
  return c > ' ' && c < 127 && !kSpecials.contains(c);
}

bool Cursor::take(char c) {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

template <class Accept>
std::string_view Cursor::take_while(Accept accept) {
  const auto begin = at_;
  while (!at_end() && accept(text_[at_])) ++at_;
  return text_.substr(begin, at_ - begin);
}

bool Cursor::take_word(std::string_view word) {
  const auto after = at_ + word.size();
  if (!iequals_ascii(text_.substr(at_, word.size()), word)) return false;
  if (after < text_.size() && text_[after] != ' ' && text_[after] != '(' && text_[after] != ')') return false;
  at_ = after;
  return true;
}

bool Cursor::skip_blanks() {
  const auto begin = at_;
  while (take(' ')) continue;
  return at_ != begin;
}

std::expected<void, CommandError> Cursor::space() {
  if (!skip_blanks()) return std::unexpected(CommandError::kSpace);
  return {};
}

std::expected<void, CommandError> Cursor::list_begin() {
  if (!take('(')) return std::unexpected(CommandError::kListBegin);
  skip_blanks();
  return {};
}

bool Cursor::list_end() {
  const auto begin = at_;
  skip_blanks();
  if (take(')')) return true;
  at_ = begin;
  return false;
}

std::expected<bool, CommandError> Cursor::list_goes_on() {
  if (list_end()) return false;
  if (skip_blanks() && !at_end()) return true;
  return std::unexpected(CommandError::kListEnd);
}

std::expected<void, CommandError> Cursor::end() {
  const auto begin = at_;
  skip_blanks();
  if (at_end()) return {};
  at_ = begin;
  return std::unexpected(CommandError::kTrailing);
}

std::expected<std::string_view, CommandError> Cursor::atom() {
  const auto atom = take_while(is_atom_char);
  if (atom.empty()) return std::unexpected(CommandError::kAtom);
  return atom;
}

std::string_view Cursor::word() {
  return take_while([](char c) { return c != ' ' && c != '(' && c != ')' && c != '\r'; });
}

std::expected<std::string, CommandError> Cursor::astring() {
  const auto atom = take_while(is_astring_char);
  if (!atom.empty()) return std::string(atom);
  auto string = this->string();
  if (!string && string.error() == CommandError::kString) return std::unexpected(CommandError::kAstring);
  return string;
}

std::expected<std::string, CommandError> Cursor::pattern() {
  const auto atom = take_while(is_pattern_char);
  if (!atom.empty()) return std::string(atom);
  return astring();
}

std::expected<std::string, CommandError> Cursor::string() {
  if (peek() == '"') return quoted();
  return literal();
}

std::expected<std::string, CommandError> Cursor::quoted() {
  const auto begin = at_++;
  std::string value;
  while (!at_end()) {
    char c = text_[at_++];
    if (c == '"') return value;
    if (c == '\\' && !at_end()) c = text_[at_++];  // also `\x`, which is none by the grammar
    if (c == '\r' || c == '\n' || c == '\0') break;
    value.push_back(c);
  }
  at_ = begin;
  return std::unexpected(CommandError::kQuotedEnd);
}

std::optional<LiteralMark> Cursor::literal_mark() {
  const auto line = text_.substr(at_, text_.find("\r\n", at_) - at_);
  std::size_t before = 0;
  const auto mark = literal_at_end(line, &before);
  if (!mark || before != 0 || at_ + line.size() == text_.size()) return std::nullopt;
  at_ += line.size() + 2;
  return mark;
}

std::expected<std::string, CommandError> Cursor::literal() {
  const auto begin = at_;
  const auto mark = literal_mark();
  if (!mark) return std::unexpected(CommandError::kString);
  if (mark->octets > text_.size() - at_) {
    at_ = begin;
    ran_out_ = true;
    return std::unexpected(CommandError::kString);
  }
  const auto octets = text_.substr(at_, mark->octets);
  if (!mark->binary && octets.contains('\0')) return std::unexpected(CommandError::kOctet);
  at_ += mark->octets;
  return std::string(octets);
}

std::expected<std::optional<std::string>, CommandError> Cursor::nstring() {
  if (take_word("NIL")) return std::nullopt;
  auto value = string();
  if (value) return *std::move(value);
  return std::unexpected(value.error() == CommandError::kString ? CommandError::kNstring : value.error());
}

std::expected<std::string, CommandError> Cursor::mailbox(Names names) {
  const auto begin = at_;
  VEREDUS_TRY(const auto sent, astring());
  auto name = decode_mailbox(sent, names);
  if (name) return *std::move(name);
  at_ = begin;
  return std::unexpected(CommandError::kMailboxName);
}

std::expected<std::uint64_t, CommandError> Cursor::number64() {
  const auto begin = at_;
  const auto digits = take_while(is_digit);
  if (digits.empty()) return std::unexpected(CommandError::kNumber);
  std::uint64_t value = 0;
  for (const char c : digits) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (kMost - digit) / 10) {
      at_ = begin;
      return std::unexpected(CommandError::kNumberRange);
    }
    value = value * 10 + digit;
  }
  return value;
}

std::expected<std::uint32_t, CommandError> Cursor::number() {
  const auto begin = at_;
  VEREDUS_TRY(const auto value, number64());
  if (value <= std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(value);
  at_ = begin;
  return std::unexpected(CommandError::kNumberRange);
}

std::expected<std::uint32_t, CommandError> Cursor::nonzero() {
  const auto begin = at_;
  VEREDUS_TRY(const auto value, number());
  if (value != 0) return value;
  at_ = begin;
  return std::unexpected(CommandError::kNumberRange);
}

std::expected<SequenceSet, CommandError> Cursor::sequence_set() {
  const auto begin = at_;
  auto set = parse_sequence_set(word());
  if (!set) at_ = begin;
  return set;
}

}  // namespace veredus::wire::imap
