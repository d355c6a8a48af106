#pragma once

#include <vector>

#include "state/mailbox/flag_change.h"
#include "state/mailbox/operation.h"
#include "state/mailbox/picking.h"

namespace veredus::state::mailbox {

/// STORE on at most kSliceMessages messages.
class FlagsOperation final : public Operation {
 public:
  FlagsOperation(MailboxId mailbox, UidSet uids, FlagChange change);

  [[nodiscard]] bool reads() const override { return true; }
  AsyncOutcome<void> read(Turn* turn) override;
  Outcome<void> perform(Turn& turn) override;

  [[nodiscard]] const UidSet& rest() const { return picked_.rest; }
  [[nodiscard]] FlagsStored take_result() { return std::move(result_); }

 private:
  [[nodiscard]] bool refuses(const Message& message) const;
  [[nodiscard]] Message changed(const Message& message, KeywordSet keywords) const;

  MailboxId mailbox_;
  UidSet uids_;
  FlagChange change_;
  Picked picked_;
  FlagsStored result_;
};

}  // namespace veredus::state::mailbox
