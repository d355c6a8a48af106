#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace veredus::wire::smtp {

/// RFC 3461 s4: `+2B` is an octet; '+' and '=' and what is not printable ASCII are always written so.
[[nodiscard]] std::string xtext_encode(std::string_view octets);
/// nullopt: not xtext. Lower-case hexadecimal digits are let pass.
[[nodiscard]] std::optional<std::string> xtext_decode(std::string_view text);
/// RFC 6533 s3: utf-8-addr-xtext and utf-8-addr-unitext (`\x{20AC}`); nullopt: neither.
[[nodiscard]] std::optional<std::string> utf8_addr_decode(std::string_view text);
/// RFC 6533 s3: utf-8-addr-xtext, which is ASCII whatever `text_utf8` is.
[[nodiscard]] std::string utf8_addr_encode(std::string_view text_utf8);

}  // namespace veredus::wire::smtp
