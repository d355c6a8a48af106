#pragma once

#include <string>
#include <string_view>

namespace veredus::wire::mime {

/// What a message says, as one line of JSON for `veredus check mime --json`: subject; from, to ([[name|null,
/// address|null]…], or null); date (RFC 3339, or null); leaves ([{type, filename, disposition, cid, charset, size,
/// sha256, text}…]), leaf by leaf in the message's order. `size` and `sha256` are of the body with its transfer
/// encoding undone; `text` is that as UTF-8 for text leaves and others that are readable. A message inside is one leaf.
/// Undeclared octets that are not UTF-8 are shown as U+FFFD, not guessed: this reports what the message says.
std::string check_report_json(std::string_view message);

/// The judgement over one address for `veredus check address --json`: {address, category, diagnosis, explanation}.
std::string check_address_json(std::string_view address);

}  // namespace veredus::wire::mime
