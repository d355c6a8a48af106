#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>

#include "base/types/ids.h"
#include "base/types/lru.h"
#include "state/search/index.h"

namespace veredus::state::search {

/// The indexes open for reading, at most about `most`. Thread-safe.
class IndexShelf {
 public:
  IndexShelf(std::filesystem::path folder, std::uint32_t most)
      : folder_(std::move(folder)), entries_(std::max(1U, most)) {}

  [[nodiscard]] std::filesystem::path path_of(AccountId account) const {
    return folder_ / std::to_string(account.value);
  }
  /// What the index says; an error: it cannot be used.
  std::expected<IndexAnswer, IndexError> ask(AccountId account, const Program& program);
  /// Something was committed to it: the next one who asks sees it.
  void note_commit(AccountId account);
  /// Closes it.
  void forget(AccountId account);

 private:
  struct Entry {
    std::mutex mutex;
    std::unique_ptr<IndexReader> reader;
    bool missing = false;  // there was none; nobody looks again before note_commit
    bool stale = false;
  };

  std::shared_ptr<Entry> entry_of(AccountId account);
  static std::expected<void, IndexError> make_ready(Entry& entry, const std::filesystem::path& path);

  std::filesystem::path folder_;
  std::mutex mutex_;
  Lru<AccountId, std::shared_ptr<Entry>> entries_;  // who still asks one that leaves has its own hold on it
};

}  // namespace veredus::state::search
