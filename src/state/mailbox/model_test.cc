#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "support/mailboxes_fixture.h"

/// Random operations on Mailboxes and on plain maps: both must always look the same, whatever fails and whenever it is
/// restarted.
namespace veredus::state::mailbox {
namespace {

struct ModelMessage {
  std::uint8_t flags = 0;
  std::set<std::string> keywords;
  std::uint64_t octets = 0;
  friend bool operator==(const ModelMessage&, const ModelMessage&) = default;
};

struct ModelMailbox {
  std::uint32_t uid_next = 1;
  std::map<std::uint32_t, ModelMessage> messages;
  std::map<AccountId, Rights> grants;
  std::map<std::string, std::string> notes;  // annotations everybody sees
  friend bool operator==(const ModelMailbox&, const ModelMailbox&) = default;
};

using Model = std::map<std::string, ModelMailbox>;

std::ostream& operator<<(std::ostream& out, const ModelMailbox& mailbox) {
  out << "next " << mailbox.uid_next << ", " << mailbox.notes.size() << " notes";
  for (const auto& [to, rights] : mailbox.grants) out << ", " << to.value << " may " << rights.letters();
  for (const auto& [uid, message] : mailbox.messages) {
    out << "\n  " << uid << ": flags " << int{message.flags} << ", " << message.octets << " octets";
    for (const auto& keyword : message.keywords) out << " " << keyword;
  }
  return out;
}

class MailboxesModel : public test::MailboxesTest, public ::testing::WithParamInterface<std::uint32_t> {
 protected:
  std::uint32_t below(std::uint32_t limit) {
    return std::uniform_int_distribution<std::uint32_t>(0, limit - 1)(random);
  }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

  std::string any_name() {
    static const char* const kNames[] = {"INBOX", "Trash", "a", "a/b", "a/b/c", "d", "INBOX/e"};
    return kNames[below(std::size(kNames))];
  }
  FlagSet any_flags() { return FlagSet::from_bits(static_cast<std::uint8_t>(below(32))); }
  std::vector<std::string> any_keywords() {
    std::vector<std::string> names;
    if (one_in(3)) names.push_back("k" + std::to_string(below(5)));
    if (one_in(5)) names.push_back("$Important");
    return names;
  }
  UidSet any_uids(const ModelMailbox& mailbox) {
    UidSet uids;
    if (one_in(6)) return UidSet::all();
    for (std::uint32_t i = below(4) + 1; i > 0; --i) {
      const auto first = below(mailbox.uid_next + 1) + 1;
      uids.add(UidRange{Uid(first), Uid(first + below(4))});
    }
    return uids;
  }
  std::vector<std::uint32_t> named(const ModelMailbox& mailbox, const UidSet& uids) {
    std::vector<std::uint32_t> found;
    for (const auto& entry : mailbox.messages)
      if (uids.contains(Uid(entry.first))) found.push_back(entry.first);
    return found;
  }

  /// The id of a mailbox of the model; also of one that is not there.
  MailboxId id_of(const std::string& name) {
    const auto found = run(mailboxes->find(kAccount, name));
    return found ? found->id : MailboxId(9999);
  }
  Model observe() {
    Model seen;
    for (const auto& mailbox : must(mailboxes->list(kAccount))) {
      auto& one = seen[mailbox.name];
      one.uid_next = mailbox.uid_next.value;
      MailboxCounts counts;
      for (const auto& message : all(mailbox.id)) {
        const auto names = keyword_names(mailbox.keywords, message.keywords);
        one.messages[message.uid.value] = {message.flags.bits(), {names.begin(), names.end()}, message.body.octets};
        ++counts.messages;
        counts.octets += message.body.octets;
        counts.unseen += message.flags.has(Flag::kSeen) ? 0 : 1;
        counts.deleted += message.flags.has(Flag::kDeleted) ? 1 : 0;
        EXPECT_LE(message.modseq, mailbox.highest_modseq);
      }
      EXPECT_EQ(counts, mailbox.counts) << mailbox.name;
      for (const auto& grant : must(mailboxes->grants(kAccount)))
        if (grant.mailbox == mailbox.id) one.grants.emplace(grant.to, grant.rights);
      for (auto& note : must(mailboxes->annotations(kAccount, {mailbox.id}, "", AnnotationDepth::kAllBelow)))
        one.notes.emplace(note.name, note.value);
    }
    return seen;
  }

