#include "rules/authres/results.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/utf8.h"

namespace veredus::rules::authres {

namespace codec = base::codec;

namespace {

constexpr unsigned kMostNesting = 20;  // of comments

constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }
constexpr bool is_white_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
/// RFC 2045 s5.1, tspecials.
constexpr bool is_special(char c) { return std::string_view("()<>@,;:\\\"/[]?=").contains(c); }
/// RFC 2045 s5.1, token; octets above ASCII are UTF-8 (RFC 8616 s4.1).
constexpr std::array<bool, 256> kTokenOctets = [] {
  std::array<bool, 256> out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char c = static_cast<char>(i);
    out[i] = !is_control(c) && c != ' ' && !is_special(c);
  }
  return out;
}();
constexpr bool is_token_octet(char c) { return kTokenOctets[static_cast<unsigned char>(c)]; }
/// RFC 8601 s2.2, Keyword: letters and digits with hyphens between them; "_" is what some write.
constexpr bool is_keyword_octet(char c) { return codec::is_alpha(c) || codec::is_digit(c) || c == '-' || c == '_'; }

/// RFC 8601 s2.2, pvalue: a token, or a mailbox whose parts need no quotes.
bool needs_quotes(std::string_view value) {
  if (value.empty() || !codec::is_valid_utf8(value)) return true;
  const auto at = value.rfind('@');
  if (at == std::string_view::npos) return !std::ranges::all_of(value, is_token_octet);
  return at + 1 == value.size() || !std::ranges::all_of(value.substr(0, at), is_token_octet) ||
         !std::ranges::all_of(value.substr(at + 1), is_token_octet);
}

/// What people and RFC 6532 s3.2 can take for text; else '?'.
class Shown {
 public:
  explicit Shown(std::string_view text) : is_utf8_(codec::is_valid_utf8(text)) {}
  char operator()(char c) const {
    return is_control(c) || (!is_utf8_ && static_cast<unsigned char>(c) >= 128) ? '?' : c;
  }

 private:
  bool is_utf8_;
};

void append_quoted(std::string& out, std::string_view value) {
  const Shown shown(value);
  out.push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(shown(c));
  }
  out.push_back('"');
}

void append_value(std::string& out, std::string_view value) {
  if (needs_quotes(value))
    append_quoted(out, value);
  else
    out.append(value);
}

/// RFC 5322 s3.2.2: in a comment parentheses and backslashes are quoted.
void append_comment(std::string& out, std::string_view text) {
  const Shown shown(text);
  out.push_back('(');
  for (const char c : text) {
    if (c == '(' || c == ')' || c == '\\') out.push_back('\\');
    out.push_back(shown(c));
  }
  out.push_back(')');
}

/// RFC 5322 s2.1.1: folds before what was put at `item` when the line that begins at `line` is too long with it. Where
/// the line begins now.
std::size_t fold_before(std::string& out, std::size_t line, std::size_t item) {
  constexpr std::size_t kMostLineOctets = 900;
  if (out.size() - line <= kMostLineOctets) return line;
  out.replace(item, 1, "\r\n\t");
  return item + 2;
}

void append_method(std::string& out, const MethodResult& method) {
  out.append(";\r\n\t");
  auto line = out.size() - 1;
  out.append(method.method).append("=").append(method.result);
  if (!method.comment.empty()) append_comment(out.append(" "), codec::utf8_prefix(method.comment, kMostWordsOctets));
  if (!method.reason.empty())
    append_quoted(out.append(" reason="), codec::utf8_prefix(method.reason, kMostWordsOctets));
  for (const auto& property : method.properties) {
    if (property.value.size() > kMostValueOctets) continue;
    const auto item = out.size();
    out.append(" ").append(property.type).append(".").append(property.name).append("=");
    append_value(out, property.value);
    line = fold_before(out, line, item);
  }
}

