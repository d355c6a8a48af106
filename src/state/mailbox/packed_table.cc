#include "state/mailbox/packed_table.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "state/mailbox/rows.h"

namespace veredus::state::mailbox {
namespace {

using Table = std::shared_ptr<const MessageTable>;
using Parts = std::vector<std::string>;

constexpr std::size_t kPartPages = 16;  // pages of the table in memory in one row of the store
// What is done at once takes less than 0.2 ms: another thread would gain nothing.
constexpr std::size_t kInPlace = 2'000;  // messages
constexpr std::size_t kInPlaceOctets = std::size_t{32} * 1024;

std::size_t octets_of(const Parts& parts) {
  const auto add = [](std::size_t sum, const std::string& part) { return sum + part.size(); };
  return std::accumulate(parts.begin(), parts.end(), std::size_t{0}, add);
}

/// Whether `next` goes on where `table` ends.
bool goes_on(const MessageTable& table, const MessageTable& next) {
  return next.uid_validity() == table.uid_validity() && next.as_of() == table.as_of() &&
         table.pages().back()->messages.back().uid < next.pages().front()->messages.front().uid;
}

}  // namespace

std::vector<std::string> pack(const MessageTable& table) {
  const auto& pages = table.pages();
  const auto count = (pages.size() + kPartPages - 1) / kPartPages;
  Parts parts;
  parts.reserve(count);
  rows::TablePart part{table.uid_validity(), table.as_of(), static_cast<std::uint32_t>(count), {}};
  part.messages.reserve(std::min(table.size(), kPartPages * MessageTable::kPageMessages));
  for (std::size_t first = 0; first < pages.size(); first += kPartPages) {
    part.messages.clear();
    for (std::size_t i = first; i < std::min(first + kPartPages, pages.size()); ++i)
      part.messages.insert(part.messages.end(), pages[i]->messages.begin(), pages[i]->messages.end());
    parts.push_back(rows::encode(part));
  }
  return parts;
}

std::shared_ptr<const MessageTable> unpack(const std::vector<std::string>& parts) {
  Table last;
  MessageTable::Pages pages;
  for (const auto& octets : parts) {
    auto part = rows::decode_table_part(octets);
    if (!part || part->parts != parts.size() || part->messages.empty()) return nullptr;
    auto table = MessageTable::of(part->uid_validity, part->as_of, std::move(part->messages));
    if (last && !goes_on(*last, *table)) return nullptr;
    pages.insert(pages.end(), table->pages().begin(), table->pages().end());
    last = std::move(table);
  }
  if (!last) return nullptr;
  return std::make_shared<const MessageTable>(last->uid_validity(), last->as_of(), std::move(pages));
}

asio::awaitable<std::vector<std::string>> packed(io::net::WorkerPool* pool, Table table) {
  if (table->size() <= kInPlace) co_return pack(*table);
  auto job = [table = std::move(table)] { return pack(*table); };
  auto parts = co_await pool->run(std::move(job));
  co_return parts ? *std::move(parts) : Parts();
}

asio::awaitable<Table> unpacked(io::net::WorkerPool* pool, Parts parts) {
  if (octets_of(parts) <= kInPlaceOctets) co_return unpack(parts);
  auto job = [parts = std::move(parts)] { return unpack(parts); };
  auto table = co_await pool->run(std::move(job));
  co_return table ? *std::move(table) : Table();
}

}  // namespace veredus::state::mailbox
