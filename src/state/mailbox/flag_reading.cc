#include "state/mailbox/flag_reading.h"

#include <algorithm>
#include <utility>

#include "state/mailbox/keys.h"
#include "state/mailbox/rows.h"

namespace veredus::state::mailbox {
namespace {

using io::engine::Row;
using io::engine::ScanOptions;

struct KeyRange {
  std::string low;
  std::string high;
};

KeyRange pages_of(MailboxId mailbox, UidRange range) {
  return {keys::flag_page(mailbox, FlagPage::number_of(range.first)),
          keys::flag_page(mailbox, FlagPage::number_of(range.last)) + '\0'};
}

bool has_pages(const Turn& turn, MailboxId mailbox) {
  const auto* row = turn.any_mailbox(mailbox);
  return row != nullptr && row->has_flag_pages;
}

Outcome<void> add_pages(const std::vector<Row>& rows, FlagOverlay& overlay) {
  for (const auto& row : rows) {
    const auto at = keys::parse_flag_page(row.key);
    if (!at) return std::unexpected(MailboxError::kCorrupt);
    VEREDUS_TRY(const auto page, rows::decode_flag_page(at->second, row.value));
    overlay.add(page);
  }
  return {};
}

}  // namespace

AsyncOutcome<FlagOverlay> read_flags(Turn* turn, MailboxId mailbox, UidRange range) {
  FlagOverlay overlay;
  if (!has_pages(*turn, mailbox)) co_return overlay;
  auto [low, high] = pages_of(mailbox, range);
  while (!low.empty()) {
    VEREDUS_CO_TRY(auto page, co_await turn->scan(std::move(low), high, ScanOptions{}));
    VEREDUS_CO_TRY(add_pages(page.rows, overlay));
    low = std::move(page.next);
  }
  co_return overlay;
}

AsyncOutcome<FlagOverlay> read_flags(Turn* turn, MailboxId mailbox, std::vector<Uid> uids) {
  FlagOverlay overlay;
  if (!has_pages(*turn, mailbox)) co_return overlay;
  std::vector<std::uint32_t> numbers;
  for (const Uid uid : uids)
    if (numbers.empty() || numbers.back() != FlagPage::number_of(uid)) numbers.push_back(FlagPage::number_of(uid));
  std::vector<std::string> wanted;
  for (const auto number : numbers) wanted.push_back(keys::flag_page(mailbox, number));
  VEREDUS_CO_TRY(co_await turn->fetch(std::move(wanted)));
  for (const auto number : numbers) {
    VEREDUS_CO_TRY(const auto page, flag_page_of(*turn, mailbox, number));
    overlay.add(page);
  }
  co_return overlay;
}

AsyncOutcome<FlagOverlay> read_flags(io::engine::Engine* engine, io::engine::Partition partition, MailboxId mailbox,
                                     UidRange range) {
  FlagOverlay overlay;
  auto [low, high] = pages_of(mailbox, range);
  while (!low.empty()) {
    const auto page = co_await engine->scan(partition, low, high, ScanOptions{});
    if (!page) co_return std::unexpected(from_store(page.error()));
    VEREDUS_CO_TRY(add_pages(page->rows, overlay));
    low = page->more ? page->rows.back().key + '\0' : std::string();
  }
  co_return overlay;
}

Outcome<FlagPage> flag_page_of(const Turn& turn, MailboxId mailbox, std::uint32_t number) {
  const auto* row = turn.row(keys::flag_page(mailbox, number));
  if (row == nullptr) return FlagPage();
  return rows::decode_flag_page(number, *row);
}

AsyncOutcome<void> IdlePages::read(Turn* turn, MailboxId mailbox, std::size_t leaving) {
  keys_.clear();
  if (!has_pages(*turn, mailbox) || turn->any_mailbox(mailbox)->counts.messages != leaving) co_return Outcome<void>();
  ScanOptions options;
  options.keys_only = true;
  auto [low, high] = pages_of(mailbox, kAllUids);
  while (!low.empty()) {
    VEREDUS_CO_TRY(auto page, co_await turn->scan(std::move(low), high, options));
    for (auto& row : page.rows) keys_.push_back(std::move(row.key));
    low = std::move(page.next);
  }
  co_return Outcome<void>();
}

void IdlePages::erase(Turn& turn, MailboxId mailbox) {
  if (keys_.empty()) return;
  turn.edit_mailbox(mailbox).has_flag_pages = false;
  for (auto& key : keys_) turn.erase(std::move(key));
  keys_.clear();
}

}  // namespace veredus::state::mailbox
