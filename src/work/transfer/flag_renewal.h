#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <vector>

#include "base/types/ids.h"
#include "io/net/asio.h"
#include "state/mailbox/flag_change.h"
#include "state/mailbox/mailbox_error.h"
#include "state/mailbox/source_flags.h"
#include "state/mailbox/uid_set.h"
#include "wire/imap/flag.h"
#include "work/transfer/message_intake.h"

namespace veredus::state::mailbox {
class Mailboxes;
}

namespace veredus::work::transfer {

/// Flags as they are kept here: keywords that can be none are left out, the others sorted.
[[nodiscard]] state::mailbox::SourceFlags source_flags(wire::imap::FlagList flags);

/// Brings what changed in the flags of copied messages, at their source and since the copy last saw them, to the copies
/// in one mailbox. A flag that was changed here and not there stays as it is. Used by one coroutine.
class FlagRenewal {
 public:
  /// `mailboxes` outlives it.
  FlagRenewal(state::mailbox::Mailboxes* mailboxes, AccountId account, MailboxId mailbox)
      : mailboxes_(mailboxes), account_(account), mailbox_(mailbox) {}

  /// A message that was copied before, and its flags at its source now.
  void note(const MessageKey& key, const state::mailbox::Brought& copy, state::mailbox::SourceFlags now);
  /// Changes and remembers. Answers for how many messages there was something new.
  asio::awaitable<std::expected<std::uint64_t, state::mailbox::MailboxError>> finish();

 private:
  using Changes = std::map<std::pair<state::mailbox::FlagSet, std::vector<std::string>>, state::mailbox::UidSet>;
  struct Change {
    UidValidity uid_validity;
    Uid uid;
    state::mailbox::SourceFlags added;
    state::mailbox::SourceFlags removed;
  };
  asio::awaitable<std::expected<void, state::mailbox::MailboxError>> store(Changes changes,
                                                                           state::mailbox::FlagChange::Mode mode);

  state::mailbox::Mailboxes* mailboxes_;
  AccountId account_;
  MailboxId mailbox_;
  std::vector<Change> changes_;
  std::vector<state::mailbox::SourceFlagsOf> news_;
};

}  // namespace veredus::work::transfer
