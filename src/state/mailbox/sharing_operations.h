#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "state/mailbox/operation.h"
#include "state/mailbox/rights.h"

namespace veredus::state::mailbox {

/// How long a hint that somebody shares something is kept when it is not so: longer than sharing takes.
constexpr std::chrono::hours kHintAge{24};

/// In the owner's account.
class ChangeRights final : public Operation {
 public:
  ChangeRights(MailboxId mailbox, AccountId to, RightsChange change, std::size_t most_grants)
      : mailbox_(mailbox), to_(to), change_(change), most_grants_(most_grants) {}
  Outcome<void> perform(Turn& turn) override;
  [[nodiscard]] Rights rights() const { return rights_; }

 private:
  MailboxId mailbox_;
  AccountId to_;
  RightsChange change_;
  std::size_t most_grants_;
  Rights rights_;
};

/// In the account something is shared with, before it is.
class NoteSharer final : public Operation {
 public:
  explicit NoteSharer(AccountId owner) : owner_(owner) {}
  Outcome<void> perform(Turn& turn) override;

 private:
  AccountId owner_;
};

/// Forgets those of `owners` that were noted long ago.
class ForgetSharers final : public Operation {
 public:
  explicit ForgetSharers(std::vector<AccountId> owners) : owners_(std::move(owners)) {}
  void collect(const Turn& turn, std::vector<std::string>& keys) const override;
  Outcome<void> perform(Turn& turn) override;

 private:
  std::vector<AccountId> owners_;
};

}  // namespace veredus::state::mailbox
