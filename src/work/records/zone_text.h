#pragma once

#include <string>
#include <string_view>

namespace veredus::work::records {

/// A line of a zone file: `name. TYPE data`.
[[nodiscard]] std::string zone_line(std::string_view name, std::string_view type, std::string_view data);
/// The same for TXT, cut into strings of 255 octets (RFC 1035 s3.3).
[[nodiscard]] std::string zone_text(std::string_view name, std::string_view text);

}  // namespace veredus::work::records
