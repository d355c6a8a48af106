#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "state/mailbox/mailbox.h"
#include "state/mailbox/operation.h"
#include "state/mailbox/uid_set.h"

/// Operations on the mailboxes themselves, not on what is in them. Names are canonical (mailbox_name.h).
namespace veredus::state::mailbox {

/// Makes a mailbox and those above it that are missing.
class CreateMailbox final : public Operation {
 public:
  CreateMailbox(std::string name, SpecialUse use, std::size_t most_mailboxes)
      : name_(std::move(name)), use_(use), most_mailboxes_(most_mailboxes) {}
  Outcome<void> perform(Turn& turn) override;
  [[nodiscard]] MailboxId made() const { return made_; }

 private:
  std::string name_;
  SpecialUse use_;
  std::size_t most_mailboxes_;
  MailboxId made_;
};

/// Renames a mailbox (not INBOX) and all below it; below a level that is no mailbox itself, all the same.
class RenameMailbox final : public Operation {
 public:
  RenameMailbox(std::string from, std::string to, std::size_t most_mailboxes, std::size_t most_octets)
      : from_(std::move(from)), to_(std::move(to)), most_mailboxes_(most_mailboxes), most_octets_(most_octets) {}
  [[nodiscard]] bool reads() const override { return true; }
  AsyncOutcome<void> read(Turn* turn) override;
  Outcome<void> perform(Turn& turn) override;
  /// nullopt: the level is no mailbox.
  [[nodiscard]] std::optional<MailboxId> renamed() const { return renamed_; }

 private:
  [[nodiscard]] std::vector<std::pair<MailboxId, std::string>> new_names(const Turn& turn) const;

  std::string from_;
  std::string to_;
  std::size_t most_mailboxes_;
  std::size_t most_octets_;
  std::optional<MailboxId> renamed_;
};

/// Takes a mailbox's name, grants and annotations away; ExpungeOperation with kPurge does the rest.
class RemoveMailbox final : public Operation {
 public:
  explicit RemoveMailbox(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] bool reads() const override { return true; }
  AsyncOutcome<void> read(Turn* turn) override;
  Outcome<void> perform(Turn& turn) override;
  [[nodiscard]] MailboxId removed() const { return removed_; }

 private:
  std::string name_;
  std::vector<std::string> annotations_;  // keys
  MailboxId removed_;
};

class SetSpecialUse final : public Operation {
 public:
  explicit SetSpecialUse(GivenUse given) : given_(given) {}
  /// Whether it can be performed.
  [[nodiscard]] Outcome<void> check(const Turn& turn) const;
  Outcome<void> perform(Turn& turn) override;

 private:
  GivenUse given_;
};

class SetSubscription final : public Operation {
 public:
  enum class To : std::uint8_t { kSubscribed, kUnsubscribed };
  SetSubscription(std::string name, To to, std::size_t most) : name_(std::move(name)), to_(to), most_(most) {}
  Outcome<void> perform(Turn& turn) override;

 private:
  std::string name_;
  To to_;
  std::size_t most_;
};

/// Relaxed: in a crash some messages may be \Recent twice.
class ClaimRecent final : public Operation {
 public:
  explicit ClaimRecent(MailboxId mailbox) : mailbox_(mailbox) {}
  Outcome<void> perform(Turn& turn) override;
  [[nodiscard]] const UidSet& claimed() const { return claimed_; }

 private:
  MailboxId mailbox_;
  UidSet claimed_;
};

/// Does nothing: afterwards the state is in memory.
class LoadAccount final : public Operation {
 public:
  Outcome<void> perform(Turn& /*turn*/) override { return {}; }
};

class EraseAccount final : public Operation {
 public:
  Outcome<void> perform(Turn& turn) override {
    turn.erase_everything();
    return {};
  }
};

}  // namespace veredus::state::mailbox
