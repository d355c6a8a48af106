#include "wire/smtp/capabilities.h"

#include <algorithm>
#include <charconv>

#include "base/codec/ascii.h"

namespace veredus::wire::smtp {
namespace {

using base::codec::iequals_ascii;

/// The next word of `rest`, which is left behind it; empty at the end.
std::string_view take_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  const auto word = rest.substr(0, rest.find_first_of(" \t"));
  rest.remove_prefix(word.size());
  return word;
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

void add_mechanisms(Capabilities& capabilities, std::string_view words) {
  constexpr std::size_t kMaxMechanisms = 32;
  while (capabilities.auth.size() < kMaxMechanisms) {
    const auto word = take_word(words);
    if (word.empty()) return;
    auto mechanism = base::codec::to_upper_ascii(word);
    if (std::ranges::find(capabilities.auth, mechanism) == capabilities.auth.end())
      capabilities.auth.push_back(std::move(mechanism));
  }
}

/// RFC 9422 s4: `NAME=value` words
void read_limits(Capabilities& capabilities, std::string_view words) {
  while (true) {
    const auto word = take_word(words);
    if (word.empty()) return;
    const auto equals = word.find('=');
    const auto value = equals == std::string_view::npos ? std::nullopt : number<std::uint32_t>(word.substr(equals + 1));
    if (!value) continue;
    const auto name = word.substr(0, equals);
    if (iequals_ascii(name, "MAILMAX")) capabilities.limit_mails = *value;
    if (iequals_ascii(name, "RCPTMAX")) capabilities.limit_recipients = *value;
    if (iequals_ascii(name, "RCPTDOMAINMAX")) capabilities.limit_domains = *value;
  }
}

struct Flag {
  std::string_view keyword;
  bool Capabilities::* member;
};
constexpr Flag kFlags[] = {
    {"PIPELINING", &Capabilities::pipelining},
    {"8BITMIME", &Capabilities::eight_bit_mime},
    {"SMTPUTF8", &Capabilities::smtputf8},
    {"CHUNKING", &Capabilities::chunking},
    {"BINARYMIME", &Capabilities::binary_mime},
    {"DSN", &Capabilities::dsn},
    {"STARTTLS", &Capabilities::start_tls},
    {"REQUIRETLS", &Capabilities::require_tls},
    {"ENHANCEDSTATUSCODES", &Capabilities::enhanced_status},
    {"MT-PRIORITY", &Capabilities::mt_priority},
    {"DELIVERBY", &Capabilities::deliver_by},
    {"FUTURERELEASE", &Capabilities::future_release},
};

/// ehlo-line = ehlo-keyword *( SP ehlo-param ) (RFC 5321 s4.1.1.1)
void read_line(Capabilities& capabilities, std::string_view line) {
  const auto keyword = take_word(line);
  for (const auto& flag : kFlags)
    if (iequals_ascii(keyword, flag.keyword)) capabilities.*flag.member = true;

  if (iequals_ascii(keyword, "SIZE")) {
    capabilities.size = number<std::uint64_t>(take_word(line)).value_or(0);
  } else if (iequals_ascii(keyword, "AUTH")) {
    add_mechanisms(capabilities, line);
  } else if (base::codec::istarts_with_ascii(keyword, "AUTH=")) {
    // Servers older than RFC 4954 write an equals sign.
    add_mechanisms(capabilities, keyword.substr(5));
    add_mechanisms(capabilities, line);
  } else if (iequals_ascii(keyword, "LIMITS")) {
    read_limits(capabilities, line);
  } else if (iequals_ascii(keyword, "DELIVERBY")) {
    capabilities.deliver_by_min = std::max(0, number<std::int32_t>(take_word(line)).value_or(0));
  }
}

}  // namespace

Capabilities parse_capabilities(const Reply& reply) {
  Capabilities capabilities;
  std::string_view rest = reply.text;
  auto first = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(first.size());
  capabilities.name = take_word(first);
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto line = rest.substr(0, rest.find('\n'));
    read_line(capabilities, line);
    rest.remove_prefix(line.size());
  }
  return capabilities;
}

}  // namespace veredus::wire::smtp
