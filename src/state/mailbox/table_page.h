#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/types/ids.h"
#include "state/mailbox/message.h"
#include "state/mailbox/uid_set.h"

namespace veredus::state::mailbox {

/// What is known of some messages of a mailbox without any of them.
struct PageSummary {
  UidSet uids;
  std::uint32_t size = 0;
  ModSeq highest_modseq;
  Uid first_unseen;  // 0: none

  /// The next one, its UID being above the others'.
  void add(const Message& message);
  friend bool operator==(const PageSummary&, const PageSummary&) = default;
};

/// Messages as a part of a stored table has them, known to be sound.
struct PackedMessages {
  std::shared_ptr<const std::string> part;
  std::size_t at = 0;  // of its octets
  std::uint32_t count = 0;
  Message before;  // how the first of them differs from it is what stands there
};
[[nodiscard]] std::vector<Message> unpack(const PackedMessages& packed);

/// Some messages of one mailbox that follow each other. Immutable, thread-safe.
class TablePage {
 public:
  /// With ascending UIDs; one at least.
  explicit TablePage(std::vector<Message> messages);
  /// Unpacked when somebody wants to see one of them.
  TablePage(PageSummary summary, PackedMessages packed) : summary_(std::move(summary)), packed_(std::move(packed)) {}
  TablePage(const TablePage&) = delete;
  TablePage& operator=(const TablePage&) = delete;
  ~TablePage() = default;

  [[nodiscard]] const std::vector<Message>& messages() const;
  [[nodiscard]] std::size_t size() const { return summary_.size; }
  [[nodiscard]] const UidSet& uids() const { return summary_.uids; }
  [[nodiscard]] Uid first() const { return summary_.uids.ranges().front().first; }
  [[nodiscard]] Uid last() const { return summary_.uids.ranges().back().last; }
  [[nodiscard]] ModSeq highest_modseq() const { return summary_.highest_modseq; }
  [[nodiscard]] Uid first_unseen() const { return summary_.first_unseen; }

 private:
  PageSummary summary_;
  mutable std::once_flag looked_at_;
  mutable std::optional<PackedMessages> packed_;  // until then
  mutable std::vector<Message> messages_;
};

}  // namespace veredus::state::mailbox
