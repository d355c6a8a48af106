#pragma once

#include <expected>

#include "wire/imap/cursor.h"
#include "wire/imap/reader_options.h"
#include "wire/imap/search_key.h"
#include "wire/imap/sort.h"

namespace veredus::wire::imap {

/// What follows "SEARCH ", "SORT ", "THREAD ".
std::expected<Search, CommandError> parse_search(Cursor& at, bool uid, const ReaderOptions& options);
std::expected<Sort, CommandError> parse_sort(Cursor& at, bool uid, const ReaderOptions& options);
std::expected<Thread, CommandError> parse_thread(Cursor& at, bool uid, const ReaderOptions& options);

}  // namespace veredus::wire::imap
