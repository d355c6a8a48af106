#pragma once

#include <expected>
#include <string>

#include "doors/admin/services.h"
#include "io/net/asio.h"
#include "work/queue/carrier.h"

namespace veredus::app::server {

/// Sends one letter through the hop's hosts at once, on the first reactor, whose `executor` is; the first host that
/// answers decides. `carrier` must outlive the call. Errors: a sentence for people.
asio::awaitable<std::expected<void, std::string>> try_sending(work::queue::Carrier* carrier,
                                                              asio::any_io_executor executor, std::string hello_name,
                                                              doors::admin::SendingTrial trial);

}  // namespace veredus::app::server
