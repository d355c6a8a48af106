#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/net/asio.h"
#include "io/net/worker_pool.h"
#include "state/mailbox/message_table.h"

/// A table as the store keeps it: values of the rows of its parts, in their order.
namespace veredus::state::mailbox {

/// What one part says.
struct TableStretch {
  UidValidity uid_validity;
  ModSeq as_of;
  std::uint32_t parts = 1;  // of the whole table
  MessageTable::Pages pages;
};
using Unpacked = std::optional<TableStretch>;  // none: it is damaged

[[nodiscard]] std::vector<std::string> pack(const MessageTable& table);
/// Messages stay packed until they are looked at, but are known to be sound.
[[nodiscard]] Unpacked unpack(std::string part);
/// Of how many parts the table is; 0: it is damaged.
[[nodiscard]] std::uint32_t parts_of_table(const std::string& part);
/// nullptr: one is damaged, or they are not all of one table.
[[nodiscard]] std::shared_ptr<const MessageTable> joined(const std::vector<Unpacked>& parts);

/// The same, where what would hold up a reactor is done by `pool`, which must outlive the call. What the pool does not
/// take is not done: nothing.
asio::awaitable<std::vector<std::string>> packed(io::net::WorkerPool* pool, std::shared_ptr<const MessageTable> table);
asio::awaitable<Unpacked> unpacked(io::net::WorkerPool* pool, std::string part);

}  // namespace veredus::state::mailbox
