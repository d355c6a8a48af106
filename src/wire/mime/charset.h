#pragma once

#include <string>
#include <string_view>

namespace veredus::wire::mime {

/// Whether text in this charset can be converted. Any case, any registered alias and the usual misspellings.
bool is_known_charset(std::string_view charset);

/// Text as valid UTF-8, U+FFFD for what the charset does not define. UTF-8 and ASCII never reach ICU; other converters
/// are opened once per thread. `charset` unknown or empty: as guess_to_utf8(). ISO-8859-1 is read as windows-1252, as
/// the senders mean it.
std::string to_utf8(std::string_view octets, std::string_view charset);

/// Text of undeclared charset as valid UTF-8: UTF-8 when it is that, else what ICU's detector is confident of, else
/// windows-1252.
std::string guess_to_utf8(std::string_view octets);

}  // namespace veredus::wire::mime