/// RFC 8601 s2.2, read from the front.
class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}

  [[nodiscard]] std::optional<ReadError> error() const { return error_; }
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] char front() const { return rest_.empty() ? '\0' : rest_.front(); }

  /// Comments and white space; false: a comment that does not end.
  bool skip_cfws() {
    while (!rest_.empty()) {
      if (is_white_space(rest_.front()))
        rest_.remove_prefix(1);
      else if (rest_.front() != '(')
        return true;
      else if (!skip_comment())
        return fail(ReadError::kComment);
    }
    return true;
  }

  bool take(char wanted) {
    if (front() != wanted || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view keyword() { return take_while(is_keyword_octet); }

  /// A token, a quoted string, or what RFC 8601 s2.2 calls pvalue; nullopt: none of them.
  std::optional<std::string> value() {
    std::string out;
    if (front() == '"') {
      auto quoted = quoted_string();
      if (!quoted) return std::nullopt;
      out = *std::move(quoted);
    } else {
      out = take_while([](char c) { return is_token_octet(c) || std::string_view("/:[]=?").contains(c); });
      if (out.empty() && front() != '@') return std::nullopt;
    }
    if (!take('@')) return out;
    out.push_back('@');
    return out.append(take_while([](char c) { return is_token_octet(c) || std::string_view("[]:").contains(c); }));
  }

 private:
  bool fail(ReadError error) {
    error_ = error;
    return false;
  }

  template <class Wanted>
  std::string_view take_while(const Wanted& wanted) {
    const auto end = std::ranges::find_if_not(rest_, wanted);
    const auto taken = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  bool skip_comment() {
    unsigned depth = 0;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '\\') {
        ++i;
      } else if (rest_[i] == '(') {
        if (++depth > kMostNesting) return false;
      } else if (rest_[i] == ')' && --depth == 0) {
        rest_.remove_prefix(i + 1);
        return true;
      }
    }
    return false;
  }

  std::optional<std::string> quoted_string() {
    std::string out;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return out;
      }
      if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
      if (rest_[i] != '\r' && rest_[i] != '\n') out.push_back(rest_[i]);
    }
    error_ = ReadError::kQuoted;
    return std::nullopt;
  }

  std::string_view rest_;
  std::optional<ReadError> error_;
};

/// authserv-id [ version ]. False: `reader` or `error` says why.
std::optional<ReadError> read_beginning(Reader& reader, std::string& authserv_id) {
  if (!reader.skip_cfws()) return reader.error();
  auto id = reader.value();
  if (!id || id->empty()) return reader.error().value_or(ReadError::kAuthservId);
  authserv_id = *std::move(id);
  if (!reader.skip_cfws()) return reader.error();
  if (reader.empty() || reader.front() == ';') return std::nullopt;
  if (const auto version = reader.value(); version != "1") return ReadError::kVersion;
  if (!reader.skip_cfws()) return reader.error();
  return reader.empty() || reader.front() == ';' ? std::nullopt : std::optional(ReadError::kVersion);
}

/// `= value`, with comments anywhere.
std::optional<std::string> read_assigned(Reader& reader) {
  if (!reader.skip_cfws() || !reader.take('=') || !reader.skip_cfws()) return std::nullopt;
  return reader.value();
}

/// reasonspec and propspecs, up to the next ';'.
std::optional<ReadError> read_properties(Reader& reader, MethodResult& method) {
  while (true) {
    if (!reader.skip_cfws()) return reader.error();
    if (reader.empty() || reader.front() == ';') return std::nullopt;
    const std::string type = codec::to_lower_ascii(reader.keyword());
    if (type.empty() || !reader.skip_cfws()) return reader.error().value_or(ReadError::kProperty);
    if (type == "reason") {
      auto reason = read_assigned(reader);
      if (!reason) return reader.error().value_or(ReadError::kProperty);
      method.reason = *std::move(reason);
      continue;
    }
    if (!reader.take('.') || !reader.skip_cfws()) return reader.error().value_or(ReadError::kProperty);
    std::string name(reader.keyword());
    auto value = name.empty() ? std::nullopt : read_assigned(reader);
    if (!value) return reader.error().value_or(ReadError::kProperty);
    method.properties.push_back({.type = type, .name = std::move(name), .value = *std::move(value)});
  }
}

