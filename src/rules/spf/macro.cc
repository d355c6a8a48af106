#include "rules/spf/macro.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/codec/ascii.h"

namespace veredus::rules::spf {

namespace codec = base::codec;

namespace {

constexpr std::string_view kDomainLetters = "slodiphv";
constexpr std::string_view kExplanationLetters = "crt";
constexpr std::string_view kDelimiters = ".-+,/_=";

bool is_alphanumeric(char c) { return codec::is_alpha(c) || codec::is_digit(c); }

/// What stands between `%{` and `}`. macro-expand = ( "%{" macro-letter transformers *delimiter "}" ); transformers =
/// *DIGIT [ "r" ]
std::expected<Macro, MacroError> parse_macro(std::string_view inside, MacroUse use) {
  if (inside.empty()) return std::unexpected(MacroError::kSyntax);
  Macro out;
  out.letter = codec::to_lower_ascii(inside.front());
  out.url_escaped = out.letter != inside.front();
  if (kExplanationLetters.contains(out.letter)) {
    if (use != MacroUse::kExplanation) return std::unexpected(MacroError::kLetter);
  } else if (!kDomainLetters.contains(out.letter)) {
    return std::unexpected(MacroError::kSyntax);
  }
  inside.remove_prefix(1);
  if (!inside.empty() && codec::is_digit(inside.front())) {
    for (; !inside.empty() && codec::is_digit(inside.front()); inside.remove_prefix(1))
      out.parts = std::min(out.parts * 10 + static_cast<unsigned>(inside.front() - '0'), 1000U);
    if (out.parts == 0) return std::unexpected(MacroError::kSyntax);  // RFC 7208 s7.3: the DIGITs are not zero
  }
  if (!inside.empty() && codec::to_lower_ascii(inside.front()) == 'r') {
    out.reversed = true;
    inside.remove_prefix(1);
  }
  if (inside.find_first_not_of(kDelimiters) != std::string_view::npos) return std::unexpected(MacroError::kSyntax);
  if (!inside.empty()) out.delimiters = inside;
  return out;
}

/// Reads one `%…` at the front of `rest`, and takes it off; a literal is put on `literal`.
std::expected<std::optional<Macro>, MacroError> take_percent(std::string_view& rest, MacroUse use,
                                                             std::string& literal) {
  const char kind = rest.size() > 1 ? rest[1] : '\0';
  if (kind == '{') {
    const auto end = rest.find('}');
    if (end == std::string_view::npos) return std::unexpected(MacroError::kSyntax);
    auto macro = parse_macro(rest.substr(2, end - 2), use);
    if (!macro) return std::unexpected(macro.error());
    rest.remove_prefix(end + 1);
    return std::optional(*std::move(macro));
  }
  if (kind == '%')
    literal += '%';
  else if (kind == '_')
    literal += ' ';
  else if (kind == '-')
    literal += "%20";
  else
    return std::unexpected(MacroError::kSyntax);
  rest.remove_prefix(2);
  return std::nullopt;
}

/// toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum )
bool is_top_label(std::string_view label) {
  if (label.empty() || !is_alphanumeric(label.front()) || !is_alphanumeric(label.back())) return false;
  if (!std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-'; })) return false;
  return std::ranges::any_of(label, [](char c) { return codec::is_alpha(c) || c == '-'; });
}

/// Whether a macro-expand stands last: one in braces, or `%%`, `%_` or `%-`. The text has been parsed.
bool ends_in_expansion(std::string_view text) {
  bool expansion = false;
  while (!text.empty()) {
    expansion = text.front() == '%';
    text.remove_prefix(!expansion ? 1 : text[1] == '{' ? text.find('}') + 1 : 2);
  }
  return expansion;
}

/// domain-end = ( "." toplabel [ "." ] ) / macro-expand
bool has_domain_end(std::string_view text) {
  if (ends_in_expansion(text)) return true;
  if (text.ends_with('.')) text.remove_suffix(1);
  const auto dot = text.find_last_of(".}");  // a top label holds neither
  return dot != std::string_view::npos && text[dot] == '.' && is_top_label(text.substr(dot + 1));
}

std::string_view value_of(char letter, const MacroValues& values) {
  switch (letter) {
    case 's':
      return values.sender;
    case 'l':
      return values.local_part;
    case 'o':
      return values.sender_domain;
    case 'd':
      return values.domain;
    case 'i':
      return values.address;
    case 'c':
      return values.readable_address;
    case 'p':
      return values.validated_name;
    case 'v':
      return values.family;
    case 'h':
      return values.helo;
    case 'r':
      return values.receiver;
    case 't':
      return values.timestamp;
    default:
      return {};
  }
}

/// RFC 7208 s7.3: split at the delimiters, turn round, keep the rightmost, join with dots.
std::string transformed(std::string_view value, const Macro& macro) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = value.find_first_of(macro.delimiters);
    parts.push_back(value.substr(0, at));
    if (at == std::string_view::npos) break;
    value.remove_prefix(at + 1);
  }
  if (macro.reversed) std::ranges::reverse(parts);
  const std::size_t skip = macro.parts == 0 || macro.parts >= parts.size() ? 0 : parts.size() - macro.parts;
  std::string out;
  for (std::size_t i = skip; i < parts.size(); ++i) {
    if (i != skip) out += '.';
    out += parts[i];
  }
  return out;
}

/// RFC 7208 s7.3: all but the unreserved characters of RFC 3986.
std::string url_escaped(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_alphanumeric(c) || std::string_view("-._~").contains(c)) {
      out += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out += {'%', kHex[octet >> 4], kHex[octet & 0x0F]};
  }
  return out;
}

}  // namespace

bool MacroString::uses(char letter) const {
  return std::ranges::any_of(
      pieces, [letter](const Piece& piece) { return !piece.macro.empty() && piece.macro.front().letter == letter; });
}

bool MacroString::is_literal() const {
  return std::ranges::all_of(pieces, [](const Piece& piece) { return piece.macro.empty(); });
}

std::expected<MacroString, MacroError> parse_macro_string(std::string_view text, MacroUse use) {
  MacroString out;
  std::string literal;
  while (!text.empty()) {
    const char c = text.front();
    if (c == '%') {
      auto macro = take_percent(text, use, literal);
      if (!macro) return std::unexpected(macro.error());
      if (*macro) out.pieces.push_back({.literal = std::exchange(literal, {}), .macro = {**std::move(macro)}});
      continue;
    }
    // macro-literal = %x21-24 / %x26-7E; an explanation holds spaces as well (RFC 7208 s6.2)
    const bool allowed = (c > ' ' && c < '\x7F') || (c == ' ' && use == MacroUse::kExplanation);
    if (!allowed) return std::unexpected(MacroError::kSyntax);
    literal += c;
    text.remove_prefix(1);
  }
  if (!literal.empty()) out.pieces.push_back({.literal = std::move(literal), .macro = {}});
  return out;
}

std::expected<MacroString, MacroError> parse_domain_spec(std::string_view text) {
  auto out = parse_macro_string(text, MacroUse::kDomain);
  if (out && (out->empty() || !has_domain_end(text))) return std::unexpected(MacroError::kNoTopLabel);
  return out;
}

std::string expand(const MacroString& text, const MacroValues& values) {
  std::string out;
  for (const auto& piece : text.pieces) {
    out += piece.literal;
    for (const auto& macro : piece.macro) {
      const auto value = transformed(value_of(macro.letter, values), macro);
      out += macro.url_escaped ? url_escaped(value) : value;
    }
  }
  return out;
}

}  // namespace veredus::rules::spf
