#include "wire/mime/parameters.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/hex.h"
#include "wire/mime/charset.h"
#include "wire/mime/field_lexer.h"

namespace veredus::wire::mime {
namespace {

using base::codec::hex_value;
using base::codec::iequals_ascii;
using base::codec::to_lower_ascii;

/// What may stand in an attribute's name. RFC 2045 s5.1, but RFC 2231's * ' %, and 8-bit octets are let in.
bool is_attribute_octet(char c) {
  return static_cast<unsigned char>(c) > 32 && c != 127 &&
         std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos;
}

/// Whether `attribute =` stands at `at`: then a value before it has ended, semicolon or not.
bool attribute_follows(std::string_view text, std::size_t at) {
  const std::size_t begin = at;
  while (at < text.size() && is_attribute_octet(text[at])) ++at;
  if (at == begin) return false;
  while (at < text.size() && is_wsp(text[at])) ++at;
  return at < text.size() && text[at] == '=';
}

/// An unquoted value. Senders leave spaces in file names unquoted, so it goes on over white space until a semicolon, a
/// comment or the next attribute; a run of white space becomes one space.
std::string take_bare_value(FieldLexer& lexer, std::string_view text) {
  std::string value;
  while (true) {
    value.append(lexer.take_until(";"));
    lexer.skip_blanks();
    if (lexer.done() || lexer.peek() == ';' || lexer.peek() == '(') return value;
    if (attribute_follows(text, lexer.position())) return value;
    value.push_back(' ');
  }
}

Parameters parse_parameters(FieldLexer& lexer, std::string_view text, std::size_t max_parameters) {
  Parameters parameters;
  while (parameters.size() < max_parameters) {
    lexer.skip_cfws();
    while (lexer.take(';')) lexer.skip_cfws();
    if (lexer.done()) break;
    const auto name = lexer.take_until("=;(\"");
    lexer.skip_cfws();
    if (!lexer.take('=')) {
      if (name.empty() && lexer.peek() == '"') static_cast<void>(lexer.take_quoted_string());
      continue;
    }
    lexer.skip_cfws();
    std::string value = lexer.peek() == '"' ? lexer.take_quoted_string() : take_bare_value(lexer, text);
    if (!name.empty() && !value.empty()) parameters.push_back({std::string(name), std::move(value)});
  }
  return parameters;
}

/// RFC 2231 s3, s4: what follows the base name: "", "*", "*3", "*3*".
struct Suffix {
  std::uint32_t index = 0;
  bool numbered = false;
  bool extended = false;
};

std::optional<Suffix> parse_suffix(std::string_view text) {
  Suffix suffix;
  if (text.empty()) return suffix;
  text.remove_prefix(1);
  if (text.ends_with('*') || text.empty()) {
    suffix.extended = true;
    if (!text.empty()) text.remove_suffix(1);
  }
  if (text.empty()) return suffix;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), suffix.index);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  suffix.numbered = true;
  return suffix;
}

struct Segment {
  Suffix suffix;
  std::size_t position = 0;  // among all of them
  std::string_view value;
};

