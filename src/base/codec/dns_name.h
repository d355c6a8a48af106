#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace veredus::base::codec {

/// Names of DNS as text. Labels may hold any octets (RFC 2181 s11); in text a letter, a digit, '-' and '_' stand for
/// themselves, other printable ones behind a backslash, and all the rest as `\DDD`, as zone files have it (RFC 1035
/// s5.1, RFC 4343 s2.1). So dots without a backslash stand between labels, and every name has one text.

/// One octet of a label, in lower case.
void append_presented(std::string& out, char octet);

/// The text for a name whose labels are plain octets with dots between them, and hold no dots.
std::string presented_name(std::string_view octets);

/// The one text of a name that is given with escapes, needed or not. nullopt: an empty label, a label above 63 octets,
/// a name above 253 (RFC 1035 s2.3.4; escapes count as what they stand for), an escape cut short or above 255, an octet
/// that should have been escaped.
std::optional<std::string> normal_presented_name(std::string_view text);

}  // namespace veredus::base::codec
