#include "wire/smtp/deliver_by.h"

#include <charconv>

#include "base/codec/ascii.h"

namespace veredus::wire::smtp {

std::optional<DeliverBy> parse_deliver_by(std::string_view value) {
  const bool negative = value.starts_with('-');
  if (negative || value.starts_with('+')) value.remove_prefix(1);
  const auto semicolon = value.find(';');
  constexpr std::size_t kMaxDigits = 9;
  if (semicolon == std::string_view::npos || semicolon == 0 || semicolon > kMaxDigits) return std::nullopt;

  DeliverBy result;
  const auto read = std::from_chars(value.data(), value.data() + semicolon, result.seconds);
  if (!base::codec::is_digit(value.front()) || read.ec != std::errc{} || read.ptr != value.data() + semicolon)
    return std::nullopt;
  if (negative) result.seconds = -result.seconds;

  const auto mode = base::codec::to_upper_ascii(value.substr(semicolon + 1));
  if (mode != "N" && mode != "R" && mode != "NT" && mode != "RT") return std::nullopt;
  result.mode = mode.front() == 'R' ? ByMode::kReturn : ByMode::kNotify;
  result.trace = mode.size() == 2;
  // RFC 2852 s4.1.2: a message that is to come back must have some time left.
  if (result.mode == ByMode::kReturn && result.seconds <= 0) return std::nullopt;
  return result;
}

std::string to_string(const DeliverBy& deliver_by) {
  std::string out = std::to_string(deliver_by.seconds);
  out.push_back(';');
  out.push_back(deliver_by.mode == ByMode::kReturn ? 'R' : 'N');
  if (deliver_by.trace) out.push_back('T');
  return out;
}

}  // namespace veredus::wire::smtp
