#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "state/mailbox/copied.h"
#include "state/mailbox/email_locations.h"
#include "state/mailbox/flag_reading.h"
#include "state/mailbox/operation.h"
#include "state/mailbox/picking.h"
#include "state/mailbox/quota.h"

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

  /// `table`: the mailbox as it was some time, or null: where it is still so, no row of it is read.
  ExpungeOperation(Which which, MailboxId mailbox, UidSet uids, std::shared_ptr<const MessageTable> table,
                   std::chrono::milliseconds removal_delay);

  [[nodiscard]] bool reads() const override { return true; }
  AsyncOutcome<void> read(Turn* turn) override;
  /// What can fail in `perform`.
  [[nodiscard]] Outcome<void> check(const Turn& turn) const;
  /// What `perform` will take off the account's usage, where it takes out one message.
  [[nodiscard]] QuotaUsage room();
  Outcome<void> perform(Turn& turn) override;
  void settled(const Turn& turn) override;

  [[nodiscard]] const UidSet& rest() const { return picked_.rest; }
  /// The table as this operation left it; null when it cannot be told. Before take_result.
  [[nodiscard]] std::shared_ptr<const MessageTable> table_after() const;
  [[nodiscard]] std::size_t count_expunged() const { return picked_.messages.size(); }
  [[nodiscard]] Expunged take_result() { return std::move(result_); }

 private:
  AsyncOutcome<void> read_table_parts(Turn* turn);
  void expunge_all(Turn& turn);

  Which which_;
  MailboxId mailbox_;
  UidSet uids_;
  std::shared_ptr<const MessageTable> table_;
  std::chrono::milliseconds removal_delay_;
  bool from_table_ = false;
  bool alone_ = false;  // nobody else changed the mailbox in the same commit
  Picked picked_;
  EmailLocations locations_;
  IdlePages flag_pages_;
  std::vector<std::string> table_parts_;  // of a mailbox that will be gone
  Expunged result_;
};

}  // namespace veredus::state::mailbox
