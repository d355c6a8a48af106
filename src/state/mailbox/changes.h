#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/types/ids.h"
#include "state/mailbox/uid_set.h"

namespace veredus::state::mailbox {

/// What happened in one mailbox after a MODSEQ (CONDSTORE, QRESYNC, IDLE). Each message is named once; one that came
/// and went in between only under `expunged`.
struct MailboxChanges {
  std::vector<Uid> arrived;  // ascending
  std::vector<Uid> changed;  // flags or keywords; ascending
  /// When last, each of `changed`; 0 where one commit changed it more than once: then several did.
  std::vector<ModSeq> changed_at;
  UidSet expunged;
  std::vector<std::pair<Uid, EmailId>> expunged_emails;  // of the same, ascending: still readable for a while
  /// kIncomplete: `since` is below the mailbox's deleted_modseq; expunged messages are those no longer there
  /// (RFC 7162 s3.2.5.2).
  enum class Expunges : std::uint8_t { kExact, kIncomplete } expunges = Expunges::kExact;
  ModSeq up_to;       // ask again from here
  bool more = false;  // stopped at a limit
};

/// What happened in the account after a MODSEQ (JMAP Email/changes, Mailbox/changes).
struct AccountChanges {
  std::vector<EmailId> created;
  std::vector<EmailId> updated;  // flags, keywords or mailboxes
  std::vector<EmailId> destroyed;
  std::vector<MailboxId> mailboxes_created;
  std::vector<MailboxId> mailboxes_updated;  // its name, role or counts
  std::vector<MailboxId> mailboxes_destroyed;
  /// kCannotCalculate: the log no longer reaches back to `since` (RFC 8620 s5.2 cannotCalculateChanges).
  enum class Reach : std::uint8_t { kWhole, kCannotCalculate } reach = Reach::kWhole;
  ModSeq up_to;
  bool more = false;
};

}  // namespace veredus::state::mailbox
