#include "state/mailbox/sheet_cache.h"

#include <utility>

namespace veredus::state::mailbox {
namespace {

constexpr std::size_t kEntryOctets = 160;  // of what lists and maps take for each

}  // namespace

SheetCache::Sheet SheetCache::get(const Key& key) {
  const std::scoped_lock lock(mutex_);
  const auto* entry = sheets_.find(key);
  return entry == nullptr ? nullptr : entry->sheet;
}

void SheetCache::put(const Key& key, Sheet sheet, bool unstored) {
  const auto octets = sheet->octets() + kEntryOctets;
  const std::scoped_lock lock(mutex_);
  const auto* before = sheets_.peek(key);
  unstored = unstored || (before != nullptr && before->unstored);
  sheets_.put(key, {std::move(sheet), unstored}, octets);
}

SheetCache::Sheet SheetCache::take_unstored(const Key& key) {
  const std::scoped_lock lock(mutex_);
  auto* entry = sheets_.peek(key);
  return entry != nullptr && std::exchange(entry->unstored, false) ? entry->sheet : nullptr;
}

void SheetCache::put_back(const Key& key) {
  const std::scoped_lock lock(mutex_);
  if (auto* entry = sheets_.peek(key)) entry->unstored = true;
}

std::size_t SheetCache::octets() const {
  const std::scoped_lock lock(mutex_);
  return sheets_.weight();
}

}  // namespace veredus::state::mailbox
