#include "state/search/index_shelf.h"

#include <utility>

#include "base/types/result.h"

namespace veredus::state::search {

std::shared_ptr<IndexShelf::Entry> IndexShelf::entry_of(AccountId account) {
  const std::scoped_lock lock(mutex_);
  const auto found = places_.find(account);
  if (found != places_.end()) {
    by_use_.splice(by_use_.begin(), by_use_, found->second.use);
    return found->second.entry;
  }
  if (places_.size() >= most_ && !by_use_.empty()) {
    places_.erase(by_use_.back());  // who still asks it has its own hold on it
    by_use_.pop_back();
  }
  by_use_.push_front(account);
  return places_.emplace(account, Place{std::make_shared<Entry>(), by_use_.begin()}).first->second.entry;
}

std::expected<void, IndexError> IndexShelf::make_ready(Entry& entry, const std::filesystem::path& path) {
  if (entry.missing) return std::unexpected(IndexError::kMissing);
  if (!entry.reader) {
    auto opened = IndexReader::open(path);
    if (!opened) return std::unexpected(opened.error());
    entry.reader = *std::move(opened);
  } else if (entry.stale) {
    VEREDUS_TRY(entry.reader->refresh());
  }
  entry.stale = false;
  return {};
}

/// A writer that commits twice takes away what a reader reads: it looks again.
std::expected<IndexAnswer, IndexError> IndexShelf::ask(AccountId account, const Program& program) {
  const auto entry = entry_of(account);
  const auto path = path_of(account);
  const std::scoped_lock lock(entry->mutex);
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto ready = make_ready(*entry, path);
    if (ready) {
      auto answer = entry->reader->ask(program);
      if (answer) return answer;
    }
    entry->reader.reset();
    if (!ready && ready.error() == IndexError::kMissing) {
      entry->missing = true;
      return std::unexpected(IndexError::kMissing);
    }
  }
  const auto ready = make_ready(*entry, path);
  if (!ready) return std::unexpected(ready.error());
  return entry->reader->ask(program);
}

void IndexShelf::note_commit(AccountId account) {
  std::shared_ptr<Entry> entry;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = places_.find(account);
    if (found == places_.end()) return;
    entry = found->second.entry;
  }
  const std::scoped_lock lock(entry->mutex);
  entry->stale = true;
  entry->missing = false;
}

void IndexShelf::forget(AccountId account) {
  const std::scoped_lock lock(mutex_);
  const auto found = places_.find(account);
  if (found == places_.end()) return;
  by_use_.erase(found->second.use);
  places_.erase(found);
}

}  // namespace veredus::state::search
