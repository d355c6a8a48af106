#include "doors/imap/notification.h"

#include <algorithm>

#include "state/mailbox/mailbox_name.h"

namespace veredus::doors::imap {
namespace {

using wire::imap::NotifyEvents;
using wire::imap::NotifyFilter;
using wire::imap::NotifyGroup;

bool is_of_selected(const NotifyGroup& group) {
  return group.filter == NotifyFilter::kSelected || group.filter == NotifyFilter::kSelectedDelayed;
}

bool is_named(const NotifyGroup& group, std::string_view name) {
  return std::ranges::any_of(group.mailboxes, [&](const std::string& asked) {
    const auto canonical = state::mailbox::canonical_name(asked, asked.size());
    if (!canonical) return false;
    return *canonical == name || (group.filter == NotifyFilter::kSubtree && state::mailbox::is_below(name, *canonical));
  });
}

bool covers(const NotifyGroup& group, const ListedName& listed, std::string_view name) {
  switch (group.filter) {
    case NotifyFilter::kSelected:
    case NotifyFilter::kSelectedDelayed:
      return false;
    case NotifyFilter::kInboxes:  // RFC 5465 s6.3: where mail is delivered to
      return listed.own && name == state::mailbox::kInboxName;
    case NotifyFilter::kPersonal:
      return listed.own;
    case NotifyFilter::kSubscribed:
      return listed.subscribed;
    case NotifyFilter::kSubtree:
    case NotifyFilter::kMailboxes:
      return is_named(group, name);
  }
  return false;
}

}  // namespace

Notification::Notification(wire::imap::Notify asked) : asked_(std::move(asked)) {}

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

/// RFC 5465 s6: the first group that covers the mailbox is the one that counts.
NotifyEvents Notification::events_of(const ListedName& listed, std::string_view name) const {
  for (const auto& group : asked_.groups)
    if (covers(group, listed, name)) return group.events;
  return {};
}

/// What happened between two looks at a mailbox.
void Notification::compare(const Seen& before, const Seen& now, const ListedName& listed, bool is_selected,
                           std::vector<Told>& told) const {
  const auto events = events_of(listed, now.name);
  if (before.name != now.name) {
    if (events.mailbox_name || events_of(listed, before.name).mailbox_name)
      told.push_back({Told::What::kRenamed, now.name, before.name, &listed});
  } else if (before.subscribed != now.subscribed) {
    auto before_it = listed;  // of a mailbox that is not subscribed any more the group of subscribed ones still tells
    before_it.subscribed = before.subscribed;
    if (events.subscription_change || events_of(before_it, now.name).subscription_change)
      told.push_back({Told::What::kListed, now.name, {}, &listed});
  }
  if (is_selected || before.highest_modseq == now.highest_modseq) return;
  const bool came_or_went = before.uid_next != now.uid_next || before.messages != now.messages;
  if (!came_or_went && before.name != now.name) return;  // its new name is what changed
  if (came_or_went ? events.message_new : events.flag_change)
    told.push_back({Told::What::kStatus, now.name, {}, &listed});
}

std::vector<Notification::Told> Notification::look(const NameTree& tree, std::optional<Key> selected) {
  std::vector<Told> told;
  std::map<Key, Seen> now;
  tree.for_each([&](const ListedName& listed) {
    if (!listed.mailbox) return;
    const auto& mailbox = *listed.mailbox;
    const Key key(listed.account, mailbox.id);
    const Seen seen{listed.name,       mailbox.uid_next, mailbox.counts.messages, mailbox.highest_modseq,
                    listed.subscribed, listed.own};
    const bool is_selected = selected == key;
    const auto before = seen_.find(key);
    if (!looked_) {
      if (asked_.status && !is_selected && events_of(listed, listed.name).message_new)
        told.push_back({Told::What::kStatus, listed.name, {}, &listed});
    } else if (before != seen_.end()) {
      compare(before->second, seen, listed, is_selected, told);
    } else if (events_of(listed, listed.name).mailbox_name) {
      told.push_back({Told::What::kListed, listed.name, {}, &listed});
    }
    now.emplace(key, seen);
  });
  for (const auto& [key, before] : seen_) {
    if (now.contains(key)) continue;
    ListedName gone;
    gone.own = before.own;
    gone.subscribed = before.subscribed;
    if (events_of(gone, before.name).mailbox_name) told.push_back({Told::What::kRemoved, before.name, {}, nullptr});
  }
  seen_ = std::move(now);
  looked_ = true;
  return told;
}

void Notification::set_watch(state::mailbox::ChangeWatch watch, std::vector<AccountId> owners) {
  watch_ = std::move(watch);
  owners_ = std::move(owners);
}

}  // namespace veredus::doors::imap
