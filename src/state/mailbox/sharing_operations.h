#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "state/mailbox/operation.h"
#include "state/mailbox/rights.h"

namespace veredus::state::mailbox {

/// How long a hint that somebody shares something is kept when it is not so: longer than sharing takes.
constexpr std::chrono::hours kHintAge{24};

/// In the owner's account. The annotations of those who keep no right on the mailbox go.
class ChangeRights final : public Operation {
 public:
  ChangeRights(AccountId owner, MailboxId mailbox, AccountId to, RightsChange change, std::size_t most_grants)
      : owner_(owner), mailbox_(mailbox), to_(to), change_(change), most_grants_(most_grants) {}
  [[nodiscard]] bool reads() const override { return !change_.gives(); }
  AsyncOutcome<void> read(Turn* turn) override;
  Outcome<void> perform(Turn& turn) override;
  [[nodiscard]] Rights rights() const { return rights_; }

 private:
  void erase_annotations(Turn& turn) const;

  AccountId owner_;
  MailboxId mailbox_;
  AccountId to_;
  RightsChange change_;
  std::size_t most_grants_;
  Rights rights_;
  std::vector<std::string> annotations_;  // keys of those of the mailbox
};

/// In the owner's account: takes back what is shared with `reader` by name, and its annotations, wherever they are.
class ForgetReader final : public Operation {
 public:
  explicit ForgetReader(AccountId reader) : reader_(reader) {}
  [[nodiscard]] bool reads() const override { return true; }
  AsyncOutcome<void> read(Turn* turn) override;
  Outcome<void> perform(Turn& turn) override;

 private:
  AccountId reader_;
  std::vector<std::string> annotations_;  // keys of those of the reader
};

/// In the account something is shared with.
class NoteSharer final : public Operation {
 public:
  NoteSharer(AccountId owner, io::engine::Durability durability) : owner_(owner), durability_(durability) {}
  Outcome<void> perform(Turn& turn) override;

 private:
  AccountId owner_;
  io::engine::Durability durability_;
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
