#include "doors/imap/selected.h"

#include <algorithm>
#include <utility>

#include "state/mailbox/allowed_flags.h"

namespace veredus::doors::imap {

using state::mailbox::MailboxChanges;
using state::mailbox::UidSet;

void Selected::set_rights(state::mailbox::Rights rights) {
  place_.rights = rights;
  const auto allowed = state::mailbox::flags_within(read_only() ? state::mailbox::Rights() : rights);
  may_keep_keywords = allowed.keywords;
  permanent_flags = allowed.system.bits();
}

Selected::Selected(Place place, UidMap uids, ModSeq seen)
    : place_(std::move(place)), uids_(std::move(uids)), seen_(seen) {}

void Selected::note(const MailboxChanges& changes) {
  for (const Uid uid : changes.arrived)
    if (uid > uids_.last() && uid > arrived_.last()) arrived_.append(uid);
  for (const auto& [uid, email] : changes.expunged_emails)
    if (uids_.contains(uid)) add_ghost(uid, email);
  arrived_.remove(changes.expunged);  // came and went: never shown
  note_changed(changes);
  seen_ = std::max(seen_, changes.up_to);
}

void Selected::note_changed(const MailboxChanges& changes) {
  std::vector<Uid> others;
  for (std::size_t i = 0; i < changes.changed.size(); ++i)
    if (!is_own_flags(changes.changed[i], changes.changed_at[i])) others.push_back(changes.changed[i]);
  std::erase_if(own_flags_, [&changes](const OwnFlags& own) { return own.modseq <= changes.up_to; });
  if (others.empty()) return;
  std::vector<Uid> all;
  all.reserve(changed_.size() + others.size());
  std::ranges::set_union(changed_, others, std::back_inserter(all));
  changed_ = std::move(all);
}

void Selected::note_present(const UidSet& present) {
  UidMap gone = uids_;
  gone.remove(present);
  const auto absent = gone.all();
  for (const auto& range : absent.ranges())
    for (auto uid = range.first; uid <= range.last; uid = Uid(uid.value + 1)) add_ghost(uid, EmailId());
}

void Selected::add_ghost(Uid uid, EmailId email) {
  if (ghosts_.empty()) before_ghosts_ = seen_;
  ghosts_.emplace(uid, email);
}

void Selected::note_own_flags(const UidSet& uids, ModSeq modseq) {
  if (modseq > seen_ && !uids.empty()) own_flags_.push_back({modseq, uids});
}

bool Selected::pass_over(ModSeq since, ModSeq up_to) {
  if (since > seen_) return false;
  seen_ = std::max(seen_, up_to);
  return true;
}

bool Selected::is_own_flags(Uid uid, ModSeq modseq) const {
  return std::ranges::any_of(own_flags_,
                             [&](const OwnFlags& own) { return own.modseq == modseq && own.uids.contains(uid); });
}

UidSet Selected::take_expunged() {
  UidSet gone;
  for (const auto& [uid, email] : ghosts_) gone.add(uid);
  ghosts_.clear();
  std::erase_if(changed_, [&gone](Uid uid) { return gone.contains(uid); });
  uids_.remove(gone);
  return gone;
}

UidSet Selected::take_arrived() {
  auto arrived = arrived_.all();
  arrived_ = {};
  uids_.append(arrived);
  return arrived;
}

std::vector<Uid> Selected::take_changed() {
  auto changed = std::exchange(changed_, {});
  std::erase_if(changed, [this](Uid uid) { return !uids_.contains(uid) || ghosts_.contains(uid); });
  return changed;
}

void Selected::note_recent(const UidSet& uids) {
  for (const auto& range : uids.ranges()) recent_.add(range);
}

std::uint32_t Selected::recent_count() const { return static_cast<std::uint32_t>(uids_.only_known(recent_).size()); }

}  // namespace veredus::doors::imap
