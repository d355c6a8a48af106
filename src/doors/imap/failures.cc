#include "doors/imap/failures.h"

namespace veredus::doors::imap {

using state::mailbox::MailboxError;

Outcome failure(MailboxError error) {
  switch (error) {
    case MailboxError::kNoSuchMailbox:
      return no("NONEXISTENT", "There is no such mailbox");
    case MailboxError::kMailboxExists:
      return no("ALREADYEXISTS", "There is a mailbox of this name");
    case MailboxError::kBadName:
      return no("CANNOT", "A mailbox cannot have this name");
    case MailboxError::kNameTooLong:
      return no("CANNOT", "The name is too long");
    case MailboxError::kTooManyMailboxes:
      return no("LIMIT", "There are too many mailboxes");
    case MailboxError::kReservedName:
      return no("CANNOT", "This name is kept for shared mailboxes");
    case MailboxError::kAnnotationTooBig:  // RFC 5464 s4.3
      return no("METADATA MAXSIZE 65536", "The annotation is too big");
    case MailboxError::kTooManyAnnotations:
      return no("METADATA TOOMANY", "There are too many annotations");
    case MailboxError::kTooManyGrants:
      return no("LIMIT", "Shared with too many");
    case MailboxError::kInboxStays:
      return no("CANNOT", "INBOX cannot be deleted");
    case MailboxError::kSpecialUseTaken:
      return no("USEATTR", "Another mailbox has this use");  // RFC 6154 s3
    case MailboxError::kNoSuchEmail:
      return no("EXPUNGEISSUED", "The message is gone");
    case MailboxError::kOverQuota:
      return no("OVERQUOTA", "Not enough space left in the quota");
    case MailboxError::kTooBig:
      return no("TOOBIG", "The message is too large");
    case MailboxError::kTooManyMessages:
      return no("LIMIT", "Too many messages at a time");
    case MailboxError::kBadKeyword:
      return no("CANNOT", "A keyword cannot have this name");
    case MailboxError::kTooManyKeywords:
      return no("LIMIT", "The mailbox has too many keywords");
    case MailboxError::kBadBody:
    case MailboxError::kStagedBodyGone:
      return no("UNAVAILABLE", "The message could not be kept, try again");
    case MailboxError::kCorrupt:
      return no("CORRUPTION", "What is stored is damaged; the administrator has been told");
    case MailboxError::kUnknownOutcome:
      return no("UNAVAILABLE", "It is not certain whether this was done; look before trying again");
    default:
      break;
  }
  return no("UNAVAILABLE", "Not possible now, try again later");
}

Outcome target_failure(MailboxError error) {
  if (error == MailboxError::kNoSuchMailbox) return no("TRYCREATE", "There is no such mailbox");
  return failure(error);
}

}  // namespace veredus::doors::imap
