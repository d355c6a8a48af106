#include "wire/imap/value_parser.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/types/result.h"
#include "wire/imap/cursor.h"

namespace veredus::wire::imap {

void ValueParser::skip_blanks() {
  while (take(' ')) continue;
}

bool ValueParser::take(char c) {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

std::string_view ValueParser::word() {
  const auto begin = at_;
  while (!at_end() && text_[at_] != ' ' && text_[at_] != ']') ++at_;
  return text_.substr(begin, at_ - begin);
}

std::expected<std::vector<ResponseValue>, ResponseError> ValueParser::values(char closing) {
  std::vector<ResponseValue> values;
  if (++depth_ > limits_.nesting) return std::unexpected(ResponseError::kNesting);
  while (true) {
    skip_blanks();
    if (closing == '\0' ? at_end() : take(closing)) break;
    if (at_end()) return std::unexpected(ResponseError::kSyntax);
    VEREDUS_TRY(values.emplace_back(), value());
  }
  --depth_;
  return values;
}

std::expected<ResponseValue, ResponseError> ValueParser::value() {
  if (++count_ > limits_.values) return std::unexpected(ResponseError::kTooManyValues);
  if (take('(')) {
    ResponseValue list{.kind = ResponseValue::Kind::kList};
    VEREDUS_TRY(list.items, values(')'));
    return list;
  }
  if (take('"')) return quoted();
  if (rest().starts_with('{') || rest().starts_with("~{")) return literal();
  return atom();
}

std::expected<ResponseValue, ResponseError> ValueParser::quoted() {
  ResponseValue value{.kind = ResponseValue::Kind::kString};
  while (!at_end()) {
    char c = text_[at_++];
    if (c == '"') return value;
    if (c == '\\' && !at_end()) c = text_[at_++];
    if (c == '\r' || c == '\n' || c == '\0') break;
    value.text.push_back(c);
  }
  return std::unexpected(ResponseError::kSyntax);
}

std::expected<ResponseValue, ResponseError> ValueParser::literal() {
  Cursor cursor(rest());
  const auto mark = cursor.literal_mark();
  if (!mark) return std::unexpected(ResponseError::kSyntax);
  at_ += cursor.position();
  ResponseValue value{.kind = ResponseValue::Kind::kString};
  if (std::ranges::binary_search(streamed_, at_)) {
    value.kind = ResponseValue::Kind::kStreamed;
    value.octets = mark->octets;
    return value;
  }
  if (mark->octets > text_.size() - at_) return std::unexpected(ResponseError::kSyntax);
  value.text = text_.substr(at_, mark->octets);
  at_ += mark->octets;
  return value;
}

/// An atom, flag or number, and the names of FETCH items with all that stands in their brackets.
std::expected<ResponseValue, ResponseError> ValueParser::atom() {
  const auto begin = at_;
  bool bracket = false;
  bool quote = false;
  for (; !at_end(); ++at_) {
    const char c = text_[at_];
    if (c == '\r' || c == '\n' || c == '\0') break;
    if (bracket && c == '"') quote = !quote;
    if (quote && c == '\\' && at_ + 1 < text_.size()) ++at_;
    if (bracket) {
      bracket = quote || c != ']';
      continue;
    }
    if (c == ' ' || c == '(' || c == ')' || c == '"' || c == ']') break;
    bracket = c == '[';
  }
  if (at_ == begin || bracket || at_ > text_.size()) return std::unexpected(ResponseError::kSyntax);
  ResponseValue value{.kind = ResponseValue::Kind::kAtom, .text = std::string(text_.substr(begin, at_ - begin))};
  if (base::codec::iequals_ascii(value.text, "NIL")) value = {};
  return value;
}

}  // namespace veredus::wire::imap
