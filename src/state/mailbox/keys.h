#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "io/engine/batch.h"
#include "state/mailbox/annotation.h"
#include "state/mailbox/email.h"
#include "state/mailbox/email_sheet.h"

/// Keys of the account partition. The first octet says what a row is; integers are big-endian, so rows sort as their
/// numbers do. Every key but those with a name in them fits std::string without an allocation. docs/formats/account.md
namespace veredus::state::mailbox::keys {

/// Holds rows of one sort, the sharers of those who share with everybody.
constexpr io::engine::Partition kForAnyone{io::engine::Kind::kDirectory, 1};

/// What becomes due for removal. On disk, do not renumber.
enum class Due : std::uint8_t { kEmail = 'e', kDedupe = 'k' };

[[nodiscard]] std::string account();                                           // a
[[nodiscard]] std::string mailbox(MailboxId mailbox);                          // b|mailbox4
[[nodiscard]] std::string flag_page(MailboxId mailbox, std::uint32_t number);  // e|mailbox4|page4
[[nodiscard]] std::string table_part(MailboxId mailbox, std::uint32_t part);   // v|mailbox4|part4
[[nodiscard]] std::string sheet(MailboxId mailbox, std::uint32_t number,
                                SheetColumn column);                      // w|mailbox4|sheet4|column1
[[nodiscard]] std::string after_table(MailboxId mailbox);                 // the end of the range of its parts
[[nodiscard]] std::string message(MailboxId mailbox, Uid uid);            // f|mailbox4|uid4
[[nodiscard]] std::string email(EmailId email);                           // m|email8
[[nodiscard]] std::string locations(EmailId email);                       // l|email8
[[nodiscard]] std::string chunk(EmailId email, std::uint32_t index);      // x|email8|chunk4
[[nodiscard]] std::string change(ModSeq modseq, MailboxId mailbox);       // c|modseq8|mailbox4
[[nodiscard]] std::string staged(EmailId email);                          // p|email8
[[nodiscard]] std::string dedupe(const std::array<std::uint8_t, 16>& k);  // k|dedupe16
[[nodiscard]] std::string due_email(SystemTime at, EmailId email);        // g|at8|'e'|email8
[[nodiscard]] std::string due_dedupe(SystemTime at, const std::array<std::uint8_t, 16>& k);  // g|at8|'k'|dedupe16
[[nodiscard]] std::string thread_of(std::uint64_t message_hash);                             // t|'i'|hash8
[[nodiscard]] std::string thread_member(ThreadId thread, EmailId email);                     // t|'m'|thread8|email8
[[nodiscard]] std::string subscription(std::string_view name);                               // s|'n'|name
[[nodiscard]] std::string rights(MailboxId mailbox, AccountId to);                           // s|'a'|mailbox4|account8
[[nodiscard]] std::string sharer(AccountId owner);                                           // s|'h'|owner8
[[nodiscard]] std::string annotation(AnnotationPlace place, std::string_view name);  // s|'m'|mailbox4|reader8|name
[[nodiscard]] std::string used_name(std::string_view name);                          // n|name

// What the rows of one sort, or of one mailbox, begin with.
[[nodiscard]] std::string all_rights();
[[nodiscard]] std::string all_sharers();
[[nodiscard]] std::string all_annotations();
[[nodiscard]] std::string annotations_of(MailboxId mailbox);

/// The end of a range: the least key greater than all that begin with `prefix` (which does not end in 0xFF).
[[nodiscard]] std::string after(std::string prefix);

struct DueKey {
  SystemTime at;
  Due what;
  EmailId email;                        // kEmail
  std::array<std::uint8_t, 16> dedupe;  // kDedupe
};

// What a key says; nullopt: it is not such a key.
[[nodiscard]] std::optional<MailboxId> parse_mailbox(std::string_view key);
[[nodiscard]] std::optional<std::pair<MailboxId, std::uint32_t>> parse_flag_page(std::string_view key);
[[nodiscard]] std::optional<std::pair<MailboxId, std::uint32_t>> parse_table_part(std::string_view key);
struct SheetKey {
  MailboxId mailbox;
  std::uint32_t number;
  SheetColumn column;
};
[[nodiscard]] std::optional<SheetKey> parse_sheet(std::string_view key);
[[nodiscard]] std::optional<Location> parse_message(std::string_view key);
[[nodiscard]] std::optional<EmailId> parse_email(std::string_view key);  // also of locations and staged
[[nodiscard]] std::optional<std::pair<EmailId, std::uint32_t>> parse_chunk(std::string_view key);
[[nodiscard]] std::optional<std::pair<ModSeq, MailboxId>> parse_change(std::string_view key);
[[nodiscard]] std::optional<DueKey> parse_due(std::string_view key);
[[nodiscard]] std::optional<std::pair<ThreadId, EmailId>> parse_thread_member(std::string_view key);

[[nodiscard]] std::optional<std::pair<MailboxId, AccountId>> parse_rights(std::string_view key);
[[nodiscard]] std::optional<AccountId> parse_sharer(std::string_view key);
struct AnnotationKey {
  AnnotationPlace place;
  std::string_view name;  // in the key
};
[[nodiscard]] std::optional<AnnotationKey> parse_annotation(std::string_view key);

}  // namespace veredus::state::mailbox::keys
