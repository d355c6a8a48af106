#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "state/search/search_memory.h"
#include "state/search/sort.h"
#include "state/search/sort_columns.h"
#include "state/search/stored_pass.h"
#include "state/search/thread.h"

namespace veredus::state::search {

/// Reads what messages are sorted by.
class SortPass final : public StoredPass {
 public:
  /// `by`: what the rows do not say.
  /// The memory for a SortValue of each message and key has been granted; `memory`, which outlives it, is asked for
  /// what long ones take beside.
  SortPass(const Scene& scene, std::vector<SortBy> by, SearchMemory& memory, Rows messages);

  /// Gives what was read of `by[index]` away: each email once, ascending. Once for each.
  [[nodiscard]] std::vector<SortValue> take(std::size_t index);

 private:
  void see(std::size_t index, const mailbox::EmailView& email) override;
  Outcome seen(std::size_t begin, std::size_t end) override;

  std::vector<SortBy> by_;
  SearchMemory& memory_;
  std::vector<std::vector<SortValue>> columns_;  // by key, by message; an empty value of no email: the message is gone
};

/// Walks a column upwards beside messages in the same order.
class ColumnCursor {
 public:
  /// Null: it has nothing.
  explicit ColumnCursor(const SortColumn* column) : column_(column) {}

  /// `email` not below the last one asked for. Null: it is not in the column.
  const std::string* find(EmailId email);

 private:
  const SortColumn* column_;
  std::size_t at_ = 0;
};

/// The messages of a sort, with the columns it needs.
class SortTable {
 public:
  /// `messages` by ascending email ids.
  SortTable(std::vector<SortKey> keys, Rows messages);

  /// What the rows do not say, each once.
  [[nodiscard]] const std::vector<SortBy>& wanted() const { return wanted_; }
  /// One for each of wanted(); null: nothing is known. Answers the messages that are missing in one of them.
  [[nodiscard]] Rows set_columns(std::vector<std::shared_ptr<const SortColumn>> columns);
  /// The messages, sorted; those still missing in a column are gone. The memory for an item of each has been granted;
  /// `memory` is asked for the rest. CPU: n log n.
  [[nodiscard]] std::expected<SortItems, SearchError> sorted(SearchMemory& memory) const;

 private:
  [[nodiscard]] std::size_t column_of(SortBy by) const;
  using Cursors = std::vector<ColumnCursor>;
  [[nodiscard]] Cursors cursors() const;
  [[nodiscard]] bool write_order(const mailbox::Message& message, Cursors& cursors, std::string& order) const;

  std::vector<SortKey> keys_;
  Rows messages_;
  std::vector<SortBy> wanted_;
  std::vector<std::shared_ptr<const SortColumn>> columns_;
};

/// Makes of each message what threading compares.
class ThreadPass final : public StoredPass {
 public:
  /// The memory for the messages has been granted; `permit`, which outlives it, is asked for their references.
  ThreadPass(const Scene& scene, ThreadBy by, const ThreadPermit& permit, Rows messages);
  /// By ascending UIDs. CPU: n log n.
  [[nodiscard]] std::vector<ThreadItem> take_items();

 private:
  void see(std::size_t index, const mailbox::EmailView& email) override;
  Outcome seen(std::size_t begin, std::size_t end) override;

  ThreadBy by_;
  const ThreadPermit& permit_;
  std::vector<ThreadItem> items_;
};

}  // namespace veredus::state::search
