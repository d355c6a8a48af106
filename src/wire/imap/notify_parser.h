#pragma once

#include <expected>

#include "wire/imap/cursor.h"
#include "wire/imap/notify.h"
#include "wire/imap/reader_options.h"

namespace veredus::wire::imap {

/// What follows "NOTIFY ".
std::expected<Notify, CommandError> parse_notify(Cursor& at, const ReaderOptions& options);

}  // namespace veredus::wire::imap
