#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "doors/imap/reply_pace.h"
#include "doors/imap/talk.h"
#include "io/net/asio.h"
#include "state/mailbox/mailbox.h"
#include "state/mailbox/mailbox_error.h"
#include "wire/imap/command.h"

namespace veredus::doors::imap {

// RFC 5464. /private is each reader's own, /shared everybody's. /private/specialuse of an own mailbox is its special
// use (RFC 6154 s4).
asio::awaitable<Outcome> get_metadata(Talk* talk, wire::imap::GetMetadata command);
asio::awaitable<Outcome> set_metadata(Talk* talk, wire::imap::SetMetadata command);

/// The mailbox annotations are asked of, as the session sees it.
struct AnnotatedMailbox {
  AccountId account;  // the owner
  MailboxId mailbox;  // kWholeAccount: the server
  state::mailbox::SpecialUse special_use = state::mailbox::SpecialUse::kNone;
  std::string name;
};

/// An annotation's name taken apart.
struct AnnotationEntry {
  enum class Scope : std::uint8_t { kPrivate, kShared } scope;
  std::string name;  // what follows, in lower case
  friend auto operator<=>(const AnnotationEntry&, const AnnotationEntry&) = default;
};

/// Each once; those that are no entries are passed over.
[[nodiscard]] std::vector<AnnotationEntry> annotation_entries(const std::vector<std::string>& texts);

/// Writes the METADATA line with these entries, NIL for those that are not there; nothing for no entries. False: the
/// client is gone. After an error the line ends before what could not be read.
asio::awaitable<std::expected<bool, state::mailbox::MailboxError>> tell_annotations(
    Talk* talk, AnnotatedMailbox mailbox, std::vector<AnnotationEntry> entries, ReplyPace* pace);

}  // namespace veredus::doors::imap
