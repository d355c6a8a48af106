#pragma once

#include <vector>

#include "state/search/sort.h"
#include "state/search/stored_pass.h"
#include "state/search/thread.h"

namespace veredus::state::search {

/// Makes of each message what a sort compares.
class SortPass final : public StoredPass {
 public:
  SortPass(const Scene& scene, std::vector<SortKey> keys, std::vector<mailbox::Message> messages);

  /// False: the rows say all; the pass need not be run.
  [[nodiscard]] bool reads() const { return reads_; }
  /// Of the messages that are still there.
  [[nodiscard]] std::vector<SortItem> take_items();

 private:
  void see(std::size_t index, const mailbox::EmailView& email) override;
  [[nodiscard]] std::string order_of(const mailbox::Message& message, const mailbox::EmailView* email) const;

  std::vector<SortKey> keys_;
  std::vector<SortItem> items_;
  bool reads_;
};

/// Makes of each message what threading compares.
class ThreadPass final : public StoredPass {
 public:
  ThreadPass(const Scene& scene, ThreadBy by, std::vector<mailbox::Message> messages);
  /// By ascending UIDs.
  [[nodiscard]] std::vector<ThreadItem> take_items();

 private:
  void see(std::size_t index, const mailbox::EmailView& email) override;

  ThreadBy by_;
  std::vector<ThreadItem> items_;
};

}  // namespace veredus::state::search
