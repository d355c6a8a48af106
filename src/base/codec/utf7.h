#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace veredus::base::codec {

/// Mailbox names for clients without UTF-8: "~peter/mail/台北" is "~peter/mail/&U,BTFw-". Source: RFC 3501 s5.1.3.
/// nullopt when the text is not valid UTF-8.
std::optional<std::string> to_modified_utf7(std::string_view utf8);

/// Strict, so that each name has one spelling only: nullopt for octets outside of 0x20..0x7E, an unended shift, wrong
/// trailing bits, lone surrogates, and printable US-ASCII inside a shift.
std::optional<std::string> from_modified_utf7(std::string_view text);

}  // namespace veredus::base::codec
