#include "doors/imap/notify_command.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doors/imap/failures.h"
#include "doors/imap/list_commands.h"
#include "doors/imap/named_mailbox.h"
#include "doors/imap/special_use.h"
#include "doors/imap/status_commands.h"
#include "doors/imap/updates.h"
#include "state/mailbox/mailboxes.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {
namespace {

using state::mailbox::AnnotationNote;
using state::mailbox::MailboxError;
using wire::imap::NotifyEvents;
using wire::imap::NotifyFilter;
using wire::imap::StatusItem;
using Told = Notification::Told;

constexpr std::size_t kEntriesInLine = 50;
constexpr std::uint32_t kChangesAtOnce = 1000;
constexpr std::size_t kMostMailboxes = 10'000;  // more than that to keep an eye on: NOTIFICATIONOVERFLOW

bool is_of_selected(NotifyFilter filter) {
  return filter == NotifyFilter::kSelected || filter == NotifyFilter::kSelectedDelayed;
}

/// What RFC 5465 s5 and s6.1 forbid. Empty: nothing.
std::string_view mistake_in(const wire::imap::Notify& command) {
  int of_selected = 0;
  for (const auto& group : command.groups) {
    const auto& events = group.events;
    if (events.message_new != events.message_expunge) return "MessageNew and MessageExpunge go together";
    if ((events.flag_change || events.annotation_change) && !events.message_new)
      return "FlagChange needs MessageNew and MessageExpunge";
    if (!is_of_selected(group.filter)) continue;
    if (++of_selected > 1) return "The selected mailbox is named twice";
    if (events.mailbox_name || events.subscription_change || events.mailbox_metadata_change ||
        events.server_metadata_change)
      return "The selected mailbox has message events alone";
  }
  return {};
}

/// Writes what RETURNs the name of a mailbox: LIST with what is known of it.
void tell_name(Talk* talk, const Told& told) {
  wire::imap::ListLine line;
  line.name = told.name;
  if (told.what == Told::What::kRenamed) line.old = told.old_name;
  if (told.listed == nullptr || !told.listed->mailbox) line.attributes = wire::imap::kNonExistent;
  if (told.listed != nullptr) {
    if (told.listed->subscribed) line.attributes |= wire::imap::kSubscribedAttribute;
    if (told.listed->mailbox && !told.listed->selectable())  // RFC 5465 s3.1
      line.attributes |= wire::imap::kNoSelect | wire::imap::kNoAccess;
    line.attributes |= told.listed->has_children ? wire::imap::kHasChildren : wire::imap::kHasNoChildren;
    if (told.listed->own && told.listed->mailbox) line.special_use = to_attribute(told.listed->mailbox->special_use);
  }
  wire::imap::append_list(talk->out.buffer(), line, names_of(talk->session));
}

asio::awaitable<std::expected<void, MailboxError>> tell_counts(Talk* talk, const Notification* notification,
                                                               const ListedName* listed) {
  // RFC 5465 s5.2: at least these.
  std::vector<StatusItem> items{StatusItem::kMessages, StatusItem::kUidNext, StatusItem::kUidValidity,
                                StatusItem::kUnseen};
  // RFC 5465 s3.1: with FlagChange also to who did not enable CONDSTORE.
  if (talk->session.has(Extension::kCondstore) || notification->events_of(*listed, listed->name).flag_change)
    items.push_back(StatusItem::kHighestModSeq);
  auto mailbox = *listed->mailbox;
  co_return co_await tell_status(talk, listed->account, std::move(mailbox), listed->name, std::move(items));
}

///   metadata-resp = "METADATA" SP mailbox SP entry-list ; entry-list = entry *(SP entry) (RFC 5464 s4.4.2, s5)
void tell_entries(Talk* talk, std::string_view mailbox, const std::vector<std::string>& entries) {
  auto& out = talk->out.buffer();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i % kEntriesInLine == 0)
      begin_reply(talk, "METADATA", mailbox);
    else
      out.append(" ");
    wire::imap::append_astring(out, entries[i]);
    if (i + 1 == entries.size() || (i + 1) % kEntriesInLine == 0) out.append("\r\n");
  }
}

