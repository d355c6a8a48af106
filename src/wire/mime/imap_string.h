#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace veredus::wire::mime {

/// The one encoder of IMAP strings in answers: quoted where it can be, else a literal; octets above 0x7F always in a
/// literal, which every client understands; NUL, which neither may hold, is left out. Source: RFC 9051 s4.3.
void append_imap_string(std::string& out, std::string_view value);

/// nstring: "NIL" for nothing.
void append_imap_nstring(std::string& out, const std::optional<std::string_view>& value);

}  // namespace veredus::wire::mime
