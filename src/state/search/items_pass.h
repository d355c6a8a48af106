#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "state/search/sort.h"
#include "state/search/sort_columns.h"
#include "state/search/stored_pass.h"
#include "state/search/thread.h"

namespace veredus::state::search {

/// Reads what messages are sorted by.
class SortPass final : public StoredPass {
 public:
  /// `by`: what the rows do not say.
  SortPass(const Scene& scene, std::vector<SortBy> by, std::vector<mailbox::Message> messages);

  /// Gives what was read of `by[index]` away: each email once, ascending.
  [[nodiscard]] std::vector<std::pair<EmailId, std::string>> take(std::size_t index);

 private:
  void see(std::size_t index, const mailbox::EmailView& email) override;

  std::vector<SortBy> by_;
  std::vector<std::vector<std::string>> values_;  // by message, by key; none: the message is gone
};

/// The messages of a sort, with the columns it needs.
class SortTable {
 public:
  /// `messages` by ascending email ids.
  SortTable(std::vector<SortKey> keys, std::vector<mailbox::Message> messages);

  /// What the rows do not say, each once.
  [[nodiscard]] const std::vector<SortBy>& wanted() const { return wanted_; }
  /// One for each of wanted(); null: nothing is known. Answers the messages that are missing in one of them.
  [[nodiscard]] std::vector<mailbox::Message> set_columns(std::vector<std::shared_ptr<const SortColumn>> columns);
  /// The messages, sorted; those still missing in a column are gone. Of no use when it is stopped. CPU: n log n.
  [[nodiscard]] std::vector<SortItem> sorted(const Scene& scene) const;

 private:
  [[nodiscard]] std::size_t column_of(SortBy by) const;

  std::vector<SortKey> keys_;
  std::vector<mailbox::Message> messages_;
  std::vector<SortBy> wanted_;
  std::vector<std::shared_ptr<const SortColumn>> columns_;
};

/// Makes of each message what threading compares.
class ThreadPass final : public StoredPass {
 public:
  /// The memory for the messages has been granted; `permit`, which outlives it, is asked for their references.
  ThreadPass(const Scene& scene, ThreadBy by, const ThreadPermit& permit, std::vector<mailbox::Message> messages);
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
