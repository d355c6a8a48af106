#include "state/mailbox/sheet_cache.h"

#include <utility>

namespace veredus::state::mailbox {
namespace {

constexpr std::size_t kEntryOctets = 160;  // of what lists and maps take for each

}  // namespace

SheetCache::Sheet SheetCache::get(const Key& key) {
  const std::scoped_lock lock(mutex_);
  const auto* sheet = sheets_.find(key);
  return sheet == nullptr ? nullptr : *sheet;
}

void SheetCache::put(const Key& key, Sheet sheet) {
  const auto octets = sheet->octets() + kEntryOctets;
  const std::scoped_lock lock(mutex_);
  sheets_.put(key, std::move(sheet), octets);
}

std::size_t SheetCache::octets() const {
  const std::scoped_lock lock(mutex_);
  return sheets_.weight();
}

}  // namespace veredus::state::mailbox
