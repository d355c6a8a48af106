#pragma once

#include <memory>
#include <vector>

#include "state/mailbox/flag_change.h"
#include "state/mailbox/message_table.h"
#include "state/mailbox/operation.h"
#include "state/mailbox/picking.h"

namespace veredus::state::mailbox {

/// STORE on at most kSliceMessages messages.
class FlagsOperation final : public Operation {
 public:
  /// `table`: the mailbox as it was some time, or null: where it is still so, no row is read.
  FlagsOperation(MailboxId mailbox, UidSet uids, FlagChange change, std::shared_ptr<const MessageTable> table);

  [[nodiscard]] bool reads() const override { return true; }
  AsyncOutcome<void> read(Turn* turn) override;
  Outcome<void> perform(Turn& turn) override;
  void settled(const Turn& turn) override;

  [[nodiscard]] const UidSet& rest() const { return picked_.rest; }
  /// The table as this operation left it; null when it cannot be told. Before take_result.
  [[nodiscard]] std::shared_ptr<const MessageTable> table_after() const;
  [[nodiscard]] FlagsStored take_result() { return std::move(result_); }

 private:
  [[nodiscard]] bool is_current(const Turn& turn) const;
  [[nodiscard]] bool refuses(const Message& message) const;
  [[nodiscard]] Message changed(const Message& message, KeywordSet keywords) const;

  MailboxId mailbox_;
  UidSet uids_;
  FlagChange change_;
  std::shared_ptr<const MessageTable> table_;
  bool from_table_ = false;
  bool alone_ = false;  // nobody else changed the mailbox in the same commit
  Picked picked_;
  FlagsStored result_;
};

}  // namespace veredus::state::mailbox
