#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "io/engine/engine.h"
#include "io/net/asio.h"
#include "state/mailbox/allowed_flags.h"
#include "state/mailbox/annotation.h"
#include "state/mailbox/change_watch.h"
#include "state/mailbox/changes.h"
#include "state/mailbox/copied.h"
#include "state/mailbox/email.h"
#include "state/mailbox/flag_change.h"
#include "state/mailbox/mailbox.h"
#include "state/mailbox/mailbox_error.h"
#include "state/mailbox/message.h"
#include "state/mailbox/message_table.h"
#include "state/mailbox/new_message.h"
#include "state/mailbox/quota.h"
#include "state/mailbox/rights.h"
#include "state/mailbox/shared_mailbox.h"
#include "state/mailbox/source_flags.h"
#include "state/mailbox/stored_email.h"
#include "state/mailbox/uid_set.h"
#include "state/mailbox/verification.h"

namespace veredus::state::mailbox {

class EmailSheet;
enum class SheetColumn : std::uint8_t;
struct SheetMessage;

struct Options {
  std::uint32_t cached_accounts = 10'000;  // mailbox tables kept in memory, least recently used out first
  std::uint32_t mailboxes = 2'000;         // in one account
  std::uint32_t subscriptions = 5'000;     // in one account; also to what is not there, or is another's
  std::uint32_t name_octets = 480;         // UTF-8; more does not fit a key
  std::uint32_t grants = 5'000;            // of one account: mailboxes times whom each is shared with
  std::uint32_t annotations = 1'000;       // in one account
  std::uint32_t annotation_octets = 64 * 1024;
  std::chrono::minutes removal_delay{90};        // an expunged message stays readable at least so long
  std::chrono::hours change_log_age{24 * 30};    // older changes are compacted away (never inexactly: deleted_modseq)
  std::size_t turn_octets = 4 * 1024 * 1024;     // bodies merged into one commit
  std::size_t table_octets = 128 * 1024 * 1024;  // whole mailboxes kept in memory, least recently used out first
  std::size_t sheet_octets = 96 * 1024 * 1024;   // what lists of messages show, kept in memory; so too
  std::uint32_t flag_page_messages = 32;         // so many of one page changed at once are written as a page
};

/// The accounts' mailboxes: everything the mail doors and local delivery do to them. One per process. Thread-safe;
/// every coroutine completes on the executor it was awaited on. An account is made by its first use, with INBOX,
/// Archive, Drafts, Junk, Sent and Trash; whether it may exist is the directory's to say. Operations on one account
/// take turns; those that wait are merged into one synced commit (the commit's version is the MODSEQ of all of them).
/// What returned without an error is on disk. Layout: docs/formats/account.md.
class Mailboxes {
 public:
  template <class T>
  using Result = asio::awaitable<std::expected<T, MailboxError>>;

  /// `engine` and `clock` must outlive this.
  Mailboxes(io::engine::Engine& engine, const Clock& clock, Options options);
  Mailboxes(const Mailboxes&) = delete;
  Mailboxes& operator=(const Mailboxes&) = delete;
  ~Mailboxes();

  // Mailboxes. Names are UTF-8 with '/'; "inbox" in any case is INBOX.
  Result<std::vector<Mailbox>> list(AccountId account);  // by name, INBOX first
  Result<Mailbox> status(AccountId account, MailboxId mailbox);
  Result<Mailbox> find(AccountId account, std::string name);
  Result<Mailbox> special(AccountId account, SpecialUse use);
  /// Makes the levels above as well.
  Result<Mailbox> create(AccountId account, std::string name, SpecialUse use);
  /// With everything below it; of a level that is no mailbox itself, what is below it: nullopt. Renaming INBOX moves
  /// its messages and leaves it empty (RFC 9051 s6.3.6).
  Result<std::optional<Mailbox>> rename(AccountId account, std::string from, std::string to);
  /// Its messages go with it; mailboxes below it stay.
  Result<void> remove_mailbox(AccountId account, std::string name);
  Result<void> set_special_use(AccountId account, MailboxId mailbox, SpecialUse use);
  Result<void> subscribe(AccountId account, std::string name);
  Result<void> unsubscribe(AccountId account, std::string name);
  Result<std::vector<std::string>> subscriptions(AccountId account);  // also of names that do not exist (any more)
  /// Takes the messages not yet shown to anybody: answers all UIDs from the first of them to uid_next, which is the
  /// mark from now on.
  Result<UidSet> claim_recent(AccountId account, MailboxId mailbox);

