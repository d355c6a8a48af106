#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/types/ids.h"
#include "doors/imap/uid_map.h"
#include "state/mailbox/changes.h"
#include "state/mailbox/rights.h"
#include "state/mailbox/uid_set.h"

namespace veredus::doors::imap {

struct SearchContexts;

enum class Access : std::uint8_t { kReadOnly, kReadWrite };

/// Without any of them a mailbox is open for reading alone.
inline constexpr state::mailbox::Rights kChangingRights{
    state::mailbox::Right::kSeen, state::mailbox::Right::kWrite, state::mailbox::Right::kInsert,
    state::mailbox::Right::kDeleteMessages, state::mailbox::Right::kExpunge};

/// The mailbox a session has selected, as it has been shown to it: a frozen view. Sequence numbers change only by
/// `tell`, whatever others do meanwhile (RFC 9051 s7.5.1). A plain value; knows nothing of where changes come from.
class Selected {
 public:
  struct Place {
    AccountId account;  // whose mailbox it is; another's when shared
    MailboxId mailbox;
    UidValidity uid_validity;
    std::string name;  // as the client named it: UTF-8
    state::mailbox::Rights rights = state::mailbox::Rights::all();
    Access access = Access::kReadWrite;
  };

  /// `uids` is what is in it after the change `seen`.
  Selected(Place place, UidMap uids, ModSeq seen);

  [[nodiscard]] const Place& place() const { return place_; }
  [[nodiscard]] AccountId account() const { return place_.account; }
  [[nodiscard]] MailboxId mailbox() const { return place_.mailbox; }
  [[nodiscard]] bool may(state::mailbox::Right right) const { return !read_only() && place_.rights.has(right); }
  /// What it may change of the flags follows from them.
  void set_rights(state::mailbox::Rights rights);
  [[nodiscard]] bool read_only() const { return place_.access == Access::kReadOnly; }
  [[nodiscard]] const UidMap& uids() const { return uids_; }
  [[nodiscard]] std::uint32_t exists() const { return uids_.size(); }

  /// Whether the owner lets this session change anything.
  [[nodiscard]] bool may_change() const { return (place_.rights.bits() & kChangingRights.bits()) != 0; }

  // What others do.
  /// The account's changes up to here are noted.
  [[nodiscard]] ModSeq seen() const { return seen_; }
  /// Takes note of changes after seen(); told later.
  void note(const state::mailbox::MailboxChanges& changes);
  /// With MailboxChanges::Expunges::kIncomplete: what is there now, instead of what went.
  void note_present(const state::mailbox::UidSet& present);
  /// Our own session changed the flags of these and has told, or need not tell: not to be told again.
  void note_own_flags(const state::mailbox::UidSet& uids, ModSeq modseq);
  /// After `since` up to `up_to` nothing happened that is not known here or need not be told. False: what happened
  /// before `since` is not known either.
  bool pass_over(ModSeq since, ModSeq up_to);

  /// Messages still shown that are no longer there; with their emails, so that they can still be read.
  [[nodiscard]] const std::map<Uid, EmailId>& ghosts() const { return ghosts_; }

  // Telling, in this order: expunges, arrivals, flags.
  /// Takes the expunged messages out of the view.
  state::mailbox::UidSet take_expunged();
  /// Puts the arrived ones in.
  state::mailbox::UidSet take_arrived();
  /// UIDs in the view whose flags others changed.
  std::vector<Uid> take_changed();
  [[nodiscard]] bool has_expunged() const { return !ghosts_.empty(); }
  /// Below the MODSEQ of every expunge that was not told yet.
  [[nodiscard]] ModSeq before_expunged() const { return ghosts_.empty() ? seen_ : before_ghosts_; }
  [[nodiscard]] bool has_arrived() const { return !arrived_.empty(); }

  // \Recent, rev1 alone: messages claimed by this session.
  void note_recent(const state::mailbox::UidSet& uids);
  [[nodiscard]] bool is_recent(Uid uid) const { return recent_.contains(uid); }
  [[nodiscard]] bool has_recent() const { return !recent_.empty(); }
  [[nodiscard]] std::uint32_t recent_count() const;
  [[nodiscard]] const state::mailbox::UidSet& recent() const { return recent_; }

  // What the client was told of flags.
  std::vector<std::string> keywords;  // by `* FLAGS`; by bit
  std::uint8_t permanent_flags = 0;   // bits of state::mailbox::Flag that this session may change
  bool may_keep_keywords = false;
  /// `$`, RFC 5182 s2.1; may name messages that are gone.
  state::mailbox::UidSet saved_result;
  /// Searches that are kept up with (search_contexts.h); null: none.
  std::shared_ptr<SearchContexts> contexts;

 private:
  void note_changed(const state::mailbox::MailboxChanges& changes);
  void add_ghost(Uid uid, EmailId email);
  [[nodiscard]] bool is_own_flags(Uid uid, ModSeq modseq) const;

  Place place_;
  UidMap uids_;
  ModSeq seen_;
  UidMap arrived_;
  std::vector<Uid> changed_;       // ascending, each once
  std::map<Uid, EmailId> ghosts_;  // expunged, still shown
  ModSeq before_ghosts_;           // seen_ before the first of them was noted
  state::mailbox::UidSet recent_;
  struct OwnFlags {
    ModSeq modseq;
    state::mailbox::UidSet uids;
  };
  std::vector<OwnFlags> own_flags_;  // after seen_
};

}  // namespace veredus::doors::imap
