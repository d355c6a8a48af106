#pragma once

#include <chrono>
#include <cstdint>

#include "state/mailbox/copied.h"
#include "state/mailbox/flag_reading.h"
#include "state/mailbox/operation.h"
#include "state/mailbox/picking.h"

namespace veredus::state::mailbox {

/// Takes at most kSliceMessages messages out of a mailbox. Emails that are nowhere any more stay readable for
/// `removal_delay`.
class ExpungeOperation final : public Operation {
 public:
  enum class Which : std::uint8_t {
    kDeleted,  // those with \Deleted
    kAll,
    kPurge,  // all of a mailbox that is being removed, and at the end the mailbox
  };

  ExpungeOperation(Which which, MailboxId mailbox, UidSet uids, std::chrono::milliseconds removal_delay);

  [[nodiscard]] bool reads() const override { return true; }
  AsyncOutcome<void> read(Turn* turn) override;
  Outcome<void> perform(Turn& turn) override;

  [[nodiscard]] const UidSet& rest() const { return picked_.rest; }
  [[nodiscard]] Expunged take_result() { return std::move(result_); }

 private:
  AsyncOutcome<void> read_table_parts(Turn* turn);
  Outcome<void> expunge(Turn& turn, const Message& message);

  Which which_;
  MailboxId mailbox_;
  UidSet uids_;
  std::chrono::milliseconds removal_delay_;
  Picked picked_;
  IdlePages flag_pages_;
  std::vector<std::string> table_parts_;  // of a mailbox that will be gone
  Expunged result_;
};

}  // namespace veredus::state::mailbox
