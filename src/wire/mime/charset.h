#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace veredus::wire::mime {

/// What to do with octets above 0x7F that are not UTF-8 and whose charset nothing declares.
enum class Undeclared : std::uint8_t {
  kGuess,    // read them as the charset they most probably are: for people
  kReplace,  // U+FFFD for each maximal ill-formed part: for reports of what the message really says
};

/// Whether text in this charset can be converted. Any case, any registered alias and the usual misspellings.
bool is_known_charset(std::string_view charset);

/// Text as valid UTF-8, U+FFFD for what the charset does not define. UTF-8 and ASCII never reach ICU; other converters
/// are opened once per thread. A charset that is empty or unknown: as `undeclared`
/// says. Octets that call themselves US-ASCII and are not are guessed. ISO-8859-1 is read as windows-1252, as its
/// senders mean it.
std::string to_utf8(std::string_view octets, std::string_view charset, Undeclared undeclared = Undeclared::kGuess);

/// Text of no declared charset as valid UTF-8.
std::string undeclared_to_utf8(std::string_view octets, Undeclared undeclared);

/// Text of undeclared charset as valid UTF-8: UTF-8 when it is that, else what ICU's detector is confident of, else
/// windows-1252.
std::string guess_to_utf8(std::string_view octets);

}  // namespace veredus::wire::mime
