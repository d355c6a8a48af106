#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace veredus::wire::mime {

/// The text a person would read of an HTML page, as UTF-8 with LF line ends: blocks on lines of their own, list items
/// marked, links followed by their address in angle brackets when it is not what is shown. Scripts, styles and comments
/// are left out. Parsed by gumbo; pages whose nesting would make that costly are stripped as in strip_html().
std::string html_to_text(std::string_view html_utf8);

/// Quick and linear for any input, also for a page that is cut off: tags removed, entities undone, white space
/// collapsed, one line. Stops after `max_octets` of output. For previews.
std::string strip_html(std::string_view html_utf8, std::size_t max_octets);

}  // namespace veredus::wire::mime
