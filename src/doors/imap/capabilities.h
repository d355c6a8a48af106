#pragma once

#include <string>

#include "doors/imap/options.h"
#include "doors/imap/session.h"

namespace veredus::doors::imap {

/// What stands behind CAPABILITY now (RFC 9051 s6.1.1). IMAP4rev2 comes last: some programs that see it first think of
/// nothing else.
[[nodiscard]] std::string capabilities(const Session& session, const SessionOptions& options);

}  // namespace veredus::doors::imap
