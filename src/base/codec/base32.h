#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace veredus::base::codec {

/// Lower-case base32 without padding, in an alphabet without i, l, o and u (0123456789abcdefghjkmnpqrstvwxyz): for ids
/// that people read out. Sorts as the octets do. 5 octets become 8 characters; an incomplete last group is filled with
/// zero bits.
std::string base32_encode(std::string_view octets);

/// Either case; reads o as 0, i and l as 1. nullopt for any other character, an impossible length, or trailing bits
/// set.
std::optional<std::string> base32_decode(std::string_view text);

}  // namespace veredus::base::codec