/// Whether a STATUS has anything to tell: not when only the mailbox's rights or annotations changed, nor when the
/// session did it all itself (RFC 5465 s5).
asio::awaitable<bool> is_news(Talk* talk, const Told* told) {
  if (told->if_news_since == ModSeq()) co_return true;
  const auto changes = co_await talk->services.mailboxes.changes(told->listed->account, told->listed->mailbox->id,
                                                                 told->if_news_since, kChangesAtOnce);
  if (!changes || changes->more || changes->expunges == state::mailbox::MailboxChanges::Expunges::kIncomplete)
    co_return true;
  const bool own = std::ranges::all_of(changes->arrived, [told](Uid uid) { return told->own.contains(uid); });
  co_return !own || !changes->changed.empty() || !changes->expunged.empty();
}

/// What others annotated since the last look, as far as `tree` knows of the mailboxes. Of an account that is new here:
/// nothing but from where on.
asio::awaitable<std::expected<void, MailboxError>> tell_annotated(Talk* talk, Notification* notification,
                                                                  const NameTree* tree, std::vector<ModSeq> modseqs) {
  if (!notification->follows_annotations()) co_return std::expected<void, MailboxError>();
  const auto owners = notification->owners();
  std::map<AccountId, ModSeq> up_to;
  for (std::size_t i = 0; i < owners.size(); ++i) {
    const AccountId owner = owners[i];
    up_to[owner] = modseqs[i];
    const auto told = notification->annotations_told.find(owner);
    if (told == notification->annotations_told.end()) continue;
    auto found = co_await talk->services.mailboxes.annotation_notes(owner, told->second);
    if (!found) co_return std::unexpected(found.error());
    // What came after the tree was read may be of a mailbox it does not have: that is for the next look.
    up_to[owner] = std::min(found->up_to, modseqs[i]);
    std::erase_if(found->notes, [&](const AnnotationNote& note) { return note.modseq > modseqs[i]; });
    for (const auto& one :
         notification->annotated(*tree, owner, talk->session.account(), found->notes, talk->session.id))
      tell_entries(talk, one.mailbox, one.entries);
  }
  notification->annotations_told = std::move(up_to);
  co_return std::expected<void, MailboxError>();
}

/// Watches the session's own account and those of all who share with it. Who begins to wakes the own account, or those
/// who watch kAnyone: under a new watch it is asked once more who that was meanwhile.
asio::awaitable<std::expected<void, MailboxError>> renew_watch(Talk* talk, Notification* notification) {
  const auto own = talk->session.account();
  while (true) {
    auto owners = co_await talk->services.mailboxes.sharers(own);
    if (!owners) co_return std::unexpected(owners.error());
    owners->push_back(own);
    if (notification->owners() == *owners) co_return std::expected<void, MailboxError>();
    std::vector<state::mailbox::Watched> watched(1, {state::mailbox::kAnyone, std::nullopt});
    for (const AccountId owner : *owners) watched.push_back({owner, std::nullopt});
    notification->set_watch(talk->services.mailboxes.watch(watched), std::move(*owners));
  }
}

asio::awaitable<std::expected<std::vector<ModSeq>, MailboxError>> modseqs_of(Talk* talk, Notification* notification) {
  std::vector<ModSeq> modseqs;
  for (const AccountId owner : notification->owners()) {
    const auto modseq = co_await talk->services.mailboxes.highest_modseq(owner);
    if (!modseq) co_return std::unexpected(modseq.error());
    modseqs.push_back(*modseq);
  }
  co_return modseqs;
}

enum class Looked : std::uint8_t { kDone, kTooMany, kClientGone };