  /// Lets one of the next engine operations fail, now and then.
  void plan_fault() {
    if (!with_faults || !one_in(3)) return;
    io::engine::FaultPlan plan;
    plan.fail_at = engine.operations() + 1 + below(8);
    plan.error = one_in(2) ? io::engine::StoreError::kUnavailable : io::engine::StoreError::kUnknownOutcome;
    plan.takes_effect = plan.error == io::engine::StoreError::kUnknownOutcome && one_in(2);
    engine.plan_faults(plan);
  }
  /// Settles what an operation came to: `after` when it was done, the model as it was when not.
  template <class T>
  void settle(const std::expected<T, MailboxError>& result, Model after) {
    engine.plan_faults({});
    if (!result) last_error = result.error();
    if (!result && result.error() == MailboxError::kUnknownOutcome) {
      restart();
      if (observe() == after) model = std::move(after);
    } else if (result) {
      model = std::move(after);
    }
  }

  void append_some();
  void store_some();
  void transfer_some();
  void expunge_some();
  void replace_one();
  void rename_things();
  void share_something();
  void note_something();
  void check_changes(const Model& before, ModSeq since);

  std::mt19937 random;
  bool with_faults = false;
  Model model;
  std::optional<MailboxError> last_error;
  std::uint64_t next_octets = 1;
};

void MailboxesModel::append_some() {
  std::vector<NewMessage> messages;
  auto after = model;
  const auto name = any_name();
  bool possible = true;
  for (std::uint32_t i = one_in(4) ? below(5) + 1 : 1; i > 0; --i) {
    auto made = message(std::string(next_octets++ % 3000 + 1, 'x'));
    made.mailbox = id_of(name);
    made.flags = any_flags();
    made.keywords = any_keywords();
    if (one_in(3)) made.content.message_id = std::to_string(below(40)) + "@example.org";
    if (one_in(3)) made.content.references = {std::to_string(below(40)) + "@example.org"};
    std::vector<std::string> targets{name};
    if (one_in(5)) {
      targets.push_back(any_name());
      made.also_in.push_back(id_of(targets.back()));
    }
    for (const auto& target : targets) {
      possible = possible && after.contains(target);
      if (!possible) break;
      auto& mailbox = after[target];
      mailbox.messages[mailbox.uid_next++] = {
          made.flags.bits(), {made.keywords.begin(), made.keywords.end()}, made.octets.size()};
    }
    messages.push_back(std::move(made));
  }
  if (!possible) after = model;
  plan_fault();
  const auto result = run(mailboxes->append_all(kAccount, std::move(messages), {}));
  if (!with_faults) ASSERT_EQ(result.has_value(), possible);
  settle(result, after);
}

void MailboxesModel::store_some() {
  const auto name = any_name();
  if (!model.contains(name)) return;
  auto after = model;
  auto& mailbox = after[name];
  const auto uids = any_uids(mailbox);
  FlagChange change{static_cast<FlagChange::Mode>(below(3)), any_flags(), any_keywords(), {}};
  if (one_in(4)) change.allowed = {.system = any_flags(), .keywords = one_in(2)};
  const auto allowed = change.allowed.system.bits();
  const std::uint8_t flags = change.flags.bits() & allowed;
  for (const auto uid : named(mailbox, uids)) {
    auto& message = mailbox.messages[uid];
    if (change.mode == FlagChange::Mode::kSet) message.flags &= static_cast<std::uint8_t>(~allowed);
    if (change.mode == FlagChange::Mode::kRemove)
      message.flags &= static_cast<std::uint8_t>(~flags);
    else
      message.flags |= flags;
    if (!change.allowed.keywords) continue;
    if (change.mode == FlagChange::Mode::kSet) message.keywords.clear();
    for (const auto& keyword : change.keywords) {
      if (change.mode == FlagChange::Mode::kRemove)
        message.keywords.erase(keyword);
      else
        message.keywords.insert(keyword);
    }
  }
  const auto id = id_of(name);
  plan_fault();
  settle(run(mailboxes->store_flags(kAccount, id, uids, change)), after);
}

void MailboxesModel::transfer_some() {
  const auto from = any_name();
  const auto to = any_name();
  if (!model.contains(from)) return;
  auto after = model;
  const bool moves = one_in(2);
  const auto uids = any_uids(after[from]);
  const bool possible = model.contains(to);
  if (possible) {
    for (const auto uid : named(model[from], uids)) {
      auto& target = after[to];
      target.messages[target.uid_next++] = model[from].messages[uid];
      if (moves) after[from].messages.erase(uid);
    }
  }
  const auto from_id = id_of(from);
  const auto to_id = id_of(to);
  plan_fault();
  settle(run(moves ? mailboxes->move(kAccount, from_id, uids, to_id)
                   : mailboxes->copy(kAccount, from_id, uids, to_id, {})),
         after);
}

void MailboxesModel::expunge_some() {
  const auto name = any_name();
  if (!model.contains(name)) return;
  auto after = model;
  auto& mailbox = after[name];
  const bool marked_only = one_in(2);
  const auto uids = one_in(4) || mailbox.messages.size() > 60 ? UidSet::all() : any_uids(mailbox);
  for (const auto uid : named(mailbox, uids))
    if (!marked_only || (mailbox.messages[uid].flags & static_cast<std::uint8_t>(Flag::kDeleted)) != 0)
      mailbox.messages.erase(uid);
  const auto id = id_of(name);
  plan_fault();
  settle(run(marked_only ? mailboxes->expunge_deleted(kAccount, id, uids) : mailboxes->expunge(kAccount, id, uids)),
         after);
}

void MailboxesModel::replace_one() {
  const auto from = any_name();
  const auto to = one_in(2) ? from : any_name();
  if (!model.contains(from)) return;
  auto after = model;
  auto made = message(std::string(next_octets++ % 3000 + 1, 'y'));
  made.mailbox = id_of(to);
  made.flags = any_flags();
  made.keywords = any_keywords();
  const Uid replaced(below(model[from].uid_next + 1) + 1);
  const bool possible = model.contains(to);
  if (possible) {
    after[from].messages.erase(replaced.value);
    auto& target = after[to];
    target.messages[target.uid_next++] = {
        made.flags.bits(), {made.keywords.begin(), made.keywords.end()}, made.octets.size()};
  }
  const Location at{id_of(from), replaced};
  plan_fault();
  const auto result = run(mailboxes->replace(kAccount, std::move(made), at, {}));
  if (!with_faults) ASSERT_EQ(result.has_value(), possible);
  settle(result, after);
}

void MailboxesModel::rename_things() {
  const auto name = any_name();
  auto after = model;
  const auto above_of = [](const std::string& made) {
    return made.substr(0, made.contains('/') ? made.rfind('/') : 0);
  };
  const std::function<void(const std::string&)> add_with_above = [&](const std::string& made) {
    const auto above = above_of(made);
    if (!above.empty() && !after.contains(above)) add_with_above(above);  // up to the first level that is there
    const auto grants = above.empty() ? std::map<AccountId, Rights>() : after[above].grants;
    after[made].grants = grants;  // what is made has those of what is above it
  };
  switch (below(3)) {
    case 0: {
      if (!model.contains(name)) add_with_above(name);
      plan_fault();
      settle(run(mailboxes->create(kAccount, name, SpecialUse::kNone)), after);
      return;
    }
    case 1: {
      if (name != "INBOX") after.erase(name);
      plan_fault();
      settle(run(mailboxes->remove_mailbox(kAccount, name)), after);
      return;
    }
    default: {
      const auto to = any_name();
      if (name == "INBOX") return;
      for (const auto& [old_name, mailbox] : model) {
        if (old_name != name && !old_name.starts_with(name + "/")) continue;
        after.erase(old_name);
        if (const auto above = above_of(to); !above.empty() && !after.contains(above)) add_with_above(above);
        after[to + old_name.substr(name.size())] = mailbox;
      }
      plan_fault();
      settle(run(mailboxes->rename(kAccount, name, to)), after);
    }
  }
}

void MailboxesModel::share_something() {
  const auto name = any_name();
  if (!model.contains(name)) return;
  auto after = model;
  const AccountId to(one_in(3) ? kAnyone.value : 50 + below(3));
  const RightsChange change{static_cast<RightsChange::Mode>(below(3)),
                            Rights::from_bits(static_cast<std::uint16_t>(below(2048)))};
  auto& grants = after[name].grants;
  auto rights = change.rights;
  if (change.mode == RightsChange::Mode::kAdd) rights = grants[to].with(change.rights);
  if (change.mode == RightsChange::Mode::kRemove) rights = grants[to].without(change.rights);
  grants[to] = rights;
  if (rights.empty()) grants.erase(to);
  const auto id = id_of(name);
  plan_fault();
  settle(run(mailboxes->change_rights(kAccount, id, to, change)), after);
}

void MailboxesModel::note_something() {
  const auto name = any_name();
  if (!model.contains(name)) return;
  auto after = model;
  auto& notes = after[name].notes;
  std::vector<AnnotationChange> changes;
  for (std::uint32_t i = below(3) + 1; i > 0; --i) {
    auto& change = changes.emplace_back();
    change.place.mailbox = id_of(name);
    change.name = "/note" + std::to_string(below(5));
    notes.erase(change.name);
    if (one_in(3)) continue;
    change.value = std::to_string(below(1000));
    notes[change.name] = *change.value;
  }
  plan_fault();
  settle(run(mailboxes->annotate(kAccount, std::move(changes))), after);
}

/// The change log tells exactly the difference between the two moments.
void MailboxesModel::check_changes(const Model& before, ModSeq since) {
  for (const auto& [name, mailbox] : model) {
    const auto earlier = before.find(name);
    if (earlier == before.end()) continue;
    const auto changes = must(mailboxes->changes(kAccount, id_of(name), since, 10'000));
    if (changes.expunges == MailboxChanges::Expunges::kIncomplete) continue;
    std::vector<Uid> arrived;
    std::vector<Uid> gone;
    for (const auto& entry : mailbox.messages)
      if (entry.first >= earlier->second.uid_next) arrived.emplace_back(entry.first);
    for (const auto& entry : earlier->second.messages)
      if (!mailbox.messages.contains(entry.first)) gone.emplace_back(entry.first);
    if (mailbox.uid_next < earlier->second.uid_next) continue;  // another mailbox of the same name
    EXPECT_EQ(changes.arrived, arrived) << name;
    EXPECT_EQ(changes.expunged.within(kFirstUid, Uid(earlier->second.uid_next - 1)), UidSet::of(gone)) << name;
    for (const auto& [uid, message] : mailbox.messages) {
      const auto old = earlier->second.messages.find(uid);
      if (old == earlier->second.messages.end() || old->second == message) continue;
      EXPECT_NE(std::ranges::find(changes.changed, Uid(uid)), changes.changed.end()) << name << " " << uid;
    }
  }
}

TEST_P(MailboxesModel, LooksTheSameAfterEveryOperation) {
  with_faults = GetParam() % 2 == 1;
  static constexpr std::uint32_t kPageMessages[] = {1, 3, 32};  // rows and pages, in every mixture
  options.flag_page_messages = kPageMessages[GetParam() % std::size(kPageMessages)];
  restart();
  random.seed(GetParam());
  model = observe();
  for (int step = 0; step < 600 && !HasFailure(); ++step) {
    SCOPED_TRACE(step);
    const auto before = model;
    const auto since = must(mailboxes->highest_modseq(kAccount));
    const auto what = below(26);
    if (what < 7) append_some();
    if (what >= 7 && what < 11) store_some();
    if (what >= 11 && what < 14) transfer_some();
    if (what >= 14 && what < 17) expunge_some();
    if (what >= 17 && what < 20) rename_things();
    if (what >= 20 && what < 22) share_something();
    if (what == 22) note_something();
    if (what > 22) replace_one();
    engine.plan_faults({});
    ASSERT_EQ(observe(), model);
    if (what < 17 || what > 22) check_changes(before, since);
    if (one_in(10)) restart();
    if (one_in(10)) clock.advance(std::chrono::minutes(below(200)));
    if (one_in(20)) must(mailboxes->sweep(kAccount));
    if (one_in(20)) expect_verified();
  }
  must(mailboxes->sweep(kAccount));
  clock.advance(std::chrono::hours(24));
  must(mailboxes->sweep(kAccount));
  expect_verified();
  std::uint64_t emails = 0;
  for (const auto& entry : model) emails += entry.second.messages.size();
  EXPECT_LE(must(mailboxes->verify_account(kAccount, BodyCheck::kPresence)).emails, emails);
}

INSTANTIATE_TEST_SUITE_P(Seeds, MailboxesModel, ::testing::Range(0U, 12U));

/// Every engine operation of each kind of operation fails once: no effect, or the whole one.
class MailboxesFaults : public test::MailboxesTest {};

TEST_F(MailboxesFaults, LeaveNothingHalfDone) {
  using io::engine::StoreError;
  for (const auto error : {StoreError::kUnavailable, StoreError::kUnknownOutcome, StoreError::kConflict}) {
    for (const bool takes_effect : {false, true}) {
      if (takes_effect && error != StoreError::kUnknownOutcome) continue;
      for (std::uint64_t n = 1; n < 16; ++n) {
        SCOPED_TRACE(testing::Message() << to_string(error) << " at " << n << (takes_effect ? ", done" : ""));
        restart();
        const auto before = status().counts.messages;
        engine.plan_faults({engine.operations() + n, error, false, takes_effect});
        const auto result = run(mailboxes->append(kAccount, message(), {}));
        engine.plan_faults({});
        const auto after = status().counts.messages;
        EXPECT_EQ(after, before + (result ? 1 : 0)) << "an append always knows in the end";
        expect_verified();
      }
    }
  }
}

TEST_F(MailboxesFaults, AreReportedAndPass) {
  append(message());
  engine.plan_faults({engine.operations() + 1, io::engine::StoreError::kUnavailable, true, false});
  const auto refused = run(mailboxes->append(kAccount, message(), {}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), MailboxError::kUnavailable);
  EXPECT_EQ(permanence(refused.error()), Permanence::kTemporary);
  engine.plan_faults({});
  EXPECT_EQ(append(message()).at.uid, Uid(2));
}

}  // namespace
}  // namespace veredus::state::mailbox
