#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/ids.h"
#include "state/mailbox/mailbox.h"
#include "state/mailbox/rights.h"
#include "wire/imap/list.h"
#include "wire/imap/list_pattern.h"

namespace veredus::doors::imap {

/// Whether a mailbox's annotations are for whoever has these rights and `l` (RFC 5464 s3.3).
[[nodiscard]] constexpr bool may_have_annotations(state::mailbox::Rights rights) {
  using state::mailbox::Right;
  return rights.has(Right::kRead) || rights.has(Right::kSeen) || rights.has(Right::kWrite) ||
         rights.has(Right::kInsert) || rights.has(Right::kPost);
}

/// A name a session may hear of: a mailbox, a level above others, or only a subscription.
struct ListedName {
  std::string name;
  AccountId account;                               // whose mailbox
  std::optional<state::mailbox::Mailbox> mailbox;  // nullopt: there is none of this name
  state::mailbox::Rights rights;                   // of the session
  bool own = true;
  bool subscribed = false;
  bool has_children = false;  // that are mailboxes

  [[nodiscard]] bool selectable() const { return mailbox && rights.has(state::mailbox::Right::kRead); }
};

/// A LIST or LSUB line to write.
struct ChosenName {
  const ListedName* listed = nullptr;
  std::uint32_t attributes = 0;  // wire::imap::ListAttribute
  bool special_use = false;      // to be told
  bool child_info = false;       // what is selected is below it (RFC 5258 s3, RECURSIVEMATCH)
  bool only_child_info = false;  // it is not selected itself
};

/// All names of a session, INBOX first, then by name. A plain value.
class NameTree {
 public:
  void add_own(AccountId account, state::mailbox::Mailbox mailbox);
  /// `prefix` is where the session sees the owner's mailboxes.
  void add_shared(AccountId account, std::string_view prefix, state::mailbox::Mailbox mailbox,
                  state::mailbox::Rights rights);
  void add_subscription(std::string_view name);

  /// Every name, in order.
  template <class Each>
  void for_each(const Each& each) const {
    for (const auto& entry : names_) each(entry.second);
  }
  /// Null: nothing is called so.
  [[nodiscard]] const ListedName* find(std::string_view name) const;
  [[nodiscard]] std::size_t size() const { return names_.size(); }

 private:
  friend class Listing;
  struct InboxFirst {
    bool operator()(std::string_view a, std::string_view b) const;
    using is_transparent = void;
  };
  using Names = std::map<std::string, ListedName, InboxFirst>;

  ListedName& at(std::string_view name);
  void add(ListedName listed);

  Names names_;
};

/// Which names LIST or LSUB answers with: decided one by one, since each of thousands is tried against each pattern.
///
///   for (Listing listing(&tree, command, form); !listing.is_over();)
///     if (const auto chosen = listing.next()) …
class Listing {
 public:
  /// kListWithAbsence: \NonExistent is known to the client (RFC 5258 s3), else \Noselect.
  enum class Form : std::uint8_t { kList, kListWithAbsence, kLsub };

  /// Source: RFC 9051 s6.3.9. `tree` must outlive it.
  Listing(const NameTree* tree, wire::imap::List command, Form form);
  /// Source: RFC 3501 s6.3.9.
  Listing(const NameTree* tree, wire::imap::Lsub command);

  /// Looks at one name. nullopt: that one is not answered with, or not yet.
  [[nodiscard]] std::optional<ChosenName> next();
  [[nodiscard]] bool is_over() const { return !marks_ && at_ == tree_->names_.end(); }

 private:
  [[nodiscard]] bool matches(std::string_view name) const;
  [[nodiscard]] bool is_wanted(const ListedName& listed) const;
  [[nodiscard]] std::uint32_t attributes_of(const ListedName& listed) const;
  void mark_levels_above(const ListedName& listed);

  const NameTree* tree_;
  wire::imap::List command_;
  Form form_;
  std::vector<wire::imap::ListPattern> patterns_;
  bool marks_;  // at first, for the sake of RECURSIVEMATCH
  NameTree::Names::const_iterator at_;
  std::set<std::string_view> above_wanted_;     // RFC 5258 s3.2 RECURSIVEMATCH
  std::set<std::string_view> above_unmatched_;  // of those, what must be told since the name below it will not be
};

}  // namespace veredus::doors::imap
