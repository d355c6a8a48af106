#pragma once

#include <string>
#include <string_view>

namespace veredus::wire::mime {

/// At '&': appends the character that the reference stands for and returns its length in `text`; 0, and nothing
/// appended, when it is no reference that is known here (numeric ones and the usual names). Source: HTML s13.5.
std::size_t take_html_reference(std::string_view text, std::string& out);

}  // namespace veredus::wire::mime