/// Looks at all mailboxes and tells what is new.
asio::awaitable<std::expected<Looked, MailboxError>> look_around(Talk* talk, Notification* notification) {
  // Before the look: nothing falls in between.
  const auto renewed = co_await renew_watch(talk, notification);
  if (!renewed) co_return std::unexpected(renewed.error());
  const auto modseqs = co_await modseqs_of(talk, notification);
  if (!modseqs) co_return std::unexpected(modseqs.error());
  if (notification->looked_at == *modseqs) co_return Looked::kDone;
  const auto tree = co_await all_names(talk, Reach::kWithShared);
  if (!tree) co_return std::unexpected(tree.error());
  if (tree->size() > kMostMailboxes) co_return Looked::kTooMany;
  std::optional<std::pair<AccountId, MailboxId>> chosen;
  if (const auto& selected = talk->session.selected) chosen.emplace(selected->account(), selected->mailbox());
  for (const auto& told : notification->look(*tree, chosen)) {
    if (told.what == Told::What::kStatus) {
      const bool news = co_await is_news(talk, &told);
      if (news) co_await tell_counts(talk, notification, told.listed);  // gone meanwhile: that is told the next time
    } else if (told.what == Told::What::kSpecialUse) {
      tell_entries(talk, told.name, std::vector<std::string>(1, "/private/specialuse"));  // RFC 6154 s4
    } else {
      tell_name(talk, told);
    }
    if (talk->out.is_full() && !co_await talk->out.make_room()) co_return Looked::kClientGone;
  }
  const auto annotated = co_await tell_annotated(talk, notification, &*tree, *modseqs);
  if (!annotated) co_return std::unexpected(annotated.error());
  notification->looked_at = *modseqs;
  co_return Looked::kDone;
}

/// From now on it is as asked. Null: by NOTIFY NONE.
Outcome asked(Talk* talk, std::unique_ptr<Notification> notification) {
  talk->session.used_notify = true;
  talk->session.notification = std::move(notification);
  return ok(talk->session.notification ? "Changes will be told" : "Nothing is told unasked");
}

}  // namespace

asio::awaitable<Outcome> notify(Talk* talk, wire::imap::Notify command) {
  if (const auto mistake = mistake_in(command); !mistake.empty()) co_return bad(std::string(mistake));
  const bool unknown = std::ranges::any_of(
      command.groups, [](const wire::imap::NotifyGroup& group) { return group.events.annotation_change; });
  if (unknown) co_return no(std::string(wire::imap::kBadEventCode), "These events are not told");
  // RFC 5465 s3.1: what happened until now is told as it was to be until now.
  const auto told = co_await tell_updates(talk, Updates::kAll);
  if (told != Telling::kWell) co_return over_by(told, talk->session);
  if (command.groups.empty()) co_return asked(talk, nullptr);
  for (auto& group : command.groups)
    for (auto& name : group.mailboxes) name = listed_name(*talk, std::move(name));
  auto notification = std::make_unique<Notification>(std::move(command));
  const auto looked = co_await look_around(talk, notification.get());
  if (!looked) co_return failure(looked.error());
  if (*looked == Looked::kTooMany) co_return no("NOTIFICATIONOVERFLOW", "Too many mailboxes to keep an eye on");
  if (*looked == Looked::kClientGone) co_return gone();
  co_return asked(talk, std::move(notification));
}

asio::awaitable<bool> tell_notifications(Talk* talk) {
  auto& session = talk->session;
  if (!session.notification) co_return true;
  const auto looked = co_await look_around(talk, session.notification.get());
  if (!looked) co_return true;  // the next change tells this one too
  if (*looked != Looked::kTooMany) co_return *looked == Looked::kDone;
  session.notification.reset();  // RFC 5465 s5.8: from now on as after NOTIFY NONE
  wire::imap::append_untagged(talk->out.buffer(), wire::imap::Condition::kOk, "NOTIFICATIONOVERFLOW",
                              "Too many mailboxes to keep an eye on");
  co_return true;
}

}  // namespace veredus::doors::imap
