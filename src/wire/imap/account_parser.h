#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <vector>

#include "wire/imap/cursor.h"

namespace veredus::wire::imap {

/// entries = astring / "(" astring *(SP astring) ")": names like "/private/comment" (RFC 5464 s3.2).
std::expected<std::vector<std::string>, CommandError> parse_entries(Cursor& at, std::size_t most);

}  // namespace veredus::wire::imap
