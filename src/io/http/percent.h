#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veredus::io::http {

/// Percent-encoding of RFC 3986 s2.1. nullopt: a '%' without two hex digits after it.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view encoded);
/// Everything but unreserved characters (RFC 3986 s2.3) is encoded: fits a path segment or a query value.
[[nodiscard]] std::string percent_encode(std::string_view octets);
/// "a=1&b=x%20y" as pairs; '+' is a space. nullopt: malformed.
[[nodiscard]] std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

}  // namespace veredus::io::http
