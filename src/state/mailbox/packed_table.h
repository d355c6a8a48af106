#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/net/asio.h"
#include "io/net/worker_pool.h"
#include "state/mailbox/message_table.h"

/// A table as the store keeps it: values of the rows of its parts, in their order.
namespace veredus::state::mailbox {

[[nodiscard]] std::vector<std::string> pack(const MessageTable& table);
/// nullptr: they are damaged, or not of one table.
[[nodiscard]] std::shared_ptr<const MessageTable> unpack(const std::vector<std::string>& parts);

/// The same, where what would hold up a reactor is done by `pool`, which must outlive the call. What the pool does not
/// take is not done: nothing, or nullptr.
asio::awaitable<std::vector<std::string>> packed(io::net::WorkerPool* pool, std::shared_ptr<const MessageTable> table);
asio::awaitable<std::shared_ptr<const MessageTable>> unpacked(io::net::WorkerPool* pool,
                                                              std::vector<std::string> parts);

}  // namespace veredus::state::mailbox