  // Sharing (RFC 4314). The owner may do everything, always; `to` and `reader` are other accounts.
  Result<std::vector<Grant>> grants(AccountId owner);
  /// Answers the rights afterwards. What is made below a mailbox later begins with its grants.
  Result<Rights> change_rights(AccountId owner, MailboxId mailbox, AccountId to, RightsChange change);
  /// Who shares something with `reader`, ascending.
  Result<std::vector<AccountId>> sharers(AccountId reader);
  /// The mailboxes of `owner` on which `reader` has any right, in the order of `list`.
  Result<std::vector<SharedMailbox>> shared(AccountId owner, AccountId reader);
  /// All of them for the owner.
  Result<Rights> rights(AccountId owner, MailboxId mailbox, AccountId reader);

  // Annotations (RFC 5464). Of a mailbox, or of kWholeAccount.
  /// The annotation `name` and, as `depth` says, those below it, by name. An empty name stands above all.
  Result<std::vector<Annotation>> annotations(AccountId account, AnnotationPlace place, std::string name,
                                              AnnotationDepth depth);
  /// All or nothing, set_special_use() of `use` among it. `author` is kept with the notes of it.
  Result<void> annotate(AccountId account, std::vector<AnnotationChange> changes, std::string author = {},
                        std::optional<GivenUse> use = {});
  /// What was annotated after a MODSEQ, for those who follow the account. Only the latest is remembered, and no restart
  /// outlasts it: where that does not reach back to `since`, all annotations that are there are named.
  Result<AnnotationNotes> annotation_notes(AccountId account, ModSeq since);

  // Bringing messages in.
  Result<Appended> append(AccountId account, NewMessage message, QuotaLimits limits);
  /// All or none (RFC 3502). At most kAppendMessages, their inline bodies at most kAppendOctets.
  Result<std::vector<Appended>> append_all(AccountId account, std::vector<NewMessage> messages, QuotaLimits limits);
  /// append() and, in the same commit, expunge() of the message at `replaced`, in whatever mailbox (RFC 8508): both or
  /// neither. The room that one takes counts as free. Where it is not there any more, the message is stored all the
  /// same.
  Result<Appended> replace(AccountId account, NewMessage message, Location replaced, QuotaLimits limits);
  /// For each key what an append with it brought: what need not be brought again.
  Result<std::vector<std::optional<Brought>>> already_there(AccountId account,
                                                            std::vector<std::array<std::uint8_t, 16>> keys);
  /// Relaxed: what is lost in a crash is found out again.
  Result<void> remember_source_flags(AccountId account, std::vector<SourceFlagsOf> flags);
  /// A new id to stage a body under.
  [[nodiscard]] EmailId new_staged_email();
  /// Keeps chunk `index` of a body that is arriving: 1, 2 and so on, kChunkOctets each, the last one shorter. Relaxed:
  /// durable by the append that adopts it. Swept after `expiry` when no append came.
  Result<void> stage_chunk(AccountId account, EmailId email, std::uint32_t index, std::string octets,
                           SystemTime expiry);
  Result<void> discard_staged(AccountId account, EmailId email);

  // Changing what is there. Messages named that do not exist are passed over.
  Result<FlagsStored> store_flags(AccountId account, MailboxId mailbox, UidSet uids, FlagChange change);
  /// Flags that are not `allowed` in `to` are left out (RFC 4314 s4).
  Result<Copied> copy(AccountId account, MailboxId from, UidSet uids, MailboxId to, QuotaLimits limits,
                      AllowedFlags allowed = {});
  /// RFC 6851 s3.3: all or nothing. Flags as with copy().
  Result<Copied> move(AccountId account, MailboxId from, UidSet uids, MailboxId to, AllowedFlags allowed = {});
  /// Those of `uids` that have \Deleted (EXPUNGE; UID EXPUNGE, RFC 4315 s2.1).
  Result<Expunged> expunge_deleted(AccountId account, MailboxId mailbox, UidSet uids);
  /// Whatever their flags (POP3 QUIT, JMAP).
  Result<Expunged> expunge(AccountId account, MailboxId mailbox, UidSet uids);

