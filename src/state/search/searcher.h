#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <vector>

#include "base/types/ids.h"
#include "io/net/asio.h"
#include "io/net/worker_pool.h"
#include "state/mailbox/mailboxes.h"
#include "state/search/progress.h"
#include "state/search/query.h"
#include "state/search/search_error.h"
#include "state/search/sort.h"
#include "state/search/thread.h"

namespace veredus::state::search {

class Indexes;
class SearchBudget;
class SortColumns;
class Turns;

struct Options {
  std::uint32_t conditions = 1000;                  // of one query
  std::uint32_t lanes = 3;                          // slices of one search being read and scanned at a time
  std::uint32_t turns = 0;                          // so of all searches; 0: one more than there are processors
  std::size_t sort_octets = 32UL * 1024 * 1024;     // what messages are sorted by, kept in memory
  std::size_t memory_octets = 512UL * 1024 * 1024;  // of all searches under way
};

/// Messages found.
struct Matches {
  std::vector<Uid> uids;  // ascending, or as sorted
  ModSeq highest_modseq;  // of them; 0: none
};

/// Answers questions about the messages of a mailbox, exactly as they stand there: first from their rows, then from
/// what is stored about each, and only what is undecided then from their bodies. Memory: what search_memory.h grants,
/// and a slice for each turn. Reading, deciding, ordering and threading are done in turns (turns.h), on the worker
/// pool; putting what was found into the order it is read in is not. Thread-safe; every coroutine completes on the
/// executor it was awaited on and ends soon when cancelled.
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

  mailbox::Mailboxes* mailboxes_;
  io::net::WorkerPool* pool_;
  Indexes* indexes_;
  Options options_;
  std::unique_ptr<SortColumns> columns_;
  std::shared_ptr<SearchBudget> budget_;
  std::unique_ptr<Turns> turns_;
};

}  // namespace veredus::state::search
