#include "rules/spf/record.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/codec/ascii.h"
#include "rules/inquiry/remembered.h"

namespace veredus::rules::spf {

namespace codec = base::codec;

namespace {

constexpr std::string_view kVersion = "v=spf1";

constexpr std::array<std::pair<std::string_view, Mechanism>, 8> kMechanisms{{{"all", Mechanism::kAll},
                                                                             {"include", Mechanism::kInclude},
                                                                             {"a", Mechanism::kA},
                                                                             {"mx", Mechanism::kMx},
                                                                             {"ptr", Mechanism::kPtr},
                                                                             {"ip4", Mechanism::kIp4},
                                                                             {"ip6", Mechanism::kIp6},
                                                                             {"exists", Mechanism::kExists}}};

using Parsed = std::expected<void, RecordError>;

std::optional<Qualifier> qualifier_of(char c) {
  switch (c) {
    case '+':
      return Qualifier::kPass;
    case '-':
      return Qualifier::kFail;
    case '~':
      return Qualifier::kSoftfail;
    case '?':
      return Qualifier::kNeutral;
    default:
      return std::nullopt;
  }
}

/// ip4-cidr-length = "/" ("0" / %x31-39 0*1DIGIT), the like for IPv6; without the slash.
std::optional<unsigned> parse_prefix(std::string_view digits, unsigned max) {
  unsigned value = 0;
  const auto* const end = digits.data() + digits.size();
  if (digits.empty() || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
  const auto [stopped, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stopped != end || value > max) return std::nullopt;
  return value;
}

/// Takes `/24`, `//64` or `/24//64` off the end. A slash may also stand in the domain-spec, so only digits count.
Parsed take_dual_prefix(std::string_view& text, Directive& out) {
  const auto digits_from = [&text] { return text.find_last_not_of("0123456789") + 1; };
  auto from = digits_from();
  if (from >= 2 && text.substr(from - 2, 2) == "//") {
    const auto bits = parse_prefix(text.substr(from), 128);
    if (!bits) return std::unexpected(RecordError::kPrefix);
    out.bits6 = *bits;
    text = text.substr(0, from - 2);
    from = digits_from();
  }
  if (from >= 1 && from <= text.size() && text[from - 1] == '/') {
    const auto bits = parse_prefix(text.substr(from), 32);
    if (!bits) return std::unexpected(RecordError::kPrefix);
    out.bits4 = *bits;
    text = text.substr(0, from - 1);
  }
  return {};
}

Parsed parse_network(std::string_view text, Directive& out) {
  const auto slash = text.find('/');
  const auto address = codec::parse_ip(text.substr(0, slash));
  const auto family = out.mechanism == Mechanism::kIp4 ? codec::IpAddress::Family::kV4 : codec::IpAddress::Family::kV6;
  if (!address || address->family != family) return std::unexpected(RecordError::kAddress);
  out.network = *address;
  if (slash == std::string_view::npos) return {};
  const auto bits = parse_prefix(text.substr(slash + 1), out.network.bits());
  if (!bits) return std::unexpected(RecordError::kPrefix);
  (family == codec::IpAddress::Family::kV4 ? out.bits4 : out.bits6) = *bits;
  return {};
}

Parsed parse_domain(std::string_view text, Directive& out) {
  auto domain = parse_domain_spec(text);
  if (!domain) return std::unexpected(RecordError::kDomain);
  out.domain = *std::move(domain);
  return {};
}

/// What stands after the mechanism's name: empty, or beginning with ':' or '/'.
Parsed parse_argument(std::string_view argument, Directive& out) {
  const bool has_value = argument.starts_with(':');
  const auto value = has_value ? argument.substr(1) : std::string_view();
  switch (out.mechanism) {
    case Mechanism::kAll:
      return argument.empty() ? Parsed() : std::unexpected(RecordError::kDomain);
    case Mechanism::kIp4:
    case Mechanism::kIp6:
      return has_value ? parse_network(value, out) : std::unexpected(RecordError::kAddress);
    case Mechanism::kInclude:
    case Mechanism::kExists:
      return has_value ? parse_domain(value, out) : std::unexpected(RecordError::kDomain);
    case Mechanism::kPtr:
      if (argument.empty()) return {};
      return has_value ? parse_domain(value, out) : std::unexpected(RecordError::kDomain);
    case Mechanism::kA:
    case Mechanism::kMx:
      if (auto prefix = take_dual_prefix(argument, out); !prefix) return prefix;
      if (argument.empty()) return {};
      if (!argument.starts_with(':')) return std::unexpected(RecordError::kPrefix);
      return parse_domain(argument.substr(1), out);
  }
  return {};
}

Parsed parse_directive(std::string_view term, Record& record) {
  Directive out;
  out.text = term;
  if (const auto qualifier = qualifier_of(term.front())) {
    out.qualifier = *qualifier;
    term.remove_prefix(1);
  }
  const auto name_end = std::min(term.find_first_of(":/"), term.size());
  const auto* const known = std::ranges::find_if(
      kMechanisms, [name = term.substr(0, name_end)](const auto& m) { return codec::iequals_ascii(m.first, name); });
  if (known == kMechanisms.end()) return std::unexpected(RecordError::kUnknownMechanism);
  out.mechanism = known->second;
  if (auto argument = parse_argument(term.substr(name_end), out); !argument) return argument;
  record.directives.push_back(std::move(out));
  return {};
}

Parsed parse_once(std::string_view value, std::optional<MacroString>& into) {
  if (into) return std::unexpected(RecordError::kRepeated);  // RFC 7208 s6
  auto domain = parse_domain_spec(value);
  if (!domain) return std::unexpected(RecordError::kDomain);
  into = *std::move(domain);
  return {};
}

/// name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )
bool is_modifier_name(std::string_view name) {
  return !name.empty() && codec::is_alpha(name.front()) && std::ranges::all_of(name, [](char c) {
    return codec::is_alpha(c) || codec::is_digit(c) || c == '-' || c == '_' || c == '.';
  });
}

Parsed parse_term(std::string_view term, Record& record) {
  const auto sign = term.find_first_of("=:/");
  if (sign == std::string_view::npos || term[sign] != '=') return parse_directive(term, record);
  const auto name = term.substr(0, sign);
  const auto value = term.substr(sign + 1);
  if (codec::iequals_ascii(name, "redirect")) return parse_once(value, record.redirect);
  if (codec::iequals_ascii(name, "exp")) return parse_once(value, record.explanation);
  // RFC 7208 s6: unknown ones are passed over, when they are well-formed
  if (!is_modifier_name(name) || !parse_macro_string(value, MacroUse::kExplanation))
    return std::unexpected(RecordError::kModifier);
  return {};
}

}  // namespace

std::string_view to_string(RecordError error) {
  switch (error) {
    case RecordError::kNotAscii:
      return "characters that are not ASCII";
    case RecordError::kUnknownMechanism:
      return "an unknown mechanism";
    case RecordError::kDomain:
      return "a malformed or missing domain";
    case RecordError::kAddress:
      return "a malformed or missing address";
    case RecordError::kPrefix:
      return "a malformed prefix length";
    case RecordError::kModifier:
      return "a malformed modifier";
    case RecordError::kRepeated:
      return "a modifier that may stand only once";
  }
  return "";
}

bool is_spf(std::string_view text) {
  return codec::istarts_with_ascii(text, kVersion) && (text.size() == kVersion.size() || text[kVersion.size()] == ' ');
}

std::expected<Record, BadTerm> parse_record(std::string_view text) {
  Record out;
  text.remove_prefix(std::min(kVersion.size(), text.size()));
  while (true) {
    const auto begin = text.find_first_not_of(' ');  // terms = *( 1*SP ( directive / modifier ) )
    if (begin == std::string_view::npos) return out;
    text.remove_prefix(begin);
    const auto term = text.substr(0, text.find(' '));
    text.remove_prefix(term.size());
    const bool ascii = std::ranges::all_of(term, [](char c) { return c > ' ' && c < '\x7F'; });
    const auto parsed = ascii ? parse_term(term, out) : std::unexpected(RecordError::kNotAscii);
    if (!parsed) return std::unexpected(BadTerm{.error = parsed.error(), .term = std::string(term)});
  }
}

std::shared_ptr<const std::expected<Record, BadTerm>> known_record(std::string_view text) {
  thread_local inquiry::Remembered<std::expected<Record, BadTerm>> known({.texts = 256, .octets = 512});
  return known.meaning_of(text, parse_record);
}

}  // namespace veredus::rules::spf
