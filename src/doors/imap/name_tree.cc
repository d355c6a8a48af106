#include "doors/imap/name_tree.h"

#include <algorithm>
#include <utility>

#include "base/codec/nfc.h"
#include "state/mailbox/mailbox_name.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {

using state::mailbox::name_above;
using state::mailbox::SpecialUse;

bool NameTree::InboxFirst::operator()(std::string_view a, std::string_view b) const {
  return std::pair(a != state::mailbox::kInboxName, a) < std::pair(b != state::mailbox::kInboxName, b);
}

const ListedName* NameTree::find(std::string_view name) const {
  const auto known = names_.find(name);
  return known == names_.end() ? nullptr : &known->second;
}

ListedName& NameTree::at(std::string_view name) {
  const auto known = names_.find(name);
  if (known != names_.end()) return known->second;
  auto& listed = names_[std::string(name)];
  listed.name = name;
  return listed;
}

void NameTree::add(ListedName listed) {
  for (auto above = name_above(listed.name); !above.empty(); above = name_above(above)) {
    auto& parent = at(above);
    if (std::exchange(parent.has_children, true)) break;
  }
  auto& place = at(listed.name);
  listed.has_children = place.has_children;
  listed.subscribed = listed.subscribed || place.subscribed;
  place = std::move(listed);
}

void NameTree::add_own(AccountId account, state::mailbox::Mailbox mailbox) {
  ListedName listed;
  listed.name = mailbox.name;
  listed.account = account;
  listed.rights = state::mailbox::Rights::all();
  listed.subscribed = mailbox.subscribed;
  listed.mailbox = std::move(mailbox);
  add(std::move(listed));
}

void NameTree::add_shared(AccountId account, std::string_view prefix, state::mailbox::Mailbox mailbox,
                          state::mailbox::Rights rights) {
  if (!rights.has(state::mailbox::Right::kLookup)) return;
  ListedName listed;
  listed.name = std::string(prefix).append(mailbox.name);
  listed.account = account;
  listed.rights = rights;
  listed.own = false;
  listed.mailbox = std::move(mailbox);
  add(std::move(listed));
}

void NameTree::add_subscription(std::string_view name) {
  for (auto one = name; !one.empty() && !names_.contains(one); one = name_above(one)) at(one);
  at(name).subscribed = true;
}

Listing::Listing(const NameTree* tree, wire::imap::List command, Form form)
    : tree_(tree),
      command_(std::move(command)),
      form_(form),
      marks_(command_.recursive_match && (command_.only_subscribed || command_.only_special_use)),
      at_(tree->names_.begin()) {
  for (const auto& pattern : command_.patterns)  // RFC 9051 s6.3.9: each behind the reference
    if (!pattern.empty()) patterns_.emplace_back(base::codec::to_nfc(command_.reference + pattern));
}

Listing::Listing(const NameTree* tree, wire::imap::Lsub command)
    : Listing(tree,
              {.only_subscribed = true,
               .recursive_match = true,
               .reference = std::move(command.reference),
               .patterns = std::vector<std::string>(1, std::move(command.pattern))},
              Form::kLsub) {}

bool Listing::matches(std::string_view name) const {
  return std::ranges::any_of(patterns_, [name](const auto& pattern) { return pattern.matches(name); });
}

bool Listing::is_wanted(const ListedName& listed) const {
  if (command_.only_subscribed && !listed.subscribed) return false;
  if (command_.only_special_use)
    return listed.own && listed.mailbox && listed.mailbox->special_use != SpecialUse::kNone;
  return command_.only_subscribed || listed.mailbox || listed.has_children;
}

std::uint32_t Listing::attributes_of(const ListedName& listed) const {
  if (form_ == Form::kLsub)  // "foo/bar" is subscribed, "foo" is not
    return listed.subscribed ? 0 : static_cast<std::uint32_t>(wire::imap::kNoSelect);
  std::uint32_t attributes = 0;
  if (!listed.mailbox)
    attributes |=
        form_ == Form::kListWithAbsence || command_.extended ? wire::imap::kNonExistent : wire::imap::kNoSelect;
  else if (!listed.selectable())
    attributes |= wire::imap::kNoSelect;
  if (!command_.extended || command_.return_children)
    attributes |= listed.has_children ? wire::imap::kHasChildren : wire::imap::kHasNoChildren;
  if ((command_.return_subscribed || command_.only_subscribed) && listed.subscribed)
    attributes |= wire::imap::kSubscribedAttribute;
  return attributes;
}

void Listing::mark_levels_above(const ListedName& listed) {
  if (!is_wanted(listed)) return;
  const bool unmatched = !matches(listed.name);
  for (auto above = name_above(listed.name); !above.empty(); above = name_above(above)) {
    const bool marked = above_wanted_.insert(above).second;
    const bool marked_unmatched = unmatched && above_unmatched_.insert(above).second;
    if (!marked && !marked_unmatched) break;  // so are all above it
  }
}

std::optional<ChosenName> Listing::next() {
  if (at_ == tree_->names_.end()) {
    at_ = tree_->names_.begin();
    marks_ = false;
    return std::nullopt;
  }
  const auto& listed = (at_++)->second;
  if (marks_) {
    mark_levels_above(listed);
    return std::nullopt;
  }
  const bool wanted = is_wanted(listed);
  if ((!wanted && !above_unmatched_.contains(listed.name)) || !matches(listed.name)) return std::nullopt;
  ChosenName one;
  one.listed = &listed;
  one.attributes = attributes_of(listed);
  one.special_use = listed.own && form_ != Form::kLsub &&
                    (!command_.extended || command_.return_special_use || command_.only_special_use);
  one.child_info = form_ != Form::kLsub && above_wanted_.contains(listed.name);
  one.only_child_info = !wanted;
  return one;
}

}  // namespace veredus::doors::imap
