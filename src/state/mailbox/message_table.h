#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/types/ids.h"
#include "state/mailbox/message.h"
#include "state/mailbox/table_page.h"
#include "state/mailbox/uid_set.h"

namespace veredus::state::mailbox {

/// All messages of one mailbox, in memory, as they were when the account's changes up to `as_of` were done. Immutable
/// and shared: a newer one shares the pages that did not change. A row may already be newer than `as_of`, and one that
/// was expunged after it may be missing. Memory: about 90 octets for each message,
/// less where pages are still packed.
class MessageTable {
 public:
  using Page = TablePage;  // 1..kPageMessages
  using Pages = std::vector<std::shared_ptr<const Page>>;
  static constexpr std::size_t kPageMessages = 512;

  MessageTable(UidValidity uid_validity, ModSeq as_of, Pages pages);
  /// `messages` with ascending UIDs.
  static std::shared_ptr<const MessageTable> of(UidValidity uid_validity, ModSeq as_of, std::vector<Message> messages);
  /// With `fresh` (ascending UIDs) put in or in place of what there was, and without `gone`.
  [[nodiscard]] std::shared_ptr<const MessageTable> changed(ModSeq as_of, const std::vector<Message>& fresh,
                                                            const UidSet& gone) const;
  /// The same messages, known to be right up to a later change.
  [[nodiscard]] std::shared_ptr<const MessageTable> confirmed(ModSeq as_of) const;

  [[nodiscard]] UidValidity uid_validity() const { return uid_validity_; }
  [[nodiscard]] ModSeq as_of() const { return as_of_; }
  [[nodiscard]] const Pages& pages() const { return pages_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] Uid first_unseen() const;  // 0: none
  /// nullptr: it is not there.
  [[nodiscard]] const Message* find(Uid uid) const;
  /// As if all pages were unpacked.
  [[nodiscard]] std::size_t octets() const { return size_ * sizeof(Message) + pages_.size() * (sizeof(Page) + 32); }

 private:
  friend class TableWalk;
  /// Index of the first page that may hold UIDs from `uid` up.
  [[nodiscard]] std::size_t first_page(Uid uid) const;

  UidValidity uid_validity_;
  ModSeq as_of_;
  Pages pages_;
  std::size_t size_ = 0;
};

/// The messages of a table among some UIDs, ascending, one after the other. Keeps its table.
class TableWalk {
 public:
  /// Passes over messages with a MODSEQ up to `above`.
  TableWalk(std::shared_ptr<const MessageTable> table, UidSet uids, ModSeq above = ModSeq());

  /// nullptr: that was the last. Good as long as the walk.
  const Message* next() { return row_ < wanted_end_ ? &(*rows_)[row_++] : next_stretch(); }

 private:
  /// The first message of the next stretch of which all are wanted.
  const Message* next_stretch();
  void seek(Uid uid);
  void turn_to(std::size_t page);
  [[nodiscard]] const std::vector<Message>& rows();

  std::shared_ptr<const MessageTable> table_;
  UidSet uids_;
  ModSeq above_;
  std::size_t range_ = 0;
  std::size_t page_ = 0;
  std::size_t row_ = 0;
  std::size_t wanted_end_ = 0;                  // of the page's rows from row_ on, those up to here are wanted all
  const std::vector<Message>* rows_ = nullptr;  // of the page, once they were looked at
};

}  // namespace veredus::state::mailbox
