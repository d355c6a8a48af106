#include "state/mailbox/mailbox_error.h"

namespace veredus::state::mailbox {

std::string_view to_string(MailboxError error) {
  switch (error) {
    case MailboxError::kNoSuchMailbox:
      return "no such mailbox";
    case MailboxError::kMailboxExists:
      return "a mailbox has this name already";
    case MailboxError::kBadName:
      return "not a mailbox name";
    case MailboxError::kNameTooLong:
      return "the mailbox name is too long";
    case MailboxError::kTooManyMailboxes:
      return "too many mailboxes";
    case MailboxError::kReservedName:
      return "this name is kept for shared mailboxes";
    case MailboxError::kInboxStays:
      return "INBOX cannot be deleted or made again";
    case MailboxError::kSpecialUseTaken:
      return "another mailbox has this special use";
    case MailboxError::kNoSuchEmail:
      return "no such message";
    case MailboxError::kOverQuota:
      return "over quota";
    case MailboxError::kTooBig:
      return "too big";
    case MailboxError::kTooManyMessages:
      return "too many messages at once";
    case MailboxError::kBadKeyword:
      return "not a keyword";
    case MailboxError::kTooManyKeywords:
      return "too many keywords in this mailbox";
    case MailboxError::kAnnotationTooBig:
      return "the annotation is too big";
    case MailboxError::kTooManyAnnotations:
      return "too many annotations";
    case MailboxError::kTooManyGrants:
      return "shared with too many";
    case MailboxError::kBadBody:
      return "the chunks do not make the message";
    case MailboxError::kStagedBodyGone:
      return "the staged body is gone";
    case MailboxError::kCorrupt:
      return "a stored row is damaged";
    case MailboxError::kUnavailable:
      return "the store is not available";
    case MailboxError::kUnknownOutcome:
      return "it is not known whether it was stored";
  }
  return "unknown mailbox error";
}

Permanence permanence(MailboxError error) {
  switch (error) {
    case MailboxError::kOverQuota:
    case MailboxError::kStagedBodyGone:
    case MailboxError::kCorrupt:
    case MailboxError::kUnavailable:
    case MailboxError::kUnknownOutcome:
      return Permanence::kTemporary;
    default:
      return Permanence::kPermanent;
  }
}

MailboxError from_store(io::engine::StoreError error) {
  using io::engine::StoreError;
  switch (error) {
    case StoreError::kCorrupt:
      return MailboxError::kCorrupt;
    case StoreError::kTooBig:
      return MailboxError::kTooBig;
    case StoreError::kUnknownOutcome:
      return MailboxError::kUnknownOutcome;
    case StoreError::kConflict:
    case StoreError::kFenced:
    case StoreError::kUnavailable:
      return MailboxError::kUnavailable;
  }
  return MailboxError::kUnavailable;
}

}  // namespace veredus::state::mailbox
