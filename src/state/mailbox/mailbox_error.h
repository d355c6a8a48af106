#pragma once

#include <cstdint>
#include <string_view>

#include "base/types/result.h"
#include "io/engine/engine.h"

namespace veredus::state::mailbox {

enum class MailboxError : std::uint8_t {
  kNoSuchMailbox,
  kMailboxExists,
  kBadName,             // empty, a leading, trailing or doubled '/', a control character, not UTF-8
  kNameTooLong,         // over Options::name_octets
  kTooManyMailboxes,    // over Options::mailboxes
  kReservedName,        // kSharedPrefix or below it
  kInboxStays,          // INBOX is not deleted (RFC 9051 s6.3.5)
  kSpecialUseTaken,     // another mailbox has this special use (RFC 6154 s3)
  kNoSuchEmail,         // never was, or expunged longer ago than it stays readable
  kOverQuota,           // octets or messages
  kTooBig,              // an inline body over kChunkOctets, or all messages of one append over kAppendOctets
  kTooManyMessages,     // of one append, over kAppendMessages
  kBadKeyword,          // not an IMAP atom of 1..kKeywordOctets
  kTooManyKeywords,     // over kKeywords in one mailbox
  kAnnotationTooBig,    // over Options::annotation_octets
  kTooManyAnnotations,  // over Options::annotations
  kTooManyGrants,       // over Options::grants
  kBadBody,             // the chunks named do not make the message
  kStagedBodyGone,      // its time ran out and it was swept, or it never was
  kCorrupt,             // what was read is not what was written
  kUnavailable,         // the engine cannot write or read now
  kUnknownOutcome,      // it may or may not have happened
};

[[nodiscard]] std::string_view to_string(MailboxError error);
/// kOverQuota is temporary: the owner may make room.
[[nodiscard]] Permanence permanence(MailboxError error);
[[nodiscard]] MailboxError from_store(io::engine::StoreError error);

}  // namespace veredus::state::mailbox
