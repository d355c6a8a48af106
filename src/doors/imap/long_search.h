#pragma once

#include <chrono>
#include <memory>

#include "doors/imap/talk.h"
#include "io/net/asio.h"
#include "state/search/progress.h"

namespace veredus::doors::imap {

/// Runs `search` and tells the client how far it is whenever `Timeouts::progress` has passed (RFC 9585 s4). When the
/// client is gone `progress->stop` is set, and the search ends. `search` writes its result where its maker reads it.
asio::awaitable<void> with_progress(Talk* talk, std::shared_ptr<state::search::Progress> progress,
                                    asio::awaitable<void> search);

}  // namespace veredus::doors::imap
