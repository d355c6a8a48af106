#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <vector>

#include "base/types/ids.h"
#include "io/net/asio.h"
#include "io/net/memory_budget.h"
#include "io/net/worker_pool.h"
#include "state/mailbox/mailboxes.h"
#include "state/search/progress.h"
#include "state/search/query.h"
#include "state/search/search_error.h"
#include "state/search/sort.h"
#include "state/search/thread.h"

namespace veredus::state::search {

class Indexes;
class SortColumns;
struct SortColumn;

struct Options {
  std::uint32_t conditions = 1000;                  // of one query
  std::uint32_t lanes = 3;                          // slices of one search being read and scanned at a time
  std::size_t sort_octets = 32UL * 1024 * 1024;     // what messages are sorted by, kept in memory
  std::size_t thread_octets = 512UL * 1024 * 1024;  // of all THREADs under way
};

/// Messages found.
struct Matches {
  std::vector<Uid> uids;  // ascending, or as sorted
  ModSeq highest_modseq;  // of them; 0: none
};

/// Answers questions about the messages of a mailbox, exactly as they stand there: first from their rows, then from
/// what is stored about each, and only what is undecided then from their bodies. Memory: `lanes` slices and one row for
/// each message; of THREADs what thread_memory.h grants. Bodies are read and scanned on the worker pool. Thread-safe;
/// every coroutine completes on the executor it was awaited on and ends soon when cancelled.
class Searcher {
 public:
  template <class T>
  using Result = asio::awaitable<std::expected<T, SearchError>>;

  /// All must outlive it. `indexes` may be null: everything is scanned.
  Searcher(mailbox::Mailboxes& mailboxes, io::net::WorkerPool& pool, Indexes* indexes, Options options);
  ~Searcher();
  Searcher(const Searcher&) = delete;
  Searcher& operator=(const Searcher&) = delete;

  /// `progress` may be null.
  Result<Matches> search(AccountId account, MailboxId mailbox, Query query, std::shared_ptr<Progress> progress);
  Result<Matches> sort(AccountId account, MailboxId mailbox, Query query, std::vector<SortKey> keys,
                       std::shared_ptr<Progress> progress);
  Result<Threads> thread(AccountId account, MailboxId mailbox, Query query, ThreadBy by,
                         std::shared_ptr<Progress> progress);

 private:
  class Run;
  [[nodiscard]] std::vector<std::shared_ptr<const SortColumn>> known_columns(AccountId account,
                                                                             const std::vector<SortBy>& wanted) const;

  mailbox::Mailboxes* mailboxes_;
  io::net::WorkerPool* pool_;
  Indexes* indexes_;
  Options options_;
  std::unique_ptr<SortColumns> columns_;
  io::net::MemoryBudget thread_budget_;
};

}  // namespace veredus::state::search