std::vector<Segment> segments_of(const Parameters& parameters, std::string_view name) {
  std::vector<Segment> segments;
  for (const auto& [attribute, value] : parameters) {
    const auto star = attribute.find('*');
    if (!iequals_ascii(std::string_view(attribute).substr(0, star), name)) continue;
    const auto suffix =
        parse_suffix(star == std::string::npos ? std::string_view() : std::string_view(attribute).substr(star));
    if (suffix) segments.push_back({*suffix, segments.size(), value});
  }
  return segments;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

/// charset'language'text of RFC 2231 s4; the quotes may be missing.
struct Tagged {
  std::string_view charset, language, text;
};

Tagged split_tags(std::string_view value) {
  const auto first = value.find('\'');
  if (first == std::string_view::npos) return {{}, {}, value};
  const auto second = value.find('\'', first + 1);
  if (second == std::string_view::npos) return {value.substr(0, first), {}, value.substr(first + 1)};
  return {value.substr(0, first), value.substr(first + 1, second - first - 1), value.substr(second + 1)};
}

std::string plain_value(std::string_view value, Undeclared undeclared) {
  if (value.find("=?") != std::string_view::npos) return decode_words(value, undeclared);
  return undeclared_to_utf8(value, undeclared);
}

/// Some senders repeat charset and language in every segment, or the charset alone.
std::string_view without_repeated_tags(std::string_view text, std::string_view charset) {
  text.remove_prefix(charset.size() + 1);
  const auto quote = text.find('\'');
  const bool is_language =
      quote != std::string_view::npos && quote <= 8 && std::ranges::all_of(text.substr(0, quote), [](char c) {
        return c == '-' || base::codec::is_alpha(c) || base::codec::is_digit(c);
      });
  return is_language ? text.substr(quote + 1) : text;
}

/// RFC 2231 s3, s4.1: the octets of all segments are put together before the charset is applied, for a character may be
/// cut between two.
std::string join_segments(std::vector<Segment>& segments, Undeclared undeclared, std::string* language) {
  std::ranges::sort(segments, {}, [](const Segment& s) { return std::pair(s.suffix.index, s.position); });
  std::string octets;
  std::string_view charset;
  bool tagged = false;
  for (const auto& segment : segments) {
    std::string_view text = segment.value;
    if (segment.suffix.extended && !tagged) {
      const Tagged tags = split_tags(text);
      charset = tags.charset;
      if (language != nullptr) *language = tags.language;
      text = tags.text;
      tagged = true;
    } else if (segment.suffix.extended && !charset.empty() && text.starts_with(charset) &&
               text.substr(charset.size()).starts_with('\'')) {
      text = without_repeated_tags(text, charset);
    }
    octets += segment.suffix.extended ? percent_decode(text) : std::string(text);
  }
  if (!tagged) return plain_value(octets, undeclared);
  return to_utf8(octets, charset, undeclared);
}

}  // namespace

ContentType parse_content_type(std::string_view value, std::size_t max_parameters) {
  ContentType out;
  FieldLexer lexer(value);
  lexer.skip_cfws();
  out.type = to_lower_ascii(lexer.take_until("/;("));
  lexer.skip_cfws();
  if (lexer.take('/')) {
    lexer.skip_cfws();
    out.subtype = to_lower_ascii(lexer.take_until(";("));
  }
  out.parameters = parse_parameters(lexer, value, max_parameters);
  return out;
}

Disposition parse_disposition(std::string_view value, std::size_t max_parameters) {
  Disposition out;
  FieldLexer lexer(value);
  lexer.skip_cfws();
  const std::size_t begin = lexer.position();
  out.kind = to_lower_ascii(base::codec::trim_ascii(lexer.take_until(";("), "\" \t"));
  if (out.kind.find('=') != std::string::npos) {  // the kind was left out
    out.kind.clear();
    lexer.move_to(begin);
  }
  out.parameters = parse_parameters(lexer, value, max_parameters);
  return out;
}

std::string parameter_utf8(const Parameters& parameters, std::string_view name, Undeclared undeclared,
                           std::string* language) {
  auto segments = segments_of(parameters, name);
  if (segments.empty()) return {};
  const auto whole =
      std::ranges::find_if(segments, [](const Segment& s) { return s.suffix.extended && !s.suffix.numbered; });
  if (whole != segments.end()) {
    std::vector<Segment> one{*whole};
    return join_segments(one, undeclared, language);
  }
  std::vector<Segment> numbered;
  std::ranges::copy_if(segments, std::back_inserter(numbered), [](const Segment& s) { return s.suffix.numbered; });
  if (!numbered.empty()) return join_segments(numbered, undeclared, language);
  return plain_value(segments.front().value, undeclared);
}

std::string_view parameter(const Parameters& parameters, std::string_view name) {
  for (const auto& [attribute, value] : parameters)
    if (iequals_ascii(attribute, name)) return value;
  return {};
}

std::vector<std::string> parameter_names(const Parameters& parameters) {
  std::vector<std::string> names;
  for (const auto& [attribute, value] : parameters) {
    const auto star = attribute.find('*');
    std::string name = to_lower_ascii(std::string_view(attribute).substr(0, star));
    if (name.empty() || (star != std::string::npos && !parse_suffix(std::string_view(attribute).substr(star))))
      continue;
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace veredus::wire::mime
