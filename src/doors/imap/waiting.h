#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "doors/imap/input.h"
#include "doors/imap/talk.h"
#include "state/mailbox/change_watch.h"

namespace veredus::doors::imap {

/// What ended a wait: a line from the client, or (nullopt) a change in what was watched or of the session's account.
using LineOrChange = std::optional<Input::Octets>;

/// Waits for a line of at most `max_octets` and for a change at the same time, as IDLE and NOTIFY do. A line that comes
/// together with a change is not lost. `watch` is the caller's; somebody is logged in.
asio::awaitable<LineOrChange> line_or_change(Talk* talk, state::mailbox::ChangeWatch* watch, std::size_t max_octets,
                                             std::chrono::milliseconds deadline);

}  // namespace veredus::doors::imap
