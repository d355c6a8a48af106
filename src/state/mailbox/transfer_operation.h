#pragma once

#include <cstdint>

#include "state/mailbox/allowed_flags.h"
#include "state/mailbox/copied.h"
#include "state/mailbox/email_locations.h"
#include "state/mailbox/flag_reading.h"
#include "state/mailbox/operation.h"
#include "state/mailbox/picking.h"
#include "state/mailbox/quota.h"

namespace veredus::state::mailbox {

/// COPY or MOVE of at most kSliceMessages messages: rows alone, never bodies.
class TransferOperation final : public Operation {
 public:
  enum class Kind : std::uint8_t { kCopy, kMove };

  TransferOperation(Kind kind, MailboxId from, UidSet uids, MailboxId to, QuotaLimits limits, AllowedFlags allowed);

  [[nodiscard]] bool reads() const override { return true; }
  AsyncOutcome<void> read(Turn* turn) override;
  Outcome<void> perform(Turn& turn) override;

  [[nodiscard]] const UidSet& rest() const { return picked_.rest; }
  [[nodiscard]] Copied take_result() { return std::move(result_); }

 private:
  Outcome<void> check(Turn& turn);
  Message arrive(Turn& turn, const Message& message) const;
  void leave(Turn& turn, const Message& message) const;

  Kind kind_;
  MailboxId from_;
  UidSet uids_;
  MailboxId to_;
  QuotaLimits limits_;
  AllowedFlags allowed_;
  Picked picked_;
  IdlePages flag_pages_;
  EmailLocations locations_;
  Copied result_;
};

}  // namespace veredus::state::mailbox