/// `method [/version] = result …`, or "none" (then `method` stays empty).
std::optional<ReadError> read_method(Reader& reader, MethodResult& method) {
  if (!reader.skip_cfws()) return reader.error();
  if (reader.empty()) return std::nullopt;
  std::string word = codec::to_lower_ascii(reader.keyword());
  if (word.empty() || !reader.skip_cfws()) return reader.error().value_or(ReadError::kMethod);
  if (word == "none" && (reader.empty() || reader.front() == ';')) return std::nullopt;
  if (reader.take('/')) {
    if (!reader.skip_cfws()) return reader.error();
    if (reader.keyword() != "1") return ReadError::kVersion;
  }
  auto result = read_assigned(reader);
  if (!result || result->empty() || !std::ranges::all_of(*result, is_keyword_octet))
    return reader.error().value_or(ReadError::kMethod);
  method.method = std::move(word);
  method.result = codec::to_lower_ascii(*result);
  return read_properties(reader, method);
}

/// A name as careless readers would take it: what is neither white space nor a comment nor a quote, up to the first
/// octet that is in no name.
std::string loosely_read_name(std::string_view value) {
  std::string out;
  unsigned depth = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c == '\\' && i + 1 < value.size()) {
      if (depth == 0) out.push_back(value[i + 1]);
      ++i;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')' && depth > 0) {
      --depth;
    } else if (depth > 0 || is_white_space(c) || c == '"' || is_control(c)) {
      if (depth == 0 && is_white_space(c) && !out.empty()) break;
    } else if (!is_keyword_octet(c) && c != '.' && static_cast<unsigned char>(c) < 128) {
      break;
    } else {
      out.push_back(c);
    }
  }
  return out;
}

bool same_name(std::string_view a, std::string_view b) {
  return codec::iequals_ascii(codec::trim_ascii(a, "."), codec::trim_ascii(b, "."));
}

}  // namespace

std::string_view to_string(ReadError error) {
  switch (error) {
    case ReadError::kAuthservId:
      return "no authserv-id";
    case ReadError::kVersion:
      return "another version";
    case ReadError::kMethod:
      return "no method and result";
    case ReadError::kProperty:
      return "no property";
    case ReadError::kComment:
      return "a comment does not end";
    case ReadError::kQuoted:
      return "a quoted string does not end";
    case ReadError::kTooMany:
      return "too many results";
  }
  return "unknown";
}

std::string to_field_value(const Results& results) {
  std::string out;
  out.reserve(64 + results.methods.size() * 96);
  append_value(out, results.authserv_id);
  if (results.methods.empty()) out.append("; none");
  for (const auto& method : results.methods) append_method(out, method);
  return out;
}

std::expected<Results, ReadError> read_field(std::string_view value) {
  Reader reader(value);
  Results results;
  if (const auto error = read_beginning(reader, results.authserv_id)) return std::unexpected(*error);
  while (reader.take(';')) {
    MethodResult method;
    if (const auto error = read_method(reader, method)) return std::unexpected(*error);
    if (method.method.empty()) continue;
    if (results.methods.size() == kMostMethods) return std::unexpected(ReadError::kTooMany);
    results.methods.push_back(std::move(method));
  }
  if (!reader.empty()) return std::unexpected(ReadError::kMethod);
  return results;
}

bool claims_to_be(std::string_view value, std::string_view authserv_id) {
  Reader reader(value);
  std::string read;
  static_cast<void>(read_beginning(reader, read));
  if (!read.empty() && same_name(read, authserv_id)) return true;
  const auto loose = loosely_read_name(value);
  return loose.empty() || same_name(loose, authserv_id);
}

}  // namespace veredus::rules::authres
