#include "doors/imap/mailbox_commands.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "doors/imap/failures.h"
#include "doors/imap/named_mailbox.h"
#include "doors/imap/special_use.h"
#include "state/mailbox/mailbox_name.h"
#include "state/mailbox/mailboxes.h"
#include "state/mailbox/object_id.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {
namespace {

using state::mailbox::canonical_name;
using state::mailbox::Mailbox;
using state::mailbox::MailboxError;
using state::mailbox::Right;
using state::mailbox::SpecialUse;

/// Whether the session may make mailboxes of this canonical name: below the nearest of the owner's that is there,
/// whether or not it knows of that one, it needs `k` (RFC 4314 s4).
asio::awaitable<std::expected<bool, MailboxError>> may_create(Talk* talk, AccountId owner, std::string name) {
  if (owner == talk->session.account()) co_return true;
  const auto all = co_await talk->services.mailboxes.list(owner);
  if (!all) co_return std::unexpected(all.error());
  const auto shared = co_await talk->services.mailboxes.shared(owner, talk->session.account());
  if (!shared) co_return std::unexpected(shared.error());
  for (auto above = state::mailbox::name_above(name); !above.empty(); above = state::mailbox::name_above(above)) {
    if (std::ranges::find(*all, above, &Mailbox::name) == all->end()) continue;
    const auto is_it = [above](const auto& one) { return one.mailbox.name == above; };
    const auto known = std::ranges::find_if(*shared, is_it);
    co_return known != shared->end() && known->rights.has(Right::kCreate);
  }
  co_return false;
}

/// What the space of a new name lacks, if anything.
asio::awaitable<std::optional<Outcome>> refuse_new_name(Talk* talk, NamedPlace place) {
  auto name = canonical_name(place.name);
  if (!name) co_return failure(name.error());
  if (has_wide_controls(*name)) co_return failure(MailboxError::kBadName);
  const auto may = co_await may_create(talk, place.account, *std::move(name));
  if (!may) co_return failure(may.error());
  if (!*may) co_return not_permitted();
  co_return std::nullopt;
}

bool has_below(const std::vector<Mailbox>& mailboxes, std::string_view name) {
  for (const auto& mailbox : mailboxes)
    if (state::mailbox::is_below(mailbox.name, name)) return true;
  return false;
}

/// A name that is no mailbox may still be a level above others, which is an error of its own kind (RFC 9051 s6.3.5).
asio::awaitable<Outcome> refuse_absent(Talk* talk, std::string name, MailboxError error) {
  if (error != MailboxError::kNoSuchMailbox) co_return failure(error);
  const auto own = co_await talk->services.mailboxes.list(talk->session.account());
  const auto level = canonical_name(name);
  if (own && level && has_below(*own, *level))
    co_return no("HASCHILDREN", "There is no such mailbox, only others below it");
  co_return failure(error);
}

/// What keeps the session from giving a level of another's a new name, if anything. The level is no mailbox that it
/// knows of, but each that stands there must permit it, also one it may not know of.
asio::awaitable<std::optional<Outcome>> refuse_to_rename_level(Talk* talk, NamedPlace place) {
  const auto level = canonical_name(place.name);
  if (!level) co_return failure(MailboxError::kNoSuchMailbox);
  const auto is_there = [&](const Mailbox& mailbox) {
    return mailbox.name == *level || state::mailbox::is_below(mailbox.name, *level);
  };
  const auto shared = co_await talk->services.mailboxes.shared(place.account, talk->session.account());
  if (!shared) co_return failure(shared.error());
  bool known = false;
  std::set<MailboxId> permitted;
  for (const auto& [mailbox, rights] : *shared) {
    known = known || (is_there(mailbox) && rights.has(Right::kLookup));
    if (rights.has(Right::kDelete)) permitted.insert(mailbox.id);
  }
  if (!known) co_return failure(MailboxError::kNoSuchMailbox);
  const auto all = co_await talk->services.mailboxes.list(place.account);
  if (!all) co_return failure(all.error());
  for (const auto& mailbox : *all)
    if (is_there(mailbox) && !permitted.contains(mailbox.id)) co_return not_permitted();
  co_return std::nullopt;
}

/// The same for any name of another's: it needs `x` there (RFC 4314 s4).
asio::awaitable<std::optional<Outcome>> refuse_old_name(Talk* talk, std::string name, NamedPlace place) {
  const auto found = co_await find_mailbox(talk, std::move(name));
  if (!found && found.error() == MailboxError::kNoSuchMailbox)
    co_return co_await refuse_to_rename_level(talk, std::move(place));
  if (!found) co_return failure(found.error());
  if (!found->rights.has(Right::kDelete) || found->mailbox.id == state::mailbox::kInbox)
    co_return not_permitted(found->rights);
  co_return std::nullopt;
}

/// RFC 9051 s6.3.9.7: what became of the old name, for those who enabled rev2. No mailbox: a level above others.
void tell_old_name(Talk* talk, std::string_view name, const Mailbox* mailbox, std::string_view old_name) {
  if (!talk->session.rev2()) return;
  wire::imap::ListLine line;
  line.name = name;
  line.old = old_name;
  if (mailbox != nullptr)
    line.special_use = to_attribute(mailbox->special_use);
  else
    line.attributes = wire::imap::kNonExistent;
  wire::imap::append_list(talk->out.buffer(), line, names_of(talk->session));
}

/// Those below it need no telling. INBOX is still there: its messages alone have gone (RFC 9051 s6.3.6).
void tell_renamed(Talk* talk, const NamedPlace& from, const NamedPlace& to, const std::optional<Mailbox>& renamed) {
  const auto old_name = canonical_name(from.name);
  const auto new_name = canonical_name(to.name);
  if (!old_name || !new_name || (from.prefix.empty() && *old_name == state::mailbox::kInboxName)) return;
  tell_old_name(talk, to.prefix + *new_name, renamed ? &*renamed : nullptr, from.prefix + *old_name);
}

/// A name that was brought into its one spelling (RFC 9051 s6.3.4).
void tell_created(Talk* talk, std::string_view asked, const std::string& prefix, const Mailbox& made) {
  if (asked.ends_with(state::mailbox::kHierarchySeparator)) asked.remove_suffix(1);
  const auto name = prefix + made.name;
  if (name != asked) tell_old_name(talk, name, &made, asked);
}

}  // namespace

