#pragma once

#include <cstddef>
#include <expected>
#include <vector>

#include "wire/imap/cursor.h"
#include "wire/imap/fetch_item.h"

namespace veredus::wire::imap {

/// What follows "FETCH ". Each parser here and beside it stops behind what it took; `most` bounds the items.
std::expected<Fetch, CommandError> parse_fetch(Cursor& at, bool uid, std::size_t most);

///   "(" fetch-att *(SP fetch-att) ")"
std::expected<std::vector<FetchItem>, CommandError> parse_fetch_list(Cursor& at, std::size_t most);

///   section = "[" [section-spec] "]"
std::expected<Section, CommandError> parse_section(Cursor& at, std::size_t most);

/// section-spec, up to "]" or the end.
std::expected<Section, CommandError> parse_section_spec(Cursor& at, std::size_t most);

///   partial-range = nz-number ":" nz-number / "-" nz-number ":" "-" nz-number
std::expected<PartialRange, CommandError> parse_partial_range(Cursor& at);

}  // namespace veredus::wire::imap
