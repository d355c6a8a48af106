#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "state/mailbox/flag_change.h"
#include "state/mailbox/flag_page.h"
#include "state/mailbox/message_table.h"
#include "state/mailbox/operation.h"
#include "state/mailbox/picking.h"

namespace veredus::state::mailbox {

/// STORE on at most kSliceMessages messages.
class FlagsOperation final : public Operation {
 public:
  /// `table`: the mailbox as it was some time, or null: where it is still so, no row is read. Where `page_messages` or
  /// more of one page change, the page is written instead of their rows.
  FlagsOperation(MailboxId mailbox, UidSet uids, FlagChange change, std::shared_ptr<const MessageTable> table,
                 std::uint32_t page_messages);

  [[nodiscard]] bool reads() const override { return true; }
  AsyncOutcome<void> read(Turn* turn) override;
  Outcome<void> perform(Turn& turn) override;
  void settled(const Turn& turn) override;

  [[nodiscard]] const UidSet& rest() const { return picked_.rest; }
  /// The table as this operation left it; null when it cannot be told. Before take_result.
  [[nodiscard]] std::shared_ptr<const MessageTable> table_after() const;
  [[nodiscard]] std::size_t count_changed() const { return result_.changed.size(); }
  [[nodiscard]] FlagsStored take_result() { return std::move(result_); }

 private:
  using Stretch = std::span<Message>;  // messages of one page, ascending

  AsyncOutcome<void> read_pages(Turn* turn);
  void set_refused_apart();
  [[nodiscard]] bool change(Message& message, KeywordSet keywords) const;
  void change_all(Turn& turn, KeywordSet keywords);
  void write(Turn& turn, const std::vector<const Message*>& changed) const;

  MailboxId mailbox_;
  UidSet uids_;
  FlagChange change_;
  std::shared_ptr<const MessageTable> table_;
  std::uint32_t page_messages_;
  bool from_table_ = false;
  bool alone_ = false;  // nobody else changed the mailbox in the same commit
  ModSeq highest_before_;
  Picked picked_;
  std::map<std::uint32_t, FlagPage> pages_;  // by number, as they were
  FlagsStored result_;
};

}  // namespace veredus::state::mailbox
