#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/types/ids.h"

/// Ids as clients see them (RFC 8474): a letter for what they name, then account and number in base 32. The same thing
/// has the same id for everybody who sees it, through every door, for ever; nothing else ever has it.
namespace veredus::state::mailbox {

[[nodiscard]] std::string object_id(AccountId account, MailboxId mailbox);  // "F1-2": MAILBOXID
[[nodiscard]] std::string object_id(AccountId account, EmailId email);      // "M1-2": EMAILID
[[nodiscard]] std::string object_id(AccountId account, ThreadId thread);    // "T1-2": THREADID

template <class Id>
struct ObjectId {
  AccountId account;
  Id id;
};
// What an id says, in its one spelling; nullopt: it is not such an id.
[[nodiscard]] std::optional<ObjectId<MailboxId>> parse_mailbox_object_id(std::string_view text);
[[nodiscard]] std::optional<ObjectId<EmailId>> parse_email_object_id(std::string_view text);
[[nodiscard]] std::optional<ObjectId<ThreadId>> parse_thread_object_id(std::string_view text);

}  // namespace veredus::state::mailbox
