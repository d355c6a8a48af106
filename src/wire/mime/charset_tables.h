#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace veredus::wire::mime {

/// Text in one of the charsets that ICU lacks, ISO-8859-10, -14 and -16; nullopt when `name` (lower case) is none of
/// them. Source: ISO/IEC 8859, as at unicode.org/Public/MAPPINGS/ISO8859.
std::optional<std::string> to_utf8_by_table(std::string_view octets, std::string_view name);

}  // namespace veredus::wire::mime
