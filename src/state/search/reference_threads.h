#pragma once

#include <cstdint>
#include <expected>
#include <unordered_map>
#include <vector>

#include "state/search/thread.h"

namespace veredus::state::search {

/// Threads under construction: nodes 0..items.size()-1 are the messages, those after them dummies for messages that are
/// named but not there.
class ThreadForest {
 public:
  explicit ThreadForest(const std::vector<ThreadItem>& items);

  // RFC 5256 s3 REFERENCES, by step.
  std::expected<void, SearchError> link(const ThreadPermit& permit);  // (1)
  void gather_and_prune();                                            // (2), (3)
  void merge_subjects();                                              // (4), (5)
  void sort_by_sent();                                                // (6)
  /// Roots by the latest arrival in each thread; siblings by the time sent.
  void sort_by_last_arrival();
  [[nodiscard]] Threads finish() const;

  // For threads that are made otherwise.
  void add_root(std::uint32_t node) { roots_.push_back(node); }
  void add_child(std::uint32_t parent, std::uint32_t child) { children_[parent].push_back(child); }

 private:
  [[nodiscard]] bool is_dummy(std::uint32_t node) const { return node >= items_.size(); }
  /// The message that stands for a node when threads are compared: its first child's when it is none itself.
  [[nodiscard]] const ThreadItem& shown(std::uint32_t node) const;
  [[nodiscard]] bool sent_before(std::uint32_t a, std::uint32_t b) const;
  void sort_children(std::uint32_t node);
  void sort_roots_by_sent();

  std::uint32_t add_dummy();
  std::uint32_t node_of(ThreadKey message_id);
  void link_item(std::uint32_t item);
  std::uint32_t set_of(std::uint32_t node);
  [[nodiscard]] bool makes_loop(std::uint32_t parent, std::uint32_t child);
  void set_parent(std::uint32_t parent, std::uint32_t child);
  [[nodiscard]] std::vector<std::uint32_t> roots_first() const;
  void promote_below_dummies(std::uint32_t node);
  std::uint32_t choose(std::uint32_t known, std::uint32_t root) const;
  std::uint32_t merge(std::uint32_t kept, std::uint32_t root);

  const std::vector<ThreadItem>& items_;
  std::vector<std::uint32_t> parent_;
  std::vector<std::uint32_t> set_;  // union-find: nodes that were ever linked
  std::vector<std::vector<std::uint32_t>> children_;
  std::unordered_map<ThreadKey, std::uint32_t> by_id_;
  std::vector<std::uint32_t> roots_;
  std::uint64_t steps_left_;  // that makes_loop() may take beyond what is usual
};

}  // namespace veredus::state::search
