#pragma once

#include <chrono>
#include <expected>
#include <optional>

#include "io/net/asio.h"
#include "io/net/endpoint.h"
#include "io/net/line_stream.h"

namespace veredus::io::net {

/// Connects from `reactor` (owned by someone who joins the caller; must be the caller's own) to `to`. Errors: kRefused,
/// kTimeout, kNoDescriptors, kNotPermitted, kAddress.
asio::awaitable<std::expected<LineStream, IoError>> connect(Reactor* reactor, Endpoint to,
                                                            std::chrono::milliseconds deadline);
/// The same from one of this machine's addresses, of the family of `to`. Errors: also kAddress when it is none.
asio::awaitable<std::expected<LineStream, IoError>> connect(Reactor* reactor, Endpoint to,
                                                            std::optional<IpAddress> source,
                                                            std::chrono::milliseconds deadline);

}  // namespace veredus::io::net
