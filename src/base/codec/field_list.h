#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veredus::base::codec {

/// The fields of a TXT record of the form that MTA-STS and TLS reporting share, in order; `version` is "v=STSv1". Views
/// into `text`. nullopt: another version, or a field that is none. What a value may be is its field's matter, but it is
/// never empty. White space at the end is let pass.
///
///   record     = version 1*(delim field) [delim]
///   field      = name "=" value
///   name       = (ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")
///   delim      = *WSP ";" *WSP
///
/// Source: RFC 8461 s3.1, RFC 8460 s3.
std::optional<std::vector<std::pair<std::string_view, std::string_view>>> read_field_list(std::string_view text,
                                                                                          std::string_view version);

enum class RecordChoice : std::uint8_t { kNone, kSeveral };

/// Whether a text begins with the version and ";": others are somebody else's records.
[[nodiscard]] bool is_record_of(std::string_view text, std::string_view version);
/// The one such text among all that were found at a name. Source: RFC 8461 s3.1, RFC 8460 s3.
[[nodiscard]] std::expected<std::string_view, RecordChoice> only_record(std::span<const std::string> texts,
                                                                        std::string_view version);

/// What a field nobody knows may hold: `1*(%x21-3A / %x3C / %x3E-7E)`, so no "=", no ";" and no space.
[[nodiscard]] bool is_extension_value(std::string_view value);
/// As above.
[[nodiscard]] bool is_field_name(std::string_view name);

}  // namespace veredus::base::codec
