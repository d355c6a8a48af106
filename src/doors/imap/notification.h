#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/types/ids.h"
#include "doors/imap/name_tree.h"
#include "state/mailbox/annotation.h"
#include "state/mailbox/change_watch.h"
#include "state/mailbox/uid_set.h"
#include "wire/imap/notify.h"

namespace veredus::doors::imap {

/// What a session asked to be told without asking again (RFC 5465), and what of the mailboxes it was told last. A plain
/// value but for its watch: what is new is the difference between two looks, so that nothing is lost in between.
class Notification {
 public:
  /// How what happens in the selected mailbox is told.
  enum class SelectedMode : std::uint8_t {
    kUnasked,  // before tagged replies alone
    kAtOnce,
    kDelayed,  // at once, but expunges as without NOTIFY
  };
  /// Something to tell of a mailbox that is not selected.
  struct Told {
    enum class What : std::uint8_t { kListed, kRenamed, kRemoved, kStatus, kSpecialUse } what;
    std::string name;
    std::string old_name;      // of kRenamed
    const ListedName* listed;  // in the tree that was looked at; null: nothing is called so (any more)
    /// Of kStatus: only if something happened to messages after this, other than that `own` came. 0: in any case.
    ModSeq if_news_since{};
    state::mailbox::UidSet own{};  // what the session brought itself
  };
  /// Annotations to tell of.
  struct Annotated {
    std::string mailbox;               // empty: the server
    std::vector<std::string> entries;  // whole names
  };

  explicit Notification(wire::imap::Notify asked);

  // The selected mailbox.
  [[nodiscard]] SelectedMode selected_mode() const;
  /// Null when it was not asked for.
  [[nodiscard]] const wire::imap::NotifyEvents* selected_events() const;
  /// What to FETCH of messages that arrive in it; empty: nothing.
  [[nodiscard]] std::vector<wire::imap::FetchItem> new_items() const;

  /// Looks at all mailboxes again and answers what is to be told since the last look; the first look tells nothing but
  /// what may not be read and, when it was asked for, the status of the rest. `selected` is left to others.
  [[nodiscard]] std::vector<Told> look(const NameTree& tree, std::optional<std::pair<AccountId, MailboxId>> selected);
  /// Whether the annotations are to be followed.
  [[nodiscard]] bool follows_annotations() const;
  /// What is to be told of `notes`, annotations in `owner`'s account, to the session `author` of `reader`; not what it
  /// did itself.
  [[nodiscard]] std::vector<Annotated> annotated(const NameTree& tree, AccountId owner, AccountId reader,
                                                 const std::vector<state::mailbox::AnnotationNote>& notes,
                                                 std::string_view author) const;
  /// Up to where the annotations of each account are told.
  std::map<AccountId, ModSeq> annotations_told;
  /// The session set a mailbox's special use itself.
  void note_own_special_use(AccountId account, MailboxId mailbox, state::mailbox::SpecialUse use);
  /// The session brought these messages itself.
  void note_own_arrivals(AccountId account, MailboxId mailbox, const state::mailbox::UidSet& uids);
  /// Those of `arrived` in the selected mailbox that it did not (RFC 5465 s5.2); to be asked once of each.
  [[nodiscard]] state::mailbox::UidSet take_others(AccountId account, MailboxId mailbox,
                                                   const state::mailbox::UidSet& arrived);

  /// What it is asked to tell of a mailbox of this name, while it is not selected.
  [[nodiscard]] wire::imap::NotifyEvents events_of(const ListedName& listed, std::string_view name) const;

  /// Wakes when any mailbox may have changed that this session may see; absent until the first look at `owners`.
  [[nodiscard]] state::mailbox::ChangeWatch* watch() { return watch_ ? &*watch_ : nullptr; }
  /// Whose mailboxes the watch is for.
  [[nodiscard]] const std::vector<AccountId>& owners() const { return owners_; }
  void set_watch(state::mailbox::ChangeWatch watch, std::vector<AccountId> owners);
  /// The owners' MODSEQs before the last look; the same again: nothing is new.
  std::vector<ModSeq> looked_at;

 private:
  struct Seen {
    std::string name;
    Uid uid_next;
    state::mailbox::MailboxCounts counts;
    ModSeq highest_modseq;
    state::mailbox::SpecialUse special_use{};
    bool subscribed = false;
    bool own = true;
    bool readable = true;
    friend bool operator==(const Seen&, const Seen&) = default;
  };
  using Key = std::pair<AccountId, MailboxId>;

  void begin_with(const ListedName& listed, std::vector<Told>& told) const;
  void compare(const Seen& before, const Seen& now, const ListedName& listed, bool is_selected,
               std::vector<Told>& told) const;
  void compare_gone(const NameTree& tree, const std::map<Key, Seen>& now, std::vector<Told>& told,
                    std::set<std::string>& above) const;
  void compare_bare_subscriptions(const NameTree& tree, const std::set<std::string>& now,
                                  std::vector<Told>& told) const;
  void tell_above(const NameTree& tree, const std::set<std::string>& above, std::vector<Told>& told) const;

  wire::imap::Notify asked_;  // its groups' mailboxes canonical and in order
  bool looked_ = false;
  std::map<Key, Seen> seen_;
  std::map<Key, state::mailbox::UidSet> own_arrivals_;  // since the last look; of the selected mailbox until taken
  std::set<std::string> bare_subscriptions_;            // names without a mailbox
  std::optional<state::mailbox::ChangeWatch> watch_;
  std::vector<AccountId> owners_;
};

}  // namespace veredus::doors::imap
