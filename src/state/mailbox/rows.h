#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "state/mailbox/email.h"
#include "state/mailbox/flag_page.h"
#include "state/mailbox/mailbox.h"
#include "state/mailbox/mailbox_error.h"
#include "state/mailbox/message.h"
#include "state/mailbox/quota.h"
#include "state/mailbox/rights.h"
#include "state/mailbox/source_flags.h"
#include "state/mailbox/stored_email.h"
#include "state/mailbox/table_page.h"

/// Values of the account partition: one place for every encoding. Each begins with the version of its row. Decoding
/// answers kCorrupt for anything that encoding, of this version or an earlier one, does not make. Layouts:
/// docs/formats/account.md
namespace veredus::state::mailbox::rows {

constexpr std::size_t kEmailRowOctets = 768 * 1024;

template <class T>
using Decoded = std::expected<T, MailboxError>;

/// a: what the whole account counts with.
struct AccountRow {
  MailboxId next_mailbox{kInbox};
  UidValidity last_uid_validity;  // ever given out here
  EmailId last_email;             // the last id made at an append
  QuotaUsage usage;
  ModSeq log_floor;  // changes up to here are no longer in the log
  friend bool operator==(const AccountRow&, const AccountRow&) = default;
};

/// On disk, do not renumber.
enum class MailboxState : std::uint8_t {
  kAlive = 0,
  kGoing = 1,  // removed: without a name, its messages being expunged
};

/// b|mailbox4
struct MailboxRow {
  MailboxState state = MailboxState::kAlive;
  SpecialUse special_use = SpecialUse::kNone;
  UidValidity uid_validity;
  Uid uid_next{1};
  Uid first_recent{1};
  ModSeq created_modseq;
  ModSeq highest_modseq;
  ModSeq deleted_modseq;
  MailboxCounts counts;
  bool has_flag_pages = false;  // since version 2
  std::string name;
  std::vector<std::string> keywords;
  friend bool operator==(const MailboxRow&, const MailboxRow&) = default;
};

/// What happened to one message in one commit. On disk, do not renumber.
enum class ChangeKind : std::uint8_t {
  kArrived = 1,    // a new email
  kCopied = 2,     // an email that was there already, in one more mailbox
  kFlags = 3,      // flags or keywords
  kExpunged = 4,   // the email is still elsewhere
  kDestroyed = 5,  // the email is nowhere any more
  kMailboxCreated = 6,
  kMailboxChanged = 7,  // name, special use; uid and email are 0
  kMailboxRemoved = 8,
};

struct Change {
  ChangeKind kind;
  Uid uid;
  EmailId email;
  friend bool operator==(const Change&, const Change&) = default;
};

/// c|modseq8|mailbox4
struct ChangeRow {
  SystemTime at;
  std::vector<Change> changes;
  friend bool operator==(const ChangeRow&, const ChangeRow&) = default;
};

/// v|mailbox4|part4: what a MessageTable said of some of a mailbox's messages. Good as long as the change log reaches
/// back to `as_of`; whatever is wrong with it, the messages' own rows say the same.
struct TablePart {
  UidValidity uid_validity;
  ModSeq as_of;
  std::uint32_t parts = 1;        // of the whole table
  std::vector<Message> messages;  // ascending UIDs
  friend bool operator==(const TablePart&, const TablePart&) = default;
};

/// The same with its messages left packed.
struct SurveyedPart {
  struct Page {
    PageSummary summary;
    PackedMessages messages;
  };
  UidValidity uid_validity;
  ModSeq as_of;
  std::uint32_t parts = 1;
  std::vector<Page> pages;
};

/// m|email8: where it was put first (an absent l row means: still there and nowhere else), then what never changes.
struct EmailRow {
  ThreadId thread;
  Location home;
  SystemTime received_at;
  std::uint64_t octets = 0;
  std::uint32_t first_octets = 0;
  EmailContent content;
};

/// k|dedupe16
struct DedupeRow {
  SystemTime expiry;
  EmailId email;
  Location at;
  UidValidity uid_validity;
  std::optional<SourceFlags> source_flags = std::nullopt;  // of a message copied from another server
  friend bool operator==(const DedupeRow&, const DedupeRow&) = default;
};

/// p|email8: a body that is arriving.
struct StagedRow {
  SystemTime expiry;
  std::uint64_t octets = 0;  // arrived so far, chunk 0 not counted
  friend bool operator==(const StagedRow&, const StagedRow&) = default;
};

[[nodiscard]] std::string encode(const AccountRow& row);
[[nodiscard]] std::string encode(const MailboxRow& row);
[[nodiscard]] std::string encode(const Message& message);  // f|mailbox4|uid4; the uid is in the key
[[nodiscard]] std::string encode(const FlagPage& page);    // e|mailbox4|page4; the number is in the key
[[nodiscard]] std::string encode(const TablePart& part);
[[nodiscard]] std::string encode(const ChangeRow& row);
[[nodiscard]] std::string encode(
    const EmailRow& row);  // at most kEmailRowOctets: of a monstrous message parts are left out
[[nodiscard]] std::string encode(const DedupeRow& row);
[[nodiscard]] std::string encode_locations(const std::vector<Location>& locations);  // l|email8
[[nodiscard]] std::string encode(const StagedRow& row);
[[nodiscard]] std::string encode_thread(ThreadId thread);              // t|'i'|hash8
[[nodiscard]] std::string encode_used_name(UidValidity uid_validity);  // n|name
[[nodiscard]] std::string encode_rights(Rights rights);                // s|'a'|mailbox4|account8; never none
[[nodiscard]] std::string encode_sharer(SystemTime noted);             // s|'h'|owner8
[[nodiscard]] std::string encode_annotation(std::string_view value);   // s|'m'|mailbox4|reader8|name
[[nodiscard]] std::string encode_mark();                               // rows that say all in their key

/// Gives an encoded m row, made before its turn, what only the turn knows.
void settle_email(std::string& encoded, ThreadId thread, Location home);

[[nodiscard]] Decoded<AccountRow> decode_account(std::string_view octets);
[[nodiscard]] Decoded<MailboxRow> decode_mailbox(std::string_view octets);
[[nodiscard]] Decoded<Message> decode_message(Uid uid, std::string_view octets);
[[nodiscard]] Decoded<FlagPage> decode_flag_page(std::uint32_t number, std::string_view octets);
[[nodiscard]] Decoded<TablePart> decode_table_part(std::string_view octets);
/// `page_messages` of them in each page, but the last.
[[nodiscard]] Decoded<SurveyedPart> survey_table_part(const std::shared_ptr<const std::string>& part,
                                                      std::size_t page_messages);
[[nodiscard]] Decoded<std::uint32_t> decode_parts_of_table(std::string_view octets);  // of any of its parts
[[nodiscard]] Decoded<ChangeRow> decode_change(std::string_view octets);
[[nodiscard]] Decoded<EmailView> view_email(std::string_view octets);  // which must outlive the view
[[nodiscard]] Decoded<EmailRow> decode_email(std::string_view octets);
[[nodiscard]] Decoded<DedupeRow> decode_dedupe(std::string_view octets);
[[nodiscard]] Decoded<std::vector<Location>> decode_locations(std::string_view octets);
[[nodiscard]] Decoded<StagedRow> decode_staged(std::string_view octets);
[[nodiscard]] Decoded<ThreadId> decode_thread(std::string_view octets);
[[nodiscard]] Decoded<UidValidity> decode_used_name(std::string_view octets);
[[nodiscard]] Decoded<Rights> decode_rights(std::string_view octets);
[[nodiscard]] Decoded<SystemTime> decode_sharer(std::string_view octets);
[[nodiscard]] Decoded<std::string> decode_annotation(std::string_view octets);

}  // namespace veredus::state::mailbox::rows
