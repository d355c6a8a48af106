#include "state/mailbox/sheet_cache.h"

#include <utility>

namespace veredus::state::mailbox {
namespace {

constexpr std::size_t kEntryOctets = 160;  // of what lists and maps take for each

}  // namespace

SheetCache::Sheet SheetCache::get(const Key& key) {
  const std::scoped_lock lock(mutex_);
  const auto at = by_key_.find(key);
  if (at == by_key_.end()) return nullptr;
  by_use_.splice(by_use_.begin(), by_use_, at->second);
  return at->second->sheet;
}

void SheetCache::drop(std::map<Key, std::list<Entry>::iterator>::iterator at) {
  octets_ -= at->second->octets;
  by_use_.erase(at->second);
  by_key_.erase(at);
}

void SheetCache::put(const Key& key, Sheet sheet) {
  const auto octets = sheet->octets() + kEntryOctets;
  const std::scoped_lock lock(mutex_);
  if (const auto at = by_key_.find(key); at != by_key_.end()) drop(at);
  if (octets > octets_limit_ / 4) return;
  by_use_.push_front({key, std::move(sheet), octets});
  by_key_[key] = by_use_.begin();
  octets_ += octets;
  while (octets_ > octets_limit_) drop(by_key_.find(by_use_.back().key));
}

std::size_t SheetCache::octets() const {
  const std::scoped_lock lock(mutex_);
  return octets_;
}

}  // namespace veredus::state::mailbox
