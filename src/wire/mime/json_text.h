#pragma once

#include <string>
#include <string_view>

namespace veredus::wire::mime {

/// Appends valid UTF-8 as a JSON string. Source: RFC 8259 s7.
void append_json_string(std::string& out, std::string_view text_utf8);

/// The same, but null for an empty text.
void append_json_string_or_null(std::string& out, std::string_view text_utf8);

}  // namespace veredus::wire::mime
