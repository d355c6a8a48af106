#include "state/search/index_shelf.h"

#include <utility>

#include "base/types/result.h"

namespace veredus::state::search {

std::shared_ptr<IndexShelf::Entry> IndexShelf::entry_of(AccountId account) {
  const std::scoped_lock lock(mutex_);
  if (const auto* known = entries_.find(account)) return *known;
  auto entry = std::make_shared<Entry>();
  entries_.put(account, entry);
  return entry;
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
    const auto* known = entries_.peek(account);
    if (known == nullptr) return;
    entry = *known;
  }
  const std::scoped_lock lock(entry->mutex);
  entry->stale = true;
  entry->missing = false;
}

void IndexShelf::forget(AccountId account) {
  const std::scoped_lock lock(mutex_);
  entries_.forget(account);
}

}  // namespace veredus::state::search
