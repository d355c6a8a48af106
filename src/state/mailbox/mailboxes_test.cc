#include "state/mailbox/mailboxes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "state/mailbox/operation.h"
#include "support/mailboxes_fixture.h"

namespace veredus::state::mailbox {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;

class MailboxesNaming : public test::MailboxesTest {
 protected:
  std::vector<std::string> names() {
    std::vector<std::string> all_names;
    for (const auto& mailbox : must(mailboxes->list(kAccount))) all_names.push_back(mailbox.name);
    return all_names;
  }
  auto error_of(auto work) { return run(std::move(work)).error(); }
};

TEST_F(MailboxesNaming, BeginWithInboxAndTheSpecialOnes) {
  EXPECT_THAT(names(), ElementsAre("INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"));
  EXPECT_EQ(must(mailboxes->special(kAccount, SpecialUse::kTrash)).name, "Trash");
  const auto inbox = must(mailboxes->find(kAccount, "inbox"));
  EXPECT_EQ(inbox.id, kInbox);
  EXPECT_TRUE(inbox.subscribed);
  EXPECT_EQ(inbox.uid_next, Uid(1));
  EXPECT_EQ(inbox.uid_validity, UidValidity(1'767'225'600));
  expect_verified();
}

TEST_F(MailboxesNaming, MakeTheLevelsAboveAsWell) {
  const auto made = must(mailboxes->create(kAccount, "Work/2026/May/", SpecialUse::kNone));
  EXPECT_EQ(made.name, "Work/2026/May");
  EXPECT_FALSE(made.subscribed);
  EXPECT_TRUE(must(mailboxes->find(kAccount, "Work")).has_children);
  EXPECT_FALSE(must(mailboxes->find(kAccount, "Work/2026/May")).has_children);
  EXPECT_EQ(error_of(mailboxes->create(kAccount, "Work/2026", SpecialUse::kNone)), MailboxError::kMailboxExists);
  EXPECT_EQ(error_of(mailboxes->create(kAccount, "INBOX", SpecialUse::kNone)), MailboxError::kMailboxExists);
  EXPECT_EQ(error_of(mailboxes->create(kAccount, "a//b", SpecialUse::kNone)), MailboxError::kBadName);
  EXPECT_EQ(error_of(mailboxes->create(kAccount, std::string(481, 'n'), SpecialUse::kNone)),
            MailboxError::kNameTooLong);
  EXPECT_EQ(error_of(mailboxes->create(kAccount, "Bin", SpecialUse::kTrash)), MailboxError::kSpecialUseTaken);
  expect_verified();
}

TEST_F(MailboxesNaming, AreLimitedInNumber) {
  options.mailboxes = 8;
  restart();
  must(mailboxes->create(kAccount, "a/b", SpecialUse::kNone));
  EXPECT_EQ(error_of(mailboxes->create(kAccount, "c", SpecialUse::kNone)), MailboxError::kTooManyMailboxes);
}

TEST_F(MailboxesNaming, RenameWithAllBelow) {
  const auto made = must(mailboxes->create(kAccount, "a/b/c", SpecialUse::kNone));
  must(mailboxes->create(kAccount, "ab", SpecialUse::kNone));
  must(mailboxes->rename(kAccount, "a", "x/y"));
  EXPECT_THAT(names(),
              ElementsAre("INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash", "ab", "x", "x/y", "x/y/b", "x/y/b/c"));
  EXPECT_EQ(must(mailboxes->find(kAccount, "x/y/b/c")).id, made.id);
  EXPECT_EQ(must(mailboxes->find(kAccount, "x/y/b/c")).uid_validity, made.uid_validity);
  EXPECT_EQ(error_of(mailboxes->rename(kAccount, "x", "ab")), MailboxError::kMailboxExists);
  EXPECT_EQ(error_of(mailboxes->rename(kAccount, "x", "x/z")), MailboxError::kBadName);
  EXPECT_EQ(error_of(mailboxes->rename(kAccount, "a", "z")), MailboxError::kNoSuchMailbox);
  restart();
  EXPECT_EQ(must(mailboxes->find(kAccount, "x/y/b/c")).id, made.id);
}

TEST_F(MailboxesNaming, RenameWhatIsBelowALevelThatIsNoMailbox) {  // RFC 9051 s6.3.6
  const auto made = must(mailboxes->create(kAccount, "a/b/c", SpecialUse::kNone));
  must(mailboxes->create(kAccount, "a/d", SpecialUse::kNone));
  must(mailboxes->create(kAccount, "y/d", SpecialUse::kNone));
  for (const auto* name : {"a", "y"}) must(mailboxes->remove_mailbox(kAccount, name));
  const auto before = names();
  for (const auto& [to, error] :
       {std::pair("Trash", MailboxError::kMailboxExists), std::pair("y", MailboxError::kMailboxExists),
        std::pair("a", MailboxError::kMailboxExists), std::pair("a/z", MailboxError::kBadName),
        std::pair("Shared", MailboxError::kReservedName)}) {
    SCOPED_TRACE(to);
    EXPECT_EQ(error_of(mailboxes->rename(kAccount, "a", to)), error);
  }
  EXPECT_EQ(error_of(mailboxes->rename(kAccount, "a", std::string(478, 'n'))), MailboxError::kNameTooLong);
  EXPECT_EQ(error_of(mailboxes->rename(kAccount, "none", "z")), MailboxError::kNoSuchMailbox);
  EXPECT_EQ(names(), before) << "all or none";
  EXPECT_EQ(must(mailboxes->rename(kAccount, "a/", "up/here")), std::nullopt);
  EXPECT_THAT(names(), ElementsAre("INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash", "up", "up/here/b",
                                   "up/here/b/c", "up/here/d", "y/d"));
  restart();
  EXPECT_EQ(must(mailboxes->find(kAccount, "up/here/b/c")).id, made.id);
  EXPECT_EQ(error_of(mailboxes->find(kAccount, "up/here")), MailboxError::kNoSuchMailbox);
  expect_verified();
}

TEST_F(MailboxesNaming, GiveANewNameBelowALevelAGreaterUidValidity) {  // RFC 9051 s2.3.1.1
  const auto older = must(mailboxes->create(kAccount, "a/b", SpecialUse::kNone));
  const auto newer = must(mailboxes->create(kAccount, "z/b", SpecialUse::kNone));
  for (const auto* name : {"a", "z/b", "z"}) must(mailboxes->remove_mailbox(kAccount, name));
  must(mailboxes->rename(kAccount, "a", "z"));
  EXPECT_EQ(must(mailboxes->find(kAccount, "z/b")).id, older.id);
  EXPECT_GT(must(mailboxes->find(kAccount, "z/b")).uid_validity, newer.uid_validity);
}

TEST_F(MailboxesNaming, RenamingInboxMovesItsMessagesAndLeavesItEmpty) {  // RFC 9051 s6.3.6
  append(message());
  append(message());
  const auto renamed = must(mailboxes->rename(kAccount, "INBOX", "Old"));
  EXPECT_EQ(renamed->counts.messages, 2U);
  EXPECT_EQ(status().counts.messages, 0U);
  EXPECT_EQ(status().uid_next, Uid(3));
  expect_verified();
}

TEST_F(MailboxesNaming, GiveANameAGreaterUidValidityEachTime) {
  const auto first = must(mailboxes->create(kAccount, "a", SpecialUse::kNone));
  must(mailboxes->remove_mailbox(kAccount, "a"));
  const auto second = must(mailboxes->create(kAccount, "a", SpecialUse::kNone));
  EXPECT_GT(second.uid_validity, first.uid_validity);
  EXPECT_NE(second.id, first.id);
  // An older mailbox that takes the name over must not bring its smaller UIDVALIDITY.
  const auto drafts = must(mailboxes->find(kAccount, "Drafts"));
  must(mailboxes->remove_mailbox(kAccount, "a"));
  const auto renamed = must(mailboxes->rename(kAccount, "Drafts", "a"));
  EXPECT_EQ(renamed->id, drafts.id);
  EXPECT_GT(renamed->uid_validity, second.uid_validity);
  EXPECT_EQ(renamed->special_use, SpecialUse::kDrafts);
}

TEST_F(MailboxesNaming, RemoveAMailboxWithItsMessagesButNotThoseBelow) {
  const auto made = must(mailboxes->create(kAccount, "a/b", SpecialUse::kNone));
  const auto parent = must(mailboxes->find(kAccount, "a"));
  auto two = message();
  two.mailbox = parent.id;
  two.also_in = {kInbox};
  append(two);
  two.also_in.clear();
  const auto gone = append(two);
  must(mailboxes->remove_mailbox(kAccount, "a"));
  EXPECT_EQ(error_of(mailboxes->status(kAccount, parent.id)), MailboxError::kNoSuchMailbox);
  EXPECT_EQ(must(mailboxes->find(kAccount, "a/b")).id, made.id);
  EXPECT_EQ(error_of(mailboxes->remove_mailbox(kAccount, "inbox")), MailboxError::kInboxStays);
  EXPECT_EQ(must(mailboxes->usage(kAccount)).messages, 1U);
  EXPECT_THAT(must(mailboxes->email(kAccount, gone.email)).locations, IsEmpty());
  EXPECT_EQ(must(mailboxes->email(kAccount, all()[0].body.email)).locations.size(), 1U);
  expect_verified();
}

TEST_F(MailboxesNaming, KeepSubscriptionsOfNamesThatAreNotThere) {  // RFC 9051 s6.3.7
  must(mailboxes->subscribe(kAccount, "later"));
  must(mailboxes->unsubscribe(kAccount, "Junk"));
  restart();
  EXPECT_THAT(must(mailboxes->subscriptions(kAccount)),
              ElementsAre("Archive", "Drafts", "INBOX", "Sent", "Trash", "later"));
  EXPECT_TRUE(must(mailboxes->create(kAccount, "later", SpecialUse::kNone)).subscribed);
  EXPECT_FALSE(must(mailboxes->find(kAccount, "Junk")).subscribed);
}

TEST_F(MailboxesNaming, SubscriptionsAreLimitedInNumber) {
  options.subscriptions = 8;  // six are there from the beginning
  restart();
  must(mailboxes->subscribe(kAccount, "one"));
  must(mailboxes->subscribe(kAccount, "two"));
  EXPECT_EQ(error_of(mailboxes->subscribe(kAccount, "three")), MailboxError::kTooManyMailboxes);
  must(mailboxes->subscribe(kAccount, "two"));
  must(mailboxes->unsubscribe(kAccount, "one"));
  must(mailboxes->subscribe(kAccount, "three"));
}

TEST_F(MailboxesNaming, ShowRecentMessagesOnce) {
  const auto uids = [](Uid first, Uid last) {
    UidSet set;
    set.add(UidRange{first, last});
    return set;
  };
  append(message());
  EXPECT_EQ(must(mailboxes->claim_recent(kAccount, kInbox)), uids(Uid(1), Uid(1)));
  EXPECT_TRUE(must(mailboxes->claim_recent(kAccount, kInbox)).empty());
  append(message());
  append(message());
  EXPECT_EQ(must(mailboxes->claim_recent(kAccount, kInbox)), uids(Uid(2), Uid(3)));
}

TEST_F(MailboxesNaming, MoveASpecialUse) {
  const auto made = must(mailboxes->create(kAccount, "Bin", SpecialUse::kNone));
  EXPECT_EQ(error_of(mailboxes->set_special_use(kAccount, made.id, SpecialUse::kTrash)),
            MailboxError::kSpecialUseTaken);
  const auto trash = must(mailboxes->special(kAccount, SpecialUse::kTrash));
  must(mailboxes->set_special_use(kAccount, trash.id, SpecialUse::kNone));
  must(mailboxes->set_special_use(kAccount, made.id, SpecialUse::kTrash));
  EXPECT_EQ(must(mailboxes->special(kAccount, SpecialUse::kTrash)).name, "Bin");
}

class MailboxesMail : public MailboxesNaming {};

TEST_F(MailboxesMail, StoreAMessageWithAllThatIsKnownOfIt) {
  auto sent = message("Subject: hello\r\n\r\nHello.\r\n");
  sent.flags = {Flag::kSeen};
  sent.keywords = {"$Forwarded"};
  sent.content.message_id = "1@example.org";
  const auto appended = append(sent);
  EXPECT_EQ(appended.at, (Location{kInbox, Uid(1)}));
  EXPECT_EQ(appended.outcome, AppendOutcome::kStored);
  restart();
  const auto messages = all();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].flags, FlagSet{Flag::kSeen});
  EXPECT_EQ(keyword_names(status().keywords, messages[0].keywords), std::vector<std::string>{"$Forwarded"});
  EXPECT_EQ(messages[0].modseq, appended.modseq);
  EXPECT_EQ(body(messages[0].body), sent.octets);
  const auto email = must(mailboxes->email(kAccount, appended.email));
  EXPECT_EQ(email.content.envelope, sent.content.envelope);
  EXPECT_THAT(email.locations, ElementsAre(appended.at));
  EXPECT_EQ(status().counts, (MailboxCounts{1, 0, 0, sent.octets.size()}));
  EXPECT_EQ(must(mailboxes->usage(kAccount)), (QuotaUsage{sent.octets.size(), 1}));
  EXPECT_EQ(must(mailboxes->highest_modseq(kAccount)), appended.modseq);
  expect_verified();
}

TEST_F(MailboxesMail, StoreOneBodyForSeveralMailboxes) {
  auto twice = message();
  twice.also_in = {must(mailboxes->special(kAccount, SpecialUse::kArchive)).id};
  const auto appended = append(twice);
  ASSERT_EQ(appended.also_at.size(), 1U);
  EXPECT_EQ(all(twice.also_in[0])[0].body, all()[0].body);
  EXPECT_THAT(must(mailboxes->email(kAccount, appended.email)).locations,
              ElementsAre(appended.at, appended.also_at[0]));
  EXPECT_EQ(must(mailboxes->usage(kAccount)), (QuotaUsage{twice.octets.size(), 2}));
  expect_verified();
}

TEST_F(MailboxesMail, AppendManyOrNone) {
  std::vector<NewMessage> three(3, message());
  const auto appended = must(mailboxes->append_all(kAccount, three, {}));
  EXPECT_EQ(appended[2].at.uid, Uid(3));
  EXPECT_EQ(appended[0].modseq, appended[2].modseq);
  three[1].mailbox = MailboxId(99);
  EXPECT_EQ(error_of(mailboxes->append_all(kAccount, three, {})), MailboxError::kNoSuchMailbox);
  three[1].mailbox = kInbox;
  three[1].keywords = {"two words"};
  EXPECT_EQ(error_of(mailboxes->append_all(kAccount, three, {})), MailboxError::kBadKeyword);
  EXPECT_EQ(error_of(mailboxes->append_all(kAccount, std::vector<NewMessage>(kAppendMessages + 1, message()), {})),
            MailboxError::kTooManyMessages);
  EXPECT_EQ(error_of(mailboxes->append_all(kAccount,
                                           std::vector<NewMessage>(33, message(std::string(kChunkOctets, 'x'))), {})),
            MailboxError::kTooBig);
  EXPECT_EQ(error_of(mailboxes->append(kAccount, message(std::string(kChunkOctets + 1, 'x')), {})),
            MailboxError::kTooBig);
  EXPECT_EQ(status().counts.messages, 3U);
  expect_verified();
}

TEST_F(MailboxesMail, RefuseWhatIsOverQuota) {
  const auto size = message().octets.size();
  EXPECT_EQ(error_of(mailboxes->append(kAccount, message(), {size - 1, 0})), MailboxError::kOverQuota);
  must(mailboxes->append(kAccount, message(), {size, 1}));
  EXPECT_EQ(error_of(mailboxes->append(kAccount, message(), {size, 0})), MailboxError::kOverQuota);
  EXPECT_EQ(error_of(mailboxes->append(kAccount, message(), {0, 1})), MailboxError::kOverQuota);
  EXPECT_EQ(error_of(mailboxes->copy(kAccount, kInbox, UidSet::all(), kInbox, {0, 1})), MailboxError::kOverQuota);
  must(mailboxes->expunge(kAccount, kInbox, UidSet::all()));
  must(mailboxes->append(kAccount, message(), {size, 1}));
}

TEST_F(MailboxesMail, StoreAMessageOnceForADedupeKey) {
  auto once = message();
  once.dedupe = DedupeKey{{1, 2, 3}, clock.now() + 24h};
  const auto first = append(once);
  const auto second = append(once);
  EXPECT_EQ(second.outcome, AppendOutcome::kAlreadyThere);
  EXPECT_EQ(second.at, first.at);
  EXPECT_EQ(second.email, first.email);
  std::vector<NewMessage> same(2, message());
  same[0].dedupe = same[1].dedupe = DedupeKey{{9}, clock.now() + 1h};
  const auto both = must(mailboxes->append_all(kAccount, same, {}));
  EXPECT_EQ(both[1].outcome, AppendOutcome::kAlreadyThere);
  EXPECT_EQ(status().counts.messages, 2U);
  expect_verified();
  clock.advance(25h);
  once.dedupe->expiry = clock.now() + 24h;
  EXPECT_EQ(append(once).outcome, AppendOutcome::kStored);
  must(mailboxes->sweep(kAccount));  // what expired is swept; the new key stays
  EXPECT_EQ(append(once).outcome, AppendOutcome::kAlreadyThere);
  expect_verified();
}

TEST_F(MailboxesMail, AdoptAStagedBody) {
  const std::string big = std::string(kChunkOctets, 'a') + std::string(1000, 'b');
  const auto email = mailboxes->new_staged_email();
  const auto expiry = clock.now() + 10min;
  must(mailboxes->stage_chunk(kAccount, email, 1, big.substr(0, kChunkOctets), expiry));
  must(mailboxes->stage_chunk(kAccount, email, 2, big.substr(kChunkOctets), expiry));
  auto large = message("Received: by example.org\r\n");
  large.staged = StagedBody{email, big.size()};
  const auto appended = append(large);
  EXPECT_EQ(appended.email, email);
  const auto stored = all()[0].body;
  EXPECT_EQ(stored.octets, large.octets.size() + big.size());
  EXPECT_EQ(body(stored), large.octets + big);
  EXPECT_EQ(must(mailboxes->read_body(kAccount, stored, large.octets.size() + kChunkOctets - 2, 10)), "aa");
  EXPECT_EQ(must(mailboxes->read_body(kAccount, stored, large.octets.size() + kChunkOctets, 3)), "bbb");
  EXPECT_EQ(must(mailboxes->read_body(kAccount, stored, 0, 8)), "Received");
  EXPECT_EQ(must(mailboxes->read_body(kAccount, stored, stored.octets, 8)), "");
  EXPECT_EQ(error_of(mailboxes->append(kAccount, large, {})), MailboxError::kStagedBodyGone);
  clock.advance(24h);
  must(mailboxes->sweep(kAccount));
  EXPECT_EQ(body(stored), large.octets + big);
  expect_verified();
}

TEST_F(MailboxesMail, SweepOrDiscardWhatWasStagedAndNeverAppended) {
  const auto abandoned = mailboxes->new_staged_email();
  must(mailboxes->stage_chunk(kAccount, abandoned, 1, std::string(kChunkOctets, 'a'), clock.now() + 10min));
  must(mailboxes->stage_chunk(kAccount, abandoned, 2, "tail", clock.now() + 10min));
  const auto discarded = mailboxes->new_staged_email();
  EXPECT_NE(discarded, abandoned);
  must(mailboxes->stage_chunk(kAccount, discarded, 1, "x", clock.now() + 10min));
  must(mailboxes->discard_staged(kAccount, discarded));
  must(mailboxes->discard_staged(kAccount, discarded));
  EXPECT_EQ(must(mailboxes->sweep(kAccount)), 0U);
  EXPECT_EQ(must(mailboxes->verify_account(kAccount, BodyCheck::kPresence)).staged, 1U);
  auto large = message();
  large.staged = StagedBody{abandoned, 3};
  EXPECT_EQ(error_of(mailboxes->append(kAccount, large, {})), MailboxError::kBadBody);
  clock.advance(11min);
  EXPECT_EQ(must(mailboxes->sweep(kAccount)), 3U);
  large.staged->octets = kChunkOctets + 4;
  EXPECT_EQ(error_of(mailboxes->append(kAccount, large, {})), MailboxError::kStagedBodyGone);
  const auto found = must(mailboxes->verify_account(kAccount, BodyCheck::kLengths));
  EXPECT_THAT(found.differences, IsEmpty());
  EXPECT_EQ(found.staged, 0U);
}

TEST_F(MailboxesMail, ChangeFlagsAndLeaveAloneWhatHasThemAlready) {
  append(message());
  append(message());
  const auto stored = must(mailboxes->store_flags(
      kAccount, kInbox, UidSet(Uid(1)), {FlagChange::Mode::kAdd, {Flag::kSeen, Flag::kDeleted}, {"todo"}, {}}));
  EXPECT_THAT(stored.changed, ElementsAre(Uid(1)));
  EXPECT_THAT(stored.before, ElementsAre(stored.messages[0].created_modseq));
  EXPECT_EQ(status().counts.unseen, 1U);
  EXPECT_EQ(status().counts.deleted, 1U);
  const auto before = must(mailboxes->highest_modseq(kAccount));
  const auto again = must(mailboxes->store_flags(kAccount, kInbox, UidSet::all(),
                                                 {FlagChange::Mode::kRemove, {Flag::kDraft}, {"unknown"}, {}}));
  EXPECT_THAT(again.changed, IsEmpty());
  EXPECT_EQ(again.messages.size(), 2U);
  EXPECT_EQ(again.modseq, before);
  EXPECT_EQ(must(mailboxes->highest_modseq(kAccount)), before);
  must(mailboxes->store_flags(kAccount, kInbox, UidSet::all(),
                              {FlagChange::Mode::kSet, {Flag::kFlagged}, {"TODO"}, {}}));
  const auto messages = all();
  EXPECT_EQ(messages[0].flags, FlagSet{Flag::kFlagged});
  EXPECT_EQ(messages[0].keywords, KeywordSet(1, 0));
  EXPECT_EQ(messages[1].keywords, KeywordSet(1, 0));
  EXPECT_THAT(status().keywords, ElementsAre("todo"));
  EXPECT_EQ(status().counts, (MailboxCounts{2, 2, 0, 2 * message().octets.size()}));
  expect_verified();
}

TEST_F(MailboxesMail, LeaveFlagsThatAreNotAllowedAsTheyAre) {  // RFC 4314 s4
  append(message());
  const auto store = [&](FlagChange::Mode mode, FlagSet flags, std::vector<std::string> keywords,
                         AllowedFlags allowed) {
    return must(
        mailboxes->store_flags(kAccount, kInbox, UidSet::all(), {mode, flags, std::move(keywords), {}, allowed}));
  };
  store(FlagChange::Mode::kSet, {Flag::kDeleted, Flag::kFlagged}, {"old"}, {});
  const auto before = must(mailboxes->highest_modseq(kAccount));
  const AllowedFlags some{.system = {Flag::kSeen, Flag::kFlagged}, .keywords = false};
  const auto stored = store(FlagChange::Mode::kSet, {Flag::kSeen, Flag::kDraft}, {"new"}, some);
  EXPECT_EQ(stored.modseq.value, before.value + 1);
  EXPECT_EQ(all()[0].flags, (FlagSet{Flag::kDeleted, Flag::kSeen}));
  EXPECT_EQ(all()[0].keywords, KeywordSet(1, 0));
  EXPECT_THAT(status().keywords, ElementsAre("old"));
  EXPECT_THAT(store(FlagChange::Mode::kAdd, {Flag::kDraft}, {"new"}, some).changed, IsEmpty());
  EXPECT_THAT(store(FlagChange::Mode::kRemove, {Flag::kDeleted}, {"old"}, some).changed, IsEmpty());
  store(FlagChange::Mode::kSet, {}, {}, {.system = {}, .keywords = true});
  EXPECT_EQ(all()[0].flags, (FlagSet{Flag::kDeleted, Flag::kSeen}));
  EXPECT_EQ(all()[0].keywords, KeywordSet());
  EXPECT_EQ(status().counts.deleted, 1U);
  EXPECT_EQ(status().counts.unseen, 0U);
  expect_verified();
}

TEST_F(MailboxesMail, RefuseToChangeWhatChangedSince) {  // RFC 7162 s3.1.3
  append(message());
  append(message());
  const auto known = must(mailboxes->highest_modseq(kAccount));
  must(mailboxes->store_flags(kAccount, kInbox, UidSet(Uid(2)), {FlagChange::Mode::kAdd, {Flag::kSeen}, {}, {}}));
  const auto stored = must(
      mailboxes->store_flags(kAccount, kInbox, UidSet::all(), {FlagChange::Mode::kAdd, {Flag::kFlagged}, {}, known}));
  EXPECT_THAT(stored.changed, ElementsAre(Uid(1)));
  EXPECT_EQ(stored.refused, UidSet(Uid(2)));
  EXPECT_EQ(stored.messages.size(), 1U);
}

TEST_F(MailboxesMail, HaveALimitOfKeywords) {
  append(message());
  FlagChange many{FlagChange::Mode::kAdd, {}, {}, {}};
  for (std::size_t i = 0; i < kKeywords; ++i) many.keywords.push_back("k" + std::to_string(i));
  must(mailboxes->store_flags(kAccount, kInbox, UidSet::all(), many));
  EXPECT_EQ(error_of(mailboxes->store_flags(kAccount, kInbox, UidSet::all(), {FlagChange::Mode::kAdd, {}, {"x"}, {}})),
            MailboxError::kTooManyKeywords);
  EXPECT_EQ(error_of(mailboxes->store_flags(kAccount, kInbox, UidSet::all(), {FlagChange::Mode::kAdd, {}, {"("}, {}})),
            MailboxError::kBadKeyword);
  EXPECT_EQ(keyword_names(status().keywords, all()[0].keywords).size(), kKeywords);
}

TEST_F(MailboxesMail, TakeMessagesWithTheKeywordsThereIsRoomFor) {
  const auto made = must(mailboxes->create(kAccount, "full", SpecialUse::kNone));
  auto filling = message();
  filling.mailbox = made.id;
  for (std::size_t i = 1; i < kKeywords; ++i) filling.keywords.push_back("k" + std::to_string(i));
  append(filling);
  auto marked = message();
  marked.keywords = {"k7", "one", "two"};
  append(marked);
  marked.mailbox = made.id;
  append(marked);
  const auto copied = must(mailboxes->copy(kAccount, kInbox, UidSet::all(), made.id, {}));
  ASSERT_EQ(copied.uids.size(), 1u);
  must(mailboxes->move(kAccount, kInbox, UidSet::all(), made.id));
  const auto there = must(mailboxes->messages(kAccount, made.id, kFirstUid, kLastUid, 10)).messages;
  ASSERT_EQ(there.size(), 4u);
  const auto names = must(mailboxes->status(kAccount, made.id)).keywords;
  EXPECT_EQ(names.size(), kKeywords);
  for (std::size_t i = 1; i < there.size(); ++i)
    EXPECT_THAT(keyword_names(names, there[i].keywords), ElementsAre("k7", "one"));
  expect_verified();
}

TEST_F(MailboxesMail, CopyRowsAndNeverBodies) {
  auto marked = message();
  marked.keywords = {"a", "b"};
  append(message());
  append(marked);
  const auto target = must(mailboxes->create(kAccount, "t", SpecialUse::kNone));
  auto other = message();
  other.mailbox = target.id;
  other.keywords = {"b"};
  append(other);
  const auto rows_before = must(mailboxes->verify_account(kAccount, BodyCheck::kLengths));
  UidSet uids = UidSet::all();
  const auto copied = must(mailboxes->copy(kAccount, kInbox, uids, target.id, {}));
  EXPECT_THAT(copied.uids, ElementsAre(std::pair(Uid(1), Uid(2)), std::pair(Uid(2), Uid(3))));
  EXPECT_EQ(copied.uid_validity, target.uid_validity);
  const auto there = all(target.id);
  EXPECT_EQ(there[2].body, all()[1].body);
  EXPECT_THAT(keyword_names(status(target.id).keywords, there[2].keywords), ElementsAre("b", "a"));
  EXPECT_EQ(must(mailboxes->verify_account(kAccount, BodyCheck::kLengths)).emails, rows_before.emails);
  EXPECT_EQ(must(mailboxes->usage(kAccount)).messages, 5U);
  EXPECT_EQ(must(mailboxes->usage(kAccount)).octets, 3 * message().octets.size());
  must(mailboxes->copy(kAccount, target.id, UidSet::all(), target.id, {}));  // into itself: ends
  EXPECT_EQ(status(target.id).counts.messages, 6U);
  expect_verified();
}

TEST_F(MailboxesMail, LeaveOutTheFlagsThatAreNotAllowed) {  // RFC 4314 s4
  auto marked = message();
  marked.flags = {Flag::kSeen, Flag::kFlagged, Flag::kDeleted};
  marked.keywords = {"a"};
  append(marked);
  const auto target = must(mailboxes->create(kAccount, "t", SpecialUse::kNone));
  must(mailboxes->copy(kAccount, kInbox, UidSet::all(), target.id, {}, flags_within({Right::kSeen})));
  must(mailboxes->move(kAccount, kInbox, UidSet::all(), target.id, flags_within({Right::kWrite})));
  const auto there = all(target.id);
  ASSERT_EQ(there.size(), 2U);
  EXPECT_EQ(there[0].flags, FlagSet({Flag::kSeen}));
  EXPECT_TRUE(there[0].keywords.empty());
  EXPECT_EQ(there[1].flags, FlagSet({Flag::kFlagged}));
  EXPECT_THAT(keyword_names(status(target.id).keywords, there[1].keywords), ElementsAre("a"));
  EXPECT_EQ(status(target.id).counts.unseen, 1U);
  EXPECT_EQ(status(target.id).counts.deleted, 0U);
  expect_verified();
}

TEST_F(MailboxesMail, MoveInOneStep) {
  append(message());
  append(message());
  const auto trash = must(mailboxes->special(kAccount, SpecialUse::kTrash)).id;
  const auto moved = must(mailboxes->move(kAccount, kInbox, UidSet(Uid(2)), trash));
  EXPECT_THAT(moved.uids, ElementsAre(std::pair(Uid(2), Uid(1))));
  EXPECT_EQ(status().counts.messages, 1U);
  EXPECT_EQ(all(trash)[0].modseq, moved.modseq);
  EXPECT_THAT(must(mailboxes->email(kAccount, all(trash)[0].body.email)).locations,
              ElementsAre(Location{trash, Uid(1)}));
  must(mailboxes->move(kAccount, kInbox, UidSet::all(), kInbox));
  EXPECT_EQ(all()[0].uid, Uid(3));
  EXPECT_THAT(must(mailboxes->move(kAccount, kInbox, UidSet(Uid(77)), trash)).uids, IsEmpty());
  EXPECT_EQ(error_of(mailboxes->move(kAccount, kInbox, UidSet::all(), MailboxId(99))), MailboxError::kNoSuchMailbox);
  EXPECT_EQ(must(mailboxes->usage(kAccount)).messages, 2U);
  expect_verified();
}

TEST_F(MailboxesMail, ExpungeWhatIsMarkedOrNamed) {
  for (int i = 0; i < 4; ++i) append(message());
  UidSet marked(Uid(1));
  marked.add(UidRange{Uid(3), Uid(4)});
  must(mailboxes->store_flags(kAccount, kInbox, marked, {FlagChange::Mode::kAdd, {Flag::kDeleted}, {}, {}}));
  EXPECT_EQ(must(mailboxes->expunge_deleted(kAccount, kInbox, UidSet(Uid(4)))).uids, UidSet(Uid(4)));
  EXPECT_EQ(must(mailboxes->expunge_deleted(kAccount, kInbox, UidSet::all())).uids.size(), 2U);
  EXPECT_TRUE(must(mailboxes->expunge_deleted(kAccount, kInbox, UidSet::all())).uids.empty());
  EXPECT_EQ(must(mailboxes->expunge(kAccount, kInbox, UidSet::all())).uids, UidSet(Uid(2)));
  EXPECT_EQ(status().counts, MailboxCounts());
  EXPECT_EQ(must(mailboxes->usage(kAccount)), QuotaUsage());
  EXPECT_EQ(append(message()).at.uid, Uid(5));
  expect_verified();
}

TEST_F(MailboxesMail, KeepExpungedBodiesReadableForAWhile) {
  auto threaded = message();
  threaded.content.message_id = "1@example.org";
  const auto appended = append(threaded);
  const auto stored = all()[0].body;
  const auto empty_account = must(mailboxes->verify_account(AccountId(8), BodyCheck::kPresence)).rows;
  EXPECT_EQ(empty_account, 0U);
  must(mailboxes->expunge(kAccount, kInbox, UidSet::all()));
  clock.advance(61min);
  must(mailboxes->sweep(kAccount));
  EXPECT_EQ(body(stored), threaded.octets);
  clock.advance(30min);
  EXPECT_GE(must(mailboxes->sweep(kAccount)), 4U);
  EXPECT_EQ(error_of(mailboxes->email(kAccount, appended.email)), MailboxError::kNoSuchEmail);
  EXPECT_EQ(error_of(mailboxes->read_body(kAccount, stored, 0, 10)), MailboxError::kNoSuchEmail);
  EXPECT_EQ(must(mailboxes->verify_account(kAccount, BodyCheck::kLengths)).emails, 0U);
  expect_verified();
}

TEST_F(MailboxesMail, KeepABodyAsLongAsOneCopyIsThere) {
  append(message());
  const auto trash = must(mailboxes->special(kAccount, SpecialUse::kTrash)).id;
  must(mailboxes->copy(kAccount, kInbox, UidSet::all(), trash, {}));
  must(mailboxes->expunge(kAccount, kInbox, UidSet::all()));
  clock.advance(48h);
  must(mailboxes->sweep(kAccount));
  EXPECT_EQ(body(all(trash)[0].body), message().octets);
  EXPECT_EQ(must(mailboxes->usage(kAccount)), (QuotaUsage{message().octets.size(), 1}));
  expect_verified();
}

TEST_F(MailboxesMail, SayPageByPageWhatIsThere) {
  for (int i = 0; i < 5; ++i) append(message());
  const auto page = must(mailboxes->messages(kAccount, kInbox, Uid(2), kLastUid, 3));
  EXPECT_EQ(page.messages.size(), 3U);
  EXPECT_TRUE(page.more);
  EXPECT_EQ(page.messages[0].uid, Uid(2));
  EXPECT_FALSE(must(mailboxes->messages(kAccount, kInbox, Uid(5), Uid(5), 3)).more);
  EXPECT_EQ(error_of(mailboxes->messages(kAccount, MailboxId(99), Uid(1), kLastUid, 3)), MailboxError::kNoSuchMailbox);
}

TEST_F(MailboxesMail, WorkOnMoreThanOneTurnTakes) {
  std::vector<NewMessage> many(kAppendMessages, message("x"));
  for (std::uint32_t i = 0; i < kSliceMessages + 1000; i += kAppendMessages)
    must(mailboxes->append_all(kAccount, many, {}));
  const auto total = status().counts.messages;
  const auto stored =
      must(mailboxes->store_flags(kAccount, kInbox, UidSet::all(), {FlagChange::Mode::kAdd, {Flag::kDeleted}, {}, {}}));
  EXPECT_EQ(stored.messages.size(), total);
  const auto trash = must(mailboxes->special(kAccount, SpecialUse::kTrash)).id;
  EXPECT_EQ(must(mailboxes->copy(kAccount, kInbox, UidSet::all(), trash, {})).uids.size(), total);
  EXPECT_EQ(error_of(mailboxes->copy(kAccount, kInbox, UidSet::all(), trash, {0, 2 * total + kSliceMessages})),
            MailboxError::kOverQuota);  // found out in the second turn; the first one is undone
  EXPECT_EQ(status(trash).counts.messages, total);
  EXPECT_EQ(must(mailboxes->expunge_deleted(kAccount, kInbox, UidSet::all())).uids.size(), total);
  must(mailboxes->move(kAccount, trash, UidSet::all(), kInbox));
  EXPECT_EQ(status().counts.messages, total);
  EXPECT_EQ(status(trash).counts, MailboxCounts());
  expect_verified();
}

TEST_F(MailboxesMail, PutTogetherWhatBelongsTogether) {
  auto first = message();
  first.content.message_id = "1@example.org";
  auto reply = message();
  reply.content.message_id = "2@example.org";
  reply.content.subject_utf8 = "Re: hello";
  reply.content.references = {"1@example.org"};
  auto stranger = reply;
  stranger.content.message_id = "3@example.org";
  stranger.content.subject_utf8 = "Something else";
  const auto a = append(first);
  EXPECT_EQ(a.thread.value, a.email.value);
  restart();  // from the rows, not from memory
  const auto b = append(reply);
  EXPECT_EQ(b.thread, a.thread);
  EXPECT_NE(append(stranger).thread, a.thread);
  EXPECT_THAT(must(mailboxes->thread(kAccount, a.thread)), ElementsAre(a.email, b.email));
  must(mailboxes->expunge(kAccount, kInbox, UidSet(a.at.uid)));
  EXPECT_THAT(must(mailboxes->thread(kAccount, a.thread)), ElementsAre(b.email));
  expect_verified();
}

TEST_F(MailboxesMail, PutTogetherAReplyAndWhatItAnswersInAnyOrder) {
  auto parent = message();
  parent.content.message_id = "1@example.org";
  auto reply = parent;
  reply.content.message_id = "2@example.org";
  reply.content.in_reply_to = {"1@example.org"};
  const auto a = append(reply);
  EXPECT_EQ(append(parent).thread, a.thread);
  EXPECT_EQ(append(parent).thread, a.thread);  // a second copy of the same message
  std::vector<NewMessage> both{message(), message()};
  both[0].content.message_id = "8@example.org";
  both[1].content.references = {"8@example.org"};
  const auto together = must(mailboxes->append_all(kAccount, both, {}));
  EXPECT_EQ(together[0].thread, together[1].thread);
  expect_verified();
}

TEST_F(MailboxesMail, EraseAnAccountForGood) {
  append(message());
  must(mailboxes->erase_account(kAccount));
  EXPECT_THAT(must(mailboxes->accounts(AccountId(), 10)), IsEmpty());
  EXPECT_EQ(status().counts.messages, 0U);  // asked for again, it begins anew
  EXPECT_THAT(must(mailboxes->accounts(AccountId(), 10)), ElementsAre(kAccount));
  expect_verified();
}

TEST_F(MailboxesMail, ForgetAccountsNotUsedAndLoadThemAgain) {
  options.cached_accounts = 16;
  restart();
  for (std::uint64_t id = 1; id < 100; ++id) must(mailboxes->append(AccountId(id), message(), {}));
  for (std::uint64_t id = 1; id < 100; ++id)
    EXPECT_EQ(must(mailboxes->status(AccountId(id), kInbox)).counts.messages, 1U);
}

}  // namespace
}  // namespace veredus::state::mailbox
