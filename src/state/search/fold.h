#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace veredus::state::search {

/// Text in the form in which search compares it: every code point in title case, taken apart as far as Unicode does
/// (compatibility too), and that in title case again. So `strasse` does not find `straße`, but `MULLER` finds `Müller`,
/// and `fi` the ligature. A code point's form does not depend on its neighbours: text may be folded piece by piece.
/// `text` is valid UTF-8; so is the answer. Source: RFC 5051 s2, which RFC 5255 s4.1 asks for.
[[nodiscard]] std::string fold(std::string_view text_utf8);

/// The same, appended to `out`.
void fold(std::string_view text_utf8, std::string& out);

/// ASCII folded: capitals.
[[nodiscard]] constexpr char fold_ascii(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

/// How many code points a valid UTF-8 text has.
[[nodiscard]] std::size_t code_points(std::string_view text_utf8);

}  // namespace veredus::state::search
