#pragma once

#include <string>
#include <string_view>

namespace veredus::base::codec {

/// The one way to write the same letters, composed: "e" and U+0301 become U+00E9. May be longer than `text`. What is
/// not valid UTF-8 stays as it is. Source: Unicode Standard Annex 15, NFC.
[[nodiscard]] std::string to_nfc(std::string_view text);

}  // namespace veredus::base::codec