  // Reading.
  /// At most `limit` messages with first <= UID <= last.
  Result<MessagePage> messages(AccountId account, MailboxId mailbox, Uid first, Uid last, std::uint32_t limit);
  /// All of them, as they are now. Costs little when it is in memory already.
  Result<std::shared_ptr<const MessageTable>> table(AccountId account, MailboxId mailbox);
  /// Whoever had it open has closed it: what is known of it is stored, its table and what lists of it show, where that
  /// saves the next one much reading.
  Result<void> put_away(AccountId account, MailboxId mailbox);
  /// All of the mailbox, ascending. What is committed meanwhile may be in it: ask for the changes since the MODSEQ
  /// known before.
  Result<std::vector<MessageMark>> marks(AccountId account, MailboxId mailbox);
  Result<Email> email(AccountId account, EmailId email);
  /// In the order asked for; nullopt: no such email.
  Result<std::vector<std::optional<Email>>> emails(AccountId account, std::vector<EmailId> ids);
  /// The same as they are stored, for many: fastest when `ids` ascend. Answers for the first of them, at least one, as
  /// many as fit about `octets`.
  Result<std::vector<StoredEmail>> stored_emails(AccountId account, std::vector<EmailId> ids, std::size_t octets);
  /// The same for more than is worth keeping: each email is shown to `viewer`, with the place of its id. Answers how
  /// many of the ids were looked for; those among them that were not shown are not there. `ids` must outlive the call.
  Result<std::size_t> view_emails(AccountId account, std::span<const EmailId> ids, std::size_t octets, Again again,
                                  EmailViewer viewer);
  /// What stands in `columns` of the emails of `messages`, whose UIDs are of one sheet (email_sheet.h): a sheet for
  /// each column, in which at least those of them are that are there. Costs little when it is in memory already.
  Result<std::vector<std::shared_ptr<const EmailSheet>>> sheets(AccountId account, MailboxId mailbox,
                                                                std::vector<SheetColumn> columns,
                                                                std::vector<SheetMessage> messages);
  /// Octets from `offset`, at most `length` and at most one chunk: shorter answers are normal, an empty one is the end.
  Result<std::string> read_body(AccountId account, StoredBody body, std::uint64_t offset, std::uint32_t length);
  /// Chunk 0 of each, in one read: whole messages where they are small. nullopt: no such email (any more).
  Result<std::vector<std::optional<std::string>>> first_chunks(AccountId account, std::vector<StoredBody> bodies);
  Result<std::vector<EmailId>> thread(AccountId account, ThreadId thread);  // oldest first
  Result<QuotaUsage> usage(AccountId account);

  // What changed.
  Result<ModSeq> highest_modseq(AccountId account);
  Result<MailboxChanges> changes(AccountId account, MailboxId mailbox, ModSeq since, std::uint32_t limit);
  Result<AccountChanges> account_changes(AccountId account, ModSeq since, std::uint32_t limit);
  [[nodiscard]] ChangeWatch watch(AccountId account, std::optional<MailboxId> mailbox);
  [[nodiscard]] ChangeWatch watch(const std::vector<Watched>& watched);

  // Keeping house.
  /// Removes what is due: expunged bodies, abandoned staged bodies, expired dedupe keys, old change log. Answers rows
  /// removed. Cheap when nothing is due; run it for each account now and then.
  Result<std::uint64_t> sweep(AccountId account);
  /// Accounts that hold something, ascending from `from`.
  Result<std::vector<AccountId>> accounts(AccountId from, std::uint32_t limit);
  /// Everything of the account, at once and for good.
  Result<void> erase_account(AccountId account);
  /// Reads every row and recounts. When something seems wrong it reads once more and lets no one change the account
  /// meanwhile.
  Result<Verification> verify_account(AccountId account, BodyCheck bodies);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace veredus::state::mailbox
