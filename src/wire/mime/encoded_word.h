#pragma once

#include <string>
#include <string_view>

#include "wire/mime/charset.h"

namespace veredus::wire::mime {

/// A header field's value as valid UTF-8, one line: unfolded (each fold becomes one space), trimmed, encoded words
/// undone (RFC 2047 s6; white space between two of them goes), raw UTF-8 taken as it is (RFC 6532). A word of unknown
/// charset or broken encoding stays as it was sent. Control characters become spaces.
std::string decode_header(std::string_view value, Undeclared undeclared = Undeclared::kGuess);

/// The same without unfolding and trimming: only what RFC 2047 s6 and `undeclared` do. For text that was unquoted.
std::string decode_words(std::string_view text, Undeclared undeclared = Undeclared::kGuess);

/// The value without line breaks, octets otherwise as sent. Source: RFC 5322 s2.2.3.
std::string unfold(std::string_view value);

/// UTF-8 text as ASCII for an unstructured field: what needs it becomes encoded words of at most 75 characters (RFC
/// 2047 s2), folded before they reach 76 in a line (`column` is where the value starts). ASCII text comes back folded
/// at white space where it can be.
std::string encode_unstructured(std::string_view text_utf8, std::size_t column);

/// A display name for use in a phrase: an atom sequence as it is, else a quoted string, else encoded words.
std::string encode_phrase(std::string_view name_utf8);

}  // namespace veredus::wire::mime
