#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "wire/mime/limits.h"
#include "wire/mime/structure.h"

namespace veredus::wire::mime {

/// The structure of a message that is all in memory.
Structure parse(std::string_view message, Limits limits = {});

/// A part's header block or encoded body, as views into `message`, which must be the one that was parsed.
std::string_view header_of(const Part& part, std::string_view message);
std::string_view body_of(const Part& part, std::string_view message);

/// Octets with the transfer encoding undone; lenient. Source: RFC 2045 s6.
std::string decode_transfer(std::string_view body, TransferEncoding encoding);

std::string decoded_body(const Part& part, std::string_view message);

/// The charset of a text part: declared, or for an HTML part without one named by its meta element; empty: none.
/// `octets` is the decoded body or its beginning.
std::string text_charset(const Part& part, std::string_view octets);

/// The part's text as UTF-8, by its declared charset (an HTML part without one: by its meta element), else guessed.
std::string decoded_text(const Part& part, std::string_view message, Undeclared undeclared = Undeclared::kGuess);

/// The readable text of a whole message, for search and for the text alternative: its text parts, HTML turned into
/// text; of multipart/alternative the plain one where there is one. At most `max_octets` of valid UTF-8.
std::string readable_text(const Structure& structure, std::string_view message, std::size_t max_octets = 1024 * 1024);

}  // namespace veredus::wire::mime
