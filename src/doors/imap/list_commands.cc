#include "doors/imap/list_commands.h"

#include <algorithm>
#include <utility>

#include "doors/imap/acl_commands.h"
#include "doors/imap/failures.h"
#include "doors/imap/metadata_commands.h"
#include "doors/imap/named_mailbox.h"
#include "doors/imap/reply_pace.h"
#include "doors/imap/special_use.h"
#include "doors/imap/status_commands.h"
#include "doors/imap/updates.h"
#include "io/net/stint.h"
#include "state/mailbox/mailbox_name.h"
#include "state/mailbox/mailboxes.h"
#include "wire/imap/list_pattern.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {
namespace {

using state::mailbox::MailboxError;

/// Looking for shared mailboxes costs something: only where a pattern can mean one.
Reach reach_of(std::string_view reference, const std::vector<std::string>& patterns) {
  const auto means_shared = [&](const std::string& pattern) {
    const wire::imap::ListPattern whole(std::string(reference).append(pattern));
    return whole.matches(state::mailbox::kSharedPrefix) || whole.may_match_below(state::mailbox::kSharedPrefix);
  };
  return std::ranges::any_of(patterns, means_shared) ? Reach::kWithShared : Reach::kOwn;
}

wire::imap::ListLine line_of(const ChosenName& chosen, const wire::imap::List* command = nullptr) {
  wire::imap::ListLine line;
  line.attributes = chosen.attributes;
  line.name = chosen.listed->name;
  if (chosen.special_use && chosen.listed->mailbox)
    line.special_use = to_attribute(chosen.listed->mailbox->special_use);
  if (command != nullptr && chosen.child_info) {
    line.child_info_subscribed = command->only_subscribed;
    line.child_info_special_use = command->only_special_use;
  }
  return line;
}

/// What RETURN asks for besides attributes.
struct Returned {
  const wire::imap::List* command;
  std::vector<AnnotationEntry> entries;
};

/// After the LIST line. What cannot be told, perhaps of a mailbox that is gone, is left out (RFC 5819 s2, RFC 9590 s3).
/// False: the client is gone.
asio::awaitable<bool> tell_more(Talk* talk, const Returned* returned, const ListedName* listed, ReplyPace* pace) {
  const auto& command = *returned->command;
  if (command.return_my_rights) tell_my_rights(talk, listed->name, listed->rights);
  if (!listed->selectable()) co_return true;
  if (command.return_status) {  // RFC 5819 s2: not for what cannot be selected
    auto mailbox = *listed->mailbox;
    co_await tell_status(talk, listed->account, std::move(mailbox), listed->name, *command.return_status);
  }
  if (returned->entries.empty()) co_return true;
  AnnotatedMailbox annotated{listed->account, listed->mailbox->id, listed->mailbox->special_use, listed->name};
  const auto told = co_await tell_annotations(talk, std::move(annotated), returned->entries, pace);
  co_return told.value_or(true);
}

using Added = std::expected<void, MailboxError>;

asio::awaitable<Added> add_shared(Talk* talk, NameTree* tree, io::net::Stint* stint) {
  const auto account = talk->session.account();
  auto& mailboxes = talk->services.mailboxes;
  const auto owners = co_await mailboxes.sharers(account);
  if (!owners) co_return std::unexpected(owners.error());
  for (const AccountId owner : *owners) {
    const auto prefix = shared_prefix(*talk, owner);
    if (prefix.empty()) continue;
    auto shared = co_await mailboxes.shared(owner, account);
    if (!shared) co_return std::unexpected(shared.error());
    for (auto& [mailbox, rights] : *shared) tree->add_shared(owner, prefix, std::move(mailbox), rights);
    if (stint->is_long()) co_await stint->pause();
  }
  co_return Added();
}

}  // namespace

asio::awaitable<std::expected<NameTree, MailboxError>> all_names(Talk* talk, Reach reach) {
  const auto account = talk->session.account();
  auto& mailboxes = talk->services.mailboxes;
  NameTree tree;
  io::net::Stint stint;
  auto own = co_await mailboxes.list(account);
  if (!own) co_return std::unexpected(own.error());
  for (auto& mailbox : *own) {
    tree.add_own(account, std::move(mailbox));
    if (stint.is_long()) co_await stint.pause();
  }
  if (reach == Reach::kWithShared) {
    const auto added = co_await add_shared(talk, &tree, &stint);
    if (!added) co_return std::unexpected(added.error());
  }
  const auto subscriptions = co_await mailboxes.subscriptions(account);
  if (!subscriptions) co_return std::unexpected(subscriptions.error());
  for (const auto& name : *subscriptions) {
    tree.add_subscription(name);
    if (stint.is_long()) co_await stint.pause();
  }
  co_return tree;
}

asio::awaitable<Outcome> list(Talk* talk, wire::imap::List command) {
  auto& out = talk->out.buffer();
  const auto names = names_of(talk->session);
  if (!command.extended && command.patterns.size() == 1 && command.patterns.front().empty()) {
    wire::imap::ListLine root;  // RFC 9051 s6.3.9: only the separator is asked for
    root.attributes = wire::imap::kNoSelect;
    wire::imap::append_list(out, root, names);
    co_return ok("Separator told");
  }
  if (command.return_status && std::ranges::count(*command.return_status, wire::imap::StatusItem::kHighestModSeq) != 0)
    co_await enable_condstore(talk);
  const auto tree = co_await all_names(talk, reach_of(command.reference, command.patterns));
  if (!tree) co_return failure(tree.error());
  const Returned returned{&command, annotation_entries(command.return_metadata)};
  ReplyPace pace(&talk->out);
  const auto form = talk->session.rev2() ? Listing::Form::kListWithAbsence : Listing::Form::kList;
  for (Listing listing(&*tree, command, form); !listing.is_over();) {
    if (pace.is_due() && !co_await pace.pause()) co_return gone();
    const auto chosen = listing.next();
    if (!chosen) continue;
    wire::imap::append_list(out, line_of(*chosen, &command), names);
    // RFC 5819 s2, RFC 8440 s3, RFC 9590 s3: nothing of what is told for the sake of others below it.
    if (!chosen->listed->mailbox || chosen->only_child_info) continue;
    const bool told = co_await tell_more(talk, &returned, chosen->listed, &pace);
    if (!told) co_return gone();
  }
  co_return ok("Mailboxes listed");
}

asio::awaitable<Outcome> lsub(Talk* talk, wire::imap::Lsub command) {
  auto& out = talk->out.buffer();
  const auto names = names_of(talk->session);
  if (command.pattern.empty()) {
    wire::imap::ListLine root;
    root.attributes = wire::imap::kNoSelect;
    wire::imap::append_lsub(out, root, names);
    co_return ok("Separator told");
  }
  const auto tree = co_await all_names(talk, Reach::kOwn);  // names alone: nobody's mailboxes are looked at
  if (!tree) co_return failure(tree.error());
  ReplyPace pace(&talk->out);
  for (Listing listing(&*tree, std::move(command)); !listing.is_over();) {
    if (pace.is_due() && !co_await pace.pause()) co_return gone();
    if (const auto chosen = listing.next()) wire::imap::append_lsub(out, line_of(*chosen), names);
  }
  co_return ok("Subscriptions listed");
}

}  // namespace veredus::doors::imap
