#include "doors/imap/name_tree.h"

#include <algorithm>
#include <set>
#include <utility>

#include "state/mailbox/mailbox_name.h"
#include "wire/imap/list_pattern.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {
namespace {

using state::mailbox::name_above;
using state::mailbox::SpecialUse;
using wire::imap::ListPattern;

/// The patterns of a command, each behind the reference (RFC 9051 s6.3.9).
class Patterns {
 public:
  Patterns(std::string_view reference, const std::vector<std::string>& patterns) {
    for (const auto& pattern : patterns)
      if (!pattern.empty()) patterns_.emplace_back(std::string(reference).append(pattern));
  }
  [[nodiscard]] bool match(std::string_view name) const {
    return std::ranges::any_of(patterns_, [name](const ListPattern& pattern) { return pattern.matches(name); });
  }

 private:
  std::vector<ListPattern> patterns_;
};

bool is_wanted(const ListedName& listed, const wire::imap::List& command) {
  if (command.only_subscribed && !listed.subscribed) return false;
  if (command.only_special_use) return listed.own && listed.mailbox && listed.mailbox->special_use != SpecialUse::kNone;
  return command.only_subscribed || listed.mailbox || listed.has_children;
}

std::uint32_t attributes_of(const ListedName& listed, const wire::imap::List& command, bool explicit_absence) {
  std::uint32_t attributes = 0;
  if (!listed.mailbox)
    attributes |= explicit_absence || command.extended ? wire::imap::kNonExistent : wire::imap::kNoSelect;
  else if (!listed.selectable())
    attributes |= wire::imap::kNoSelect;
  if (!command.extended || command.return_children)
    attributes |= listed.has_children ? wire::imap::kHasChildren : wire::imap::kHasNoChildren;
  if ((command.return_subscribed || command.only_subscribed) && listed.subscribed)
    attributes |= wire::imap::kSubscribedAttribute;
  return attributes;
}

}  // namespace

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
  at(name).subscribed = true;
  for (auto above = name_above(name); !above.empty(); above = name_above(above)) at(above);
}

std::vector<ChosenName> NameTree::list(const wire::imap::List& command, bool explicit_absence) const {
  const Patterns patterns(command.reference, command.patterns);
  const bool recursive = command.recursive_match && (command.only_subscribed || command.only_special_use);
  std::set<std::string_view> above_wanted;     // RFC 5258 s3.2 RECURSIVEMATCH
  std::set<std::string_view> above_unmatched;  // of those, what must be told since the name below it will not be
  for (const auto& [name, listed] : names_) {
    if (!recursive || !is_wanted(listed, command)) continue;
    const bool matches = patterns.match(name);
    for (auto above = name_above(name); !above.empty(); above = name_above(above)) {
      above_wanted.insert(above);
      if (!matches) above_unmatched.insert(above);
    }
  }
  std::vector<ChosenName> chosen;
  for (const auto& [name, listed] : names_) {
    const bool wanted = is_wanted(listed, command);
    if ((!wanted && !above_unmatched.contains(name)) || !patterns.match(name)) continue;
    ChosenName one;
    one.listed = &listed;
    one.attributes = attributes_of(listed, command, explicit_absence);
    one.special_use = listed.own && (!command.extended || command.return_special_use || command.only_special_use);
    one.child_info = above_wanted.contains(name);
    one.only_child_info = !wanted;
    chosen.push_back(one);
  }
  return chosen;
}

std::vector<ChosenName> NameTree::lsub(const wire::imap::Lsub& command) const {
  const Patterns patterns(command.reference, std::vector<std::string>(1, command.pattern));
  std::set<std::string_view> above_unmatched;
  for (const auto& [name, listed] : names_) {
    if (!listed.subscribed || patterns.match(name)) continue;
    for (auto above = name_above(name); !above.empty(); above = name_above(above)) above_unmatched.insert(above);
  }
  std::vector<ChosenName> chosen;
  for (const auto& [name, listed] : names_) {
    if ((!listed.subscribed && !above_unmatched.contains(name)) || !patterns.match(name)) continue;
    ChosenName one;
    one.listed = &listed;
    if (!listed.subscribed) one.attributes = wire::imap::kNoSelect;  // "foo/bar" is subscribed, "foo" is not
    chosen.push_back(one);
  }
  return chosen;
}

}  // namespace veredus::doors::imap