asio::awaitable<Outcome> create(Talk* talk, wire::imap::Create command) {
  auto use = SpecialUse::kNone;
  if (command.special_use.size() > 1) co_return no("USEATTR", "A mailbox has one use at most");  // RFC 6154 s3
  if (!command.special_use.empty()) {
    const auto asked = parse_special_use(command.special_use.front());
    if (!asked) co_return no("USEATTR", "No mailbox can be made for this use");
    use = *asked;
  }
  auto place = place_named(*talk, command.mailbox);
  if (!place) co_return no("CANNOT", "This name is kept for shared mailboxes");
  if (auto refused = co_await refuse_new_name(talk, *place)) co_return std::move(*refused);
  if (use != SpecialUse::kNone && !place->prefix.empty()) co_return not_permitted();
  const auto made = co_await talk->services.mailboxes.create(place->account, std::move(place->name), use);
  if (!made) co_return failure(made.error());
  tell_created(talk, command.mailbox, place->prefix, *made);
  co_return ok(wire::imap::code_mailboxid(state::mailbox::object_id(place->account, made->id)), "Mailbox created");
}

asio::awaitable<Outcome> delete_mailbox(Talk* talk, wire::imap::Delete command) {
  const auto found = co_await find_mailbox(talk, command.mailbox);
  if (!found) co_return co_await refuse_absent(talk, std::move(command.mailbox), found.error());
  if (!found->rights.has(Right::kDelete)) co_return not_permitted(found->rights);
  const auto removed = co_await talk->services.mailboxes.remove_mailbox(found->account, found->mailbox.name);
  if (!removed) co_return failure(removed.error());
  auto& selected = talk->session.selected;
  if (selected && selected->account() == found->account && selected->mailbox() == found->mailbox.id) selected.reset();
  co_return ok("Mailbox deleted");
}

asio::awaitable<Outcome> rename(Talk* talk, wire::imap::Rename command) {
  auto from = place_named(*talk, command.from);
  auto to = place_named(*talk, command.to);
  if (!from) co_return failure(from.error());
  if (!to) co_return no("CANNOT", "This name is kept for shared mailboxes");
  if (from->account != to->account) co_return no("CANNOT", "Mailboxes do not change their owner");
  if (!from->prefix.empty()) {
    if (auto refused = co_await refuse_old_name(talk, command.from, *from)) co_return std::move(*refused);
  }
  if (auto refused = co_await refuse_new_name(talk, *to)) co_return std::move(*refused);
  const auto renamed = co_await talk->services.mailboxes.rename(from->account, from->name, to->name);
  if (!renamed) co_return failure(renamed.error());
  tell_renamed(talk, *from, *to, *renamed);
  co_return ok("Mailbox renamed");
}

/// RFC 9051 s6.3.7: also names that are no mailboxes (yet, any more).
asio::awaitable<Outcome> subscribe(Talk* talk, wire::imap::Subscribe command) {
  if (has_wide_controls(command.mailbox)) co_return failure(MailboxError::kBadName);
  auto name = listed_name(*talk, std::move(command.mailbox));
  const auto done = co_await talk->services.mailboxes.subscribe(talk->session.account(), std::move(name));
  co_return done ? ok("Subscribed") : failure(done.error());
}

asio::awaitable<Outcome> unsubscribe(Talk* talk, wire::imap::Unsubscribe command) {
  auto& mailboxes = talk->services.mailboxes;
  auto name = listed_name(*talk, command.mailbox);
  const bool is_as_listed = name == command.mailbox;
  auto done = co_await mailboxes.unsubscribe(talk->session.account(), std::move(name));
  if (done && !is_as_listed)  // as it was subscribed when names were kept as they were sent
    done = co_await mailboxes.unsubscribe(talk->session.account(), std::move(command.mailbox));
  co_return done ? ok("Unsubscribed") : failure(done.error());
}

/// RFC 2342, RFC 9051 s6.3.10
asio::awaitable<Outcome> name_spaces(Talk* talk, wire::imap::Namespace /*command*/) {
  talk->out.buffer()
      .append("* NAMESPACE ((\"\" \"/\")) NIL ((\"")
      .append(state::mailbox::kSharedPrefix)
      .append("/\" \"/\"))\r\n");
  co_return ok("Namespaces told");
}

}  // namespace veredus::doors::imap
