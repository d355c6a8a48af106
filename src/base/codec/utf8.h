#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace veredus::base::codec {

/// No octet above 0x7F.
bool is_ascii(std::string_view text);

/// Well-formed: no overlong forms, no surrogates, nothing above U+10FFFF. Source: RFC 3629 s4.
bool is_valid_utf8(std::string_view text);

/// One character read from the front of a text.
struct Utf8Character {
  char32_t code_point = 0;
  std::size_t octets = 0;  // 1..4; 0 when the text is empty or starts with no well-formed character
};
Utf8Character first_utf8_character(std::string_view text);

/// Appends `code_point`, or U+FFFD when it is a surrogate or above U+10FFFF.
void append_utf8(std::string& out, char32_t code_point);

/// `text` with U+FFFD for each maximal ill-formed part. Valid text is copied as it is.
std::string replace_invalid_utf8(std::string_view text);

/// The longest prefix of at most `max_octets` that cuts no character. `text` should be valid UTF-8.
std::string_view utf8_prefix(std::string_view text, std::size_t max_octets);

}  // namespace veredus::base::codec
