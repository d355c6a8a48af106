#include "state/mailbox/packed_table.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "state/mailbox/rows.h"

namespace veredus::state::mailbox {
namespace {

using Table = std::shared_ptr<const MessageTable>;
using Parts = std::vector<std::string>;

constexpr std::size_t kPartPages = 16;  // pages of the table in memory in one row of the store
constexpr std::uint32_t kMostParts = 100'000;
// What is done at once takes less than 0.2 ms: another thread would gain nothing.
constexpr std::size_t kInPlace = 2'000;  // messages
constexpr std::size_t kInPlaceOctets = std::size_t{32} * 1024;

/// Whether `next` goes on where `part` ends.
bool goes_on(const TableStretch& part, const TableStretch& next) {
  return next.uid_validity == part.uid_validity && next.as_of == part.as_of &&
         part.pages.back()->last() < next.pages.front()->first();
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
      part.messages.insert(part.messages.end(), pages[i]->messages().begin(), pages[i]->messages().end());
    parts.push_back(rows::encode(part));
  }
  return parts;
}

Unpacked unpack(std::string part) {
  auto survey =
      rows::survey_table_part(std::make_shared<const std::string>(std::move(part)), MessageTable::kPageMessages);
  if (!survey || survey->pages.empty()) return std::nullopt;
  TableStretch stretch{survey->uid_validity, survey->as_of, survey->parts, {}};
  stretch.pages.reserve(survey->pages.size());
  for (auto& page : survey->pages)
    stretch.pages.push_back(std::make_shared<const TablePage>(std::move(page.summary), std::move(page.messages)));
  return stretch;
}

std::uint32_t parts_of_table(const std::string& part) {
  const auto parts = rows::decode_parts_of_table(part).value_or(0);
  return parts <= kMostParts ? parts : 0;
}

Table joined(const std::vector<Unpacked>& parts) {
  if (parts.empty() || !parts.front()) return nullptr;
  MessageTable::Pages pages;
  const Unpacked* last = nullptr;
  for (const auto& part : parts) {
    if (!part || part->parts != parts.size() || (last != nullptr && !goes_on(**last, *part))) return nullptr;
    pages.insert(pages.end(), part->pages.begin(), part->pages.end());
    last = &part;
  }
  return std::make_shared<const MessageTable>(parts.front()->uid_validity, parts.front()->as_of, std::move(pages));
}

asio::awaitable<std::vector<std::string>> packed(io::net::WorkerPool* pool, Table table) {
  if (table->size() <= kInPlace) co_return pack(*table);
  auto job = [table = std::move(table)] { return pack(*table); };
  auto parts = co_await pool->run(std::move(job));
  co_return parts ? *std::move(parts) : Parts();
}

asio::awaitable<Unpacked> unpacked(io::net::WorkerPool* pool, std::string part) {
  if (part.size() <= kInPlaceOctets) co_return unpack(std::move(part));
  auto job = [part = std::move(part)]() mutable { return unpack(std::move(part)); };
  auto stretch = co_await pool->run(std::move(job));
  co_return stretch ? *std::move(stretch) : std::nullopt;
}

}  // namespace veredus::state::mailbox
