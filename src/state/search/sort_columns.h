#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/types/hash_together.h"
#include "base/types/ids.h"
#include "base/types/lru.h"
#include "state/search/sort.h"

namespace veredus::state::search {

using SortValue = std::pair<EmailId, std::string>;

/// What emails of one account are ordered by, by ascending email ids: values as append_order writes them, ascending.
/// It never changes for an email, so it never gets old.
struct SortColumn {
  std::vector<SortValue> values;

  [[nodiscard]] std::size_t octets() const;
};

/// The columns that sorts read last: mail programs sort the same mailbox by the same criterion again and again. At most
/// about `octets`, the longest unused go first. Thread-safe.
class SortColumns {
 public:
  explicit SortColumns(std::size_t octets) : columns_(octets) {}

  /// Null: none is known.
  [[nodiscard]] std::shared_ptr<const SortColumn> get(AccountId account, SortBy by);
  /// Answers `known` (may be null) with what was read besides, by ascending email ids; and keeps it, if it has room.
  std::shared_ptr<const SortColumn> add(AccountId account, SortBy by, std::shared_ptr<const SortColumn> known,
                                        std::vector<SortValue> fresh);

 private:
  using Key = std::pair<AccountId, SortBy>;

  std::mutex mutex_;
  Lru<Key, std::shared_ptr<const SortColumn>, PairHash> columns_;
};

}  // namespace veredus::state::search
