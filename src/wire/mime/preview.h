#pragma once

#include <string>
#include <string_view>

#include "wire/mime/structure.h"

namespace veredus::wire::mime {

/// The beginning of the text as one line of at most 256 characters, UTF-8, made from the samples of a structure: white
/// space collapsed, quoted lines and the signature left out where something else is there. Source: RFC 8970 s4.
std::string preview(const Structure& structure);

/// The same from a text's beginning.
std::string preview_of_text(std::string_view text_utf8);

}  // namespace veredus::wire::mime
