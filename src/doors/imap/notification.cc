#include "doors/imap/notification.h"

#include <algorithm>
#include <array>

#include "doors/imap/uid_map.h"
#include "state/mailbox/mailbox_name.h"

namespace veredus::doors::imap {
namespace {

using state::mailbox::UidSet;
using wire::imap::NotifyEvents;
using wire::imap::NotifyFilter;
using wire::imap::NotifyGroup;

bool is_of_selected(const NotifyGroup& group) {
  return group.filter == NotifyFilter::kSelected || group.filter == NotifyFilter::kSelectedDelayed;
}

/// As the mailboxes are called, in order.
std::vector<std::string> canonical_names(const std::vector<std::string>& asked) {
  std::vector<std::string> names;
  for (const auto& name : asked)
    if (auto canonical = state::mailbox::canonical_name(name)) names.push_back(std::move(*canonical));
  std::ranges::sort(names);
  return names;
}

/// How long the longest of the group's canonical names is that is this one or, of SUBTREE, above it. nullopt: there is
/// none.
std::optional<std::size_t> named_octets(const NotifyGroup& group, std::string_view name) {
  const auto is_asked = [&] { return std::ranges::binary_search(group.mailboxes, name); };
  while (group.filter == NotifyFilter::kSubtree && !name.empty() && !is_asked())
    name = state::mailbox::name_above(name);
  return is_asked() ? std::optional(name.size()) : std::nullopt;
}

/// Whether it has its new name because what it is below got one: that is told of the latter alone (RFC 5465 s5.4).
bool went_along(const std::vector<Notification::Told>& told, std::string_view from, std::string_view to) {
  return std::ranges::any_of(told, [&](const Notification::Told& above) {
    return above.what == Notification::Told::What::kRenamed && state::mailbox::is_below(from, above.old_name) &&
           state::mailbox::is_below(to, above.name) &&
           from.substr(above.old_name.size()) == to.substr(above.name.size());
  });
}

/// Whether it is told by a LIST with the name.
bool tells_name(Notification::Told::What what) {
  using What = Notification::Told::What;
  return what == What::kListed || what == What::kRenamed || what == What::kRemoved;
}

/// How closely the group says that it is about this mailbox: a name more than a subtree, that more than what INBOX or
/// subscribed is, and all own mailboxes least. nullopt: it is not about it.
std::optional<std::size_t> closeness(const NotifyGroup& group, const ListedName& listed, std::string_view name) {
  const auto when = [](bool covered, std::size_t close) { return covered ? std::optional(close) : std::nullopt; };
  const auto named = [&](std::size_t closer) {
    return named_octets(group, name).transform([&](std::size_t octets) { return octets + closer; });
  };
  switch (group.filter) {
    case NotifyFilter::kSelected:
    case NotifyFilter::kSelectedDelayed:
      break;
    case NotifyFilter::kInboxes:  // RFC 5465 s6.3: where mail is delivered to
      return when(listed.own && name == state::mailbox::kInboxName, 1);
    case NotifyFilter::kPersonal:
      return when(listed.own, 0);
    case NotifyFilter::kSubscribed:
      return when(listed.subscribed, 1);
    case NotifyFilter::kSubtree:
      return named(1);
    case NotifyFilter::kMailboxes:
      return named(2);
  }
  return std::nullopt;
}

constexpr std::array<bool NotifyEvents::*, 8> kEvents{&NotifyEvents::message_new,
                                                      &NotifyEvents::message_expunge,
                                                      &NotifyEvents::flag_change,
                                                      &NotifyEvents::annotation_change,
                                                      &NotifyEvents::mailbox_name,
                                                      &NotifyEvents::subscription_change,
                                                      &NotifyEvents::mailbox_metadata_change,
                                                      &NotifyEvents::server_metadata_change};

}  // namespace

Notification::Notification(wire::imap::Notify asked) : asked_(std::move(asked)) {
  for (auto& group : asked_.groups) group.mailboxes = canonical_names(group.mailboxes);
}

Notification::SelectedMode Notification::selected_mode() const {
  const auto group = std::ranges::find_if(asked_.groups, is_of_selected);
  if (group == asked_.groups.end() || group->events == NotifyEvents()) return SelectedMode::kUnasked;
  return group->filter == NotifyFilter::kSelected ? SelectedMode::kAtOnce : SelectedMode::kDelayed;
}

const NotifyEvents* Notification::selected_events() const {
  const auto group = std::ranges::find_if(asked_.groups, is_of_selected);
  return group == asked_.groups.end() ? nullptr : &group->events;
}

std::vector<wire::imap::FetchItem> Notification::new_items() const {
  const auto group = std::ranges::find_if(asked_.groups, is_of_selected);
  return group == asked_.groups.end() ? std::vector<wire::imap::FetchItem>() : group->new_items;
}

/// RFC 5465 s6: all groups that apply to the mailbox, together. NONE (s5) takes back what is not said more closely.
NotifyEvents Notification::events_of(const ListedName& listed, std::string_view name) const {
  std::optional<std::size_t> none;
  std::array<std::optional<std::size_t>, kEvents.size()> closest;
  for (const auto& group : asked_.groups) {
    const auto close = closeness(group, listed, name);
    if (group.events == NotifyEvents()) none = std::max(none, close);
    for (std::size_t i = 0; i < kEvents.size(); ++i)
      if (group.events.*kEvents[i]) closest[i] = std::max(closest[i], close);
  }
  NotifyEvents events;
  for (std::size_t i = 0; i < kEvents.size(); ++i) events.*kEvents[i] = closest[i] > none;
  return events;
}

/// RFC 5465 s3.1: what may not be read is told as such, of the rest the status when that was asked for.
void Notification::begin_with(const ListedName& listed, std::vector<Told>& told) const {
  const auto events = events_of(listed, listed.name);
  if (!listed.selectable() && events != NotifyEvents())
    told.push_back({Told::What::kListed, listed.name, {}, &listed});
  else if (asked_.status && events.message_new)
    told.push_back({Told::What::kStatus, listed.name, {}, &listed});
}

/// What happened between two looks at a mailbox.
void Notification::compare(const Seen& before, const Seen& now, const ListedName& listed, bool is_selected,
                           std::vector<Told>& told) const {
  if (before == now) return;
  const auto events = events_of(listed, now.name);
  NotifyEvents former;
  if (before.name != now.name || before.subscribed != now.subscribed) {
    auto as_before = listed;  // the group of subscribed mailboxes still tells of one that is subscribed no more
    as_before.subscribed = before.subscribed;
    former = events_of(as_before, before.name);
  }
  if (before.name != now.name) {
    if ((events.mailbox_name || former.mailbox_name) && !went_along(told, before.name, now.name))
      told.push_back({Told::What::kRenamed, now.name, before.name, &listed});
  } else if (before.subscribed != now.subscribed) {
    if (events.subscription_change || former.subscription_change)
      told.push_back({Told::What::kListed, now.name, {}, &listed});
  }
  if (before.special_use != now.special_use && now.own && events.mailbox_metadata_change)
    told.push_back({Told::What::kSpecialUse, now.name, {}, &listed});
  if (before.readable != now.readable && !is_selected && events != NotifyEvents())  // RFC 5465 s5.9
    told.push_back({Told::What::kListed, now.name, {}, &listed});
  // RFC 4314 s4: counts are for those who may read.
  if (is_selected || before.highest_modseq == now.highest_modseq || !listed.selectable()) return;
  const bool came_or_went = before.uid_next != now.uid_next || before.counts.messages != now.counts.messages;
  if (!came_or_went && before.name != now.name) return;  // its new name is what changed
  if (!(came_or_went ? events.message_new : events.flag_change)) return;
  Told status{Told::What::kStatus, now.name, {}, &listed};
  const auto own = own_arrivals_.find(Key(listed.account, listed.mailbox->id));
  if (own != own_arrivals_.end()) status.own = own->second;
  // Rights and annotations count as changes of the mailbox as well, and are no news of its messages.
  const bool may_be_none = before.counts == now.counts && !came_or_went;
  if (may_be_none || !status.own.empty()) status.if_news_since = before.highest_modseq;
  told.push_back(std::move(status));
}

/// What went, with the levels above it.
void Notification::compare_gone(const NameTree& tree, const std::map<Key, Seen>& now, std::vector<Told>& told,
                                std::set<std::string>& above) const {
  for (const auto& [key, before] : seen_) {
    if (now.contains(key)) continue;
    above.emplace(state::mailbox::name_above(before.name));
    const auto* listed = tree.find(before.name);
    if (listed != nullptr && listed->mailbox) continue;  // another took its place, which is told
    ListedName gone;
    gone.own = before.own;
    gone.subscribed = before.subscribed;
    if (events_of(gone, before.name).mailbox_name) told.push_back({Told::What::kRemoved, before.name, {}, listed});
  }
}

/// Names are subscribed to that are no mailboxes.
void Notification::compare_bare_subscriptions(const NameTree& tree, const std::set<std::string>& now,
                                              std::vector<Told>& told) const {
  const auto tell = [&](const std::string& name) {
    ListedName subscribed;
    subscribed.subscribed = true;
    subscribed.own = !state::mailbox::is_reserved(name);
    if (events_of(subscribed, name).subscription_change)
      told.push_back({Told::What::kListed, name, {}, tree.find(name)});
  };
  const auto was_subscribed = [&](const std::string& name) {  // when it was a mailbox still
    return std::ranges::any_of(seen_, [&](const auto& s) { return s.second.name == name && s.second.subscribed; });
  };
  for (const auto& name : now)
    if (!bare_subscriptions_.contains(name) && !was_subscribed(name)) tell(name);
  for (const auto& name : bare_subscriptions_) {
    const auto* listed = tree.find(name);
    if (!now.contains(name) && (listed == nullptr || !listed->mailbox)) tell(name);
  }
}

/// RFC 5465 s5.4: what a mailbox came or went below of is affected too, whether or not there is such a mailbox.
void Notification::tell_above(const NameTree& tree, const std::set<std::string>& above, std::vector<Told>& told) const {
  for (const auto& name : above) {
    const auto is_name = [&](const Told& one) { return one.name == name && tells_name(one.what); };
    if (name.empty() || std::ranges::any_of(told, is_name)) continue;
    const auto* listed = tree.find(name);
    auto level = listed != nullptr ? *listed : ListedName();
    level.own = !state::mailbox::is_reserved(name);
    if (events_of(level, name).mailbox_name)
      told.push_back({listed != nullptr ? Told::What::kListed : Told::What::kRemoved, name, {}, listed});
  }
}

std::vector<Notification::Told> Notification::look(const NameTree& tree, std::optional<Key> selected) {
  std::vector<Told> told;
  std::map<Key, Seen> now;
  std::set<std::string> bare;
  std::set<std::string> above;  // of what came or went
  tree.for_each([&](const ListedName& listed) {
    if (!listed.mailbox) {
      if (listed.subscribed) bare.insert(listed.name);
      return;
    }
    const auto& mailbox = *listed.mailbox;
    const Key key(listed.account, mailbox.id);
    const Seen seen{listed.name,         mailbox.uid_next,  mailbox.counts, mailbox.highest_modseq,
                    mailbox.special_use, listed.subscribed, listed.own,     listed.selectable()};
    const bool is_selected = selected == key;
    const auto before = seen_.find(key);
    if (!looked_) {
      if (!is_selected) begin_with(listed, told);
    } else if (before != seen_.end()) {
      compare(before->second, seen, listed, is_selected, told);
    } else {
      above.emplace(state::mailbox::name_above(listed.name));
      if (events_of(listed, listed.name).mailbox_name) told.push_back({Told::What::kListed, listed.name, {}, &listed});
    }
    now.emplace(key, seen);
  });
  if (looked_) {
    compare_gone(tree, now, told, above);
    compare_bare_subscriptions(tree, bare, told);
    tell_above(tree, above, told);
  }
  seen_ = std::move(now);
  bare_subscriptions_ = std::move(bare);
  std::erase_if(own_arrivals_, [&](const auto& own) { return selected != own.first; });
  looked_ = true;
  return told;
}

bool Notification::follows_annotations() const {
  return std::ranges::any_of(asked_.groups, [](const NotifyGroup& group) {
    return group.events.mailbox_metadata_change || group.events.server_metadata_change;
  });
}

std::vector<Notification::Annotated> Notification::annotated(const NameTree& tree, AccountId owner, AccountId reader,
                                                             const std::vector<state::mailbox::AnnotationNote>& notes,
                                                             std::string_view author) const {
  std::map<MailboxId, std::string> names;  // of what may be told
  if (!notes.empty()) {
    tree.for_each([&](const ListedName& listed) {
      if (listed.mailbox && listed.account == owner && may_have_annotations(listed.rights) &&
          events_of(listed, listed.name).mailbox_metadata_change)
        names.emplace(listed.mailbox->id, listed.name);
    });
    // RFC 5465 s5.7: of no mailbox, so whichever group asks for it.
    const auto of_server = [](const NotifyGroup& group) { return group.events.server_metadata_change; };
    if (owner == reader && std::ranges::any_of(asked_.groups, of_server))
      names.emplace(state::mailbox::kWholeAccount, std::string());
  }
  std::map<MailboxId, Annotated> told;
  for (const auto& note : notes) {
    const bool shared = note.place.reader == state::mailbox::kEverybody;
    const auto name = names.find(note.place.mailbox);
    if (name == names.end() || (!shared && note.place.reader != reader)) continue;
    if (!note.author.empty() && note.author == author) continue;
    auto& one = told[note.place.mailbox];
    one.mailbox = name->second;
    auto entry = (shared ? "/shared" : "/private") + note.name;
    if (std::ranges::count(one.entries, entry) == 0) one.entries.push_back(std::move(entry));
  }
  std::vector<Annotated> all;
  all.reserve(told.size());
  for (auto& entry : told) all.push_back(std::move(entry.second));
  return all;
}

void Notification::note_own_special_use(AccountId account, MailboxId mailbox, state::mailbox::SpecialUse use) {
  if (const auto seen = seen_.find(Key(account, mailbox)); seen != seen_.end()) seen->second.special_use = use;
}

void Notification::note_own_arrivals(AccountId account, MailboxId mailbox, const UidSet& uids) {
  auto& own = own_arrivals_[Key(account, mailbox)];
  for (const auto& range : uids.ranges()) own.add(range);
}

UidSet Notification::take_others(AccountId account, MailboxId mailbox, const UidSet& arrived) {
  const auto own = own_arrivals_.find(Key(account, mailbox));
  if (own == own_arrivals_.end()) return arrived;
  auto others = without(arrived, own->second);
  own->second = without(own->second, arrived);
  if (own->second.empty()) own_arrivals_.erase(own);
  return others;
}

void Notification::set_watch(state::mailbox::ChangeWatch watch, std::vector<AccountId> owners) {
  watch_ = std::move(watch);
  owners_ = std::move(owners);
  looked_at.clear();
}

}  // namespace veredus::doors::imap
