#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/types/ids.h"
#include "doors/imap/talk.h"
#include "io/net/asio.h"
#include "state/mailbox/mailbox.h"
#include "state/mailbox/mailbox_error.h"
#include "state/mailbox/rights.h"
#include "wire/imap/imap_string.h"

/// What the names of mailboxes lead to: the account's own mailboxes, and below "Shared/<owner's address>" those others
/// share with it.
namespace veredus::doors::imap {

class Selected;

struct NamedMailbox {
  AccountId account;  // the owner
  state::mailbox::Mailbox mailbox;
  state::mailbox::Rights rights;  // what this session may do with it
  std::string shown_name;         // as this session sees it: UTF-8
};

/// Where a name leads, whether or not there is a mailbox.
struct NamedPlace {
  AccountId account;
  std::string name;    // within the account; empty: above all its mailboxes
  std::string prefix;  // what the session sees before it: "" or "Shared/bob@example.org/"
};

/// Errors: kNoSuchMailbox: no such account.
[[nodiscard]] std::expected<NamedPlace, state::mailbox::MailboxError> place_named(const Talk& talk,
                                                                                  std::string_view name);

/// As LIST tells the name of another's mailbox or of the level above them, whether or not it is there. Other names stay
/// as they are.
[[nodiscard]] std::string listed_name(const Talk& talk, std::string name);

/// Also a mailbox that the session may read or write but not see in lists. Errors: kNoSuchMailbox, also where it has no
/// rights at all (RFC 4314 s4); kBadName, kNameTooLong.
asio::awaitable<std::expected<NamedMailbox, state::mailbox::MailboxError>> find_mailbox(Talk* talk, std::string name);

/// Whether UTF-8 has a control character above ASCII, U+0080..U+009F, or a separator of lines or paragraphs: no new
/// name has them (RFC 9051 s5.1).
[[nodiscard]] bool has_wide_controls(std::string_view name);

/// "Shared/bob@example.org/"; empty when the owner's address cannot be part of a name.
[[nodiscard]] std::string shared_prefix(const Talk& talk, AccountId owner);

/// How this session reads names.
[[nodiscard]] inline wire::imap::Names names_of(const Session& session) {
  return session.utf8() ? wire::imap::Names::kUtf8 : wire::imap::Names::kModifiedUtf7;
}

/// What a command answers whose right is missing (RFC 4314 s4, RFC 5530 s3).
[[nodiscard]] inline Outcome not_permitted() { return no("NOPERM", "The owner does not let you do that"); }

/// The same where who asks has but these rights: without `l` it may not even know that the mailbox is there (RFC 4314
/// s6).
[[nodiscard]] Outcome not_permitted(state::mailbox::Rights rights);
/// What changes nothing because the mailbox is open for reading alone: by EXAMINE, which is no matter of rights, or
/// because there are none to change it.
[[nodiscard]] Outcome open_for_reading(const Selected& selected);
/// Where messages may not be put.
[[nodiscard]] Outcome not_target(state::mailbox::Rights rights);

/// `* word "name" `: what replies about one mailbox begin with.
void begin_reply(Talk* talk, std::string_view word, std::string_view mailbox);

}  // namespace veredus::doors::imap
