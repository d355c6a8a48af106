#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "state/mailbox/annotation_operation.h"
#include "state/mailbox/keys.h"
#include "support/mailboxes_fixture.h"

/// Sharing and annotations.
namespace veredus::state::mailbox {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr AccountId kBob{8};
constexpr AccountId kCarol{9};
constexpr Rights kReader{Right::kLookup, Right::kRead};

TEST(RightsText, IsReadInAnyOrderAndWrittenInOne) {  // RFC 4314 s2.1
  EXPECT_EQ(Rights::parse("rl")->letters(), "lr");
  EXPECT_EQ(Rights::parse("lrswipkxtea"), Rights::all());
  EXPECT_EQ(Rights::parse("cd")->letters(), "kxte");
  EXPECT_EQ(Rights::parse(""), Rights());
  EXPECT_FALSE(Rights::parse("lq"));
  EXPECT_FALSE(Rights::parse("L"));
}

class Sharing : public test::MailboxesTest {
 protected:
  Rights share(MailboxId mailbox, AccountId to, Rights rights, RightsChange::Mode mode = RightsChange::Mode::kSet) {
    return must(mailboxes->change_rights(kAccount, mailbox, to, {mode, rights}));
  }
  std::vector<std::string> shared_with(AccountId reader) {
    std::vector<std::string> names;
    for (const auto& [mailbox, rights] : must(mailboxes->shared(kAccount, reader)))
      names.push_back(mailbox.name + " " + rights.letters());
    return names;
  }
};

TEST_F(Sharing, LetsOthersFindWhoSharesWhat) {
  const auto made = must(mailboxes->create(kAccount, "Plans", SpecialUse::kNone));
  EXPECT_THAT(must(mailboxes->sharers(kBob)), IsEmpty());
  EXPECT_EQ(share(made.id, kBob, kReader), kReader);
  restart();
  EXPECT_THAT(must(mailboxes->sharers(kBob)), ElementsAre(kAccount));
  EXPECT_THAT(shared_with(kBob), ElementsAre("Plans lr"));
  EXPECT_THAT(shared_with(kCarol), IsEmpty());
  EXPECT_EQ(must(mailboxes->rights(kAccount, made.id, kBob)), kReader);
  EXPECT_EQ(must(mailboxes->rights(kAccount, made.id, kAccount)), Rights::all());
  EXPECT_EQ(must(mailboxes->rights(kAccount, kInbox, kBob)), Rights());
  EXPECT_THAT(must(mailboxes->grants(kAccount)), ElementsAre(Grant{made.id, kBob, kReader}));
  EXPECT_EQ(share(made.id, kBob, {Right::kInsert}, RightsChange::Mode::kAdd).letters(), "lri");
  EXPECT_EQ(share(made.id, kBob, {Right::kRead}, RightsChange::Mode::kRemove).letters(), "li");
  EXPECT_EQ(share(made.id, kBob, {}), Rights());
  EXPECT_THAT(must(mailboxes->sharers(kBob)), IsEmpty()) << "a hint alone is not believed";
  EXPECT_THAT(must(mailboxes->grants(kAccount)), IsEmpty());
  expect_verified();
}

TEST_F(Sharing, WithAnyoneIsFoundByEverybody) {
  share(kInbox, kAnyone, {Right::kLookup});
  share(kInbox, kBob, {Right::kInsert});
  EXPECT_THAT(must(mailboxes->sharers(kCarol)), ElementsAre(kAccount));
  EXPECT_THAT(must(mailboxes->sharers(kAccount)), IsEmpty()) << "nobody shares with himself";
  EXPECT_THAT(shared_with(kCarol), ElementsAre("INBOX l"));
  EXPECT_THAT(shared_with(kBob), ElementsAre("INBOX li")) << "what fits adds up";
  share(kInbox, kAnyone, {});
  EXPECT_THAT(must(mailboxes->sharers(kCarol)), IsEmpty());
}

TEST_F(Sharing, IsPassedOnToWhatIsMadeBelowAndGoesWithTheMailbox) {
  const auto parent = must(mailboxes->create(kAccount, "a", SpecialUse::kNone));
  share(parent.id, kBob, kReader);
  must(mailboxes->create(kAccount, "a/b/c", SpecialUse::kNone));
  EXPECT_THAT(shared_with(kBob), ElementsAre("a lr", "a/b lr", "a/b/c lr"));
  must(mailboxes->rename(kAccount, "a/b", "x"));
  EXPECT_THAT(shared_with(kBob), ElementsAre("a lr", "x lr", "x/c lr"));
  must(mailboxes->remove_mailbox(kAccount, "a"));
  must(mailboxes->create(kAccount, "a", SpecialUse::kNone));
  EXPECT_THAT(shared_with(kBob), ElementsAre("x lr", "x/c lr"));
  expect_verified();
}

TEST_F(Sharing, WakesThoseItIsForOnceItIsSo) {  // RFC 5465 s5.4
  using io::engine::Kind;
  std::string woken;
  const auto watch = [&](io::engine::Partition partition, char who) {
    return engine.watch(partition, [&woken, who](auto&&...) { woken.push_back(who); });
  };
  const auto owner = watch({Kind::kAccount, kAccount.value}, 'o');
  const auto reader = watch({Kind::kAccount, kBob.value}, 'r');
  auto anyone = mailboxes->watch({{kAnyone, std::nullopt}});
  for (int round = 0; round < 10; ++round) {
    share(kInbox, kBob, kReader);
    EXPECT_TRUE(woken.ends_with("ror")) << woken;
    share(kInbox, kBob, {});
    EXPECT_TRUE(woken.ends_with("roro")) << woken;
  }
  share(kInbox, kAnyone, kReader);
  const auto wait = [](ChangeWatch* on) -> asio::awaitable<ChangeWatch::Woken> { co_return co_await on->wait({}); };
  EXPECT_EQ(run(wait(&anyone)), ChangeWatch::Woken::kChanged);
}

TEST_F(Sharing, HasItsLimits) {
  options.grants = 2;
  restart();
  share(kInbox, kBob, kReader);
  share(kInbox, kCarol, kReader);
  const auto change = [&](MailboxId mailbox, AccountId to) {
    return run(mailboxes->change_rights(kAccount, mailbox, to, {RightsChange::Mode::kSet, kReader})).error();
  };
  EXPECT_EQ(change(kInbox, AccountId(10)), MailboxError::kTooManyGrants);
  EXPECT_EQ(change(MailboxId(99), kBob), MailboxError::kNoSuchMailbox);
  share(kInbox, kBob, Rights::all());  // one that is there may change
  EXPECT_EQ(run(mailboxes->create(kAccount, "Shared", SpecialUse::kNone)).error(), MailboxError::kReservedName);
  EXPECT_EQ(run(mailboxes->rename(kAccount, "Trash", "Shared/x")).error(), MailboxError::kReservedName);
  EXPECT_TRUE(run(mailboxes->create(kAccount, "SharedToo", SpecialUse::kNone)));
}

TEST_F(Sharing, DoesNotBringAnErasedOwnerBack) {
  share(kInbox, kBob, kReader);
  must(mailboxes->erase_account(kAccount));
  EXPECT_THAT(must(mailboxes->sharers(kBob)), IsEmpty());
  EXPECT_THAT(must(mailboxes->shared(kAccount, kBob)), IsEmpty());
  EXPECT_EQ(must(mailboxes->rights(kAccount, kInbox, kBob)), Rights());
  const auto rows = run(engine.get({io::engine::Kind::kAccount, kAccount.value}, {keys::account()}));
  EXPECT_FALSE(rows->front()) << "looking made it anew";
}

TEST_F(Sharing, EndsWithTheReadersAccount) {
  const auto made = must(mailboxes->create(kAccount, "Plans", SpecialUse::kNone));
  share(made.id, kBob, kReader);
  share(kInbox, kBob, kReader);
  share(kInbox, kCarol, kReader);
  const auto before = must(mailboxes->highest_modseq(kAccount));
  must(mailboxes->erase_account(kBob));
  EXPECT_THAT(must(mailboxes->grants(kAccount)), ElementsAre(Grant{kInbox, kCarol, kReader}));
  EXPECT_GT(must(mailboxes->highest_modseq(kAccount)), before) << "whoever has one open looks again";
  restart();
  EXPECT_EQ(must(mailboxes->rights(kAccount, made.id, kBob)), Rights());
  EXPECT_THAT(must(mailboxes->accounts(AccountId(), 10)), ElementsAre(kAccount, kCarol));
  expect_verified();
}

TEST_F(Sharing, OfAnErasedOwnerIsNoHindranceToErasingTheReader) {
  share(kInbox, kBob, kReader);
  must(mailboxes->erase_account(kAccount));
  must(mailboxes->erase_account(kBob));
  must(mailboxes->erase_account(kBob));
  EXPECT_THAT(must(mailboxes->accounts(AccountId(), 10)), IsEmpty());
}

TEST_F(Sharing, IsTakenBackBeforeTheReaderIsErased) {
  using io::engine::StoreError;
  share(kInbox, kBob, kReader);
  share(kInbox, kAnyone, kReader);
  std::uint64_t met = 0;
  for (bool meets = true; meets; ++met) {
    SCOPED_TRACE(met + 1);
    restart();
    const auto fault = engine.operations() + met + 1;
    engine.plan_faults({fault, StoreError::kUnavailable, false, false});
    const auto erased = run(mailboxes->erase_account(kBob));
    meets = engine.operations() >= fault;
    EXPECT_EQ(erased.has_value(), !meets);
    engine.plan_faults({});
    restart();
    const auto accounts = must(mailboxes->accounts(AccountId(), 10));
    const bool bob_is_there = std::ranges::find(accounts, kBob) != accounts.end();
    EXPECT_EQ(bob_is_there, meets);
    const bool shared = must(mailboxes->grants(kAccount)).size() > 1;
    if (!bob_is_there) EXPECT_FALSE(shared);
    share(kInbox, kBob, kReader);
  }
  EXPECT_GE(met, 5U) << "reads and writes of both accounts";
}

TEST_F(Sharing, AnnotationsOfAReaderWhoIsErasedGoWhereverTheyAre) {  // RFC 5464 s3.3
  const auto made = must(mailboxes->create(kAccount, "Plans", SpecialUse::kNone)).id;
  share(kInbox, kAnyone, kReader);
  share(made, kBob, kReader);
  const std::vector<AnnotationPlace> places{
      {kInbox}, {kInbox, kAccount}, {kInbox, kCarol}, {kInbox, kBob}, {made, kBob}};
  const auto there = [&] {
    std::vector<bool> found;
    for (const auto& place : places)
      found.push_back(!must(mailboxes->annotations(kAccount, place, "/comment", AnnotationDepth::kOne)).empty());
    return found;
  };
  std::vector<AnnotationChange> changes;
  for (const auto& place : places) changes.push_back({place, "/comment", "v"});
  must(mailboxes->annotate(kAccount, std::move(changes)));
  must(mailboxes->erase_account(kBob));
  EXPECT_THAT(there(), ElementsAre(true, true, true, false, false));
  must(mailboxes->erase_account(kCarol));
  EXPECT_THAT(there(), ElementsAre(true, true, false, false, false)) << "without mailboxes of its own as well";
  const auto before = must(mailboxes->highest_modseq(kAccount));
  must(mailboxes->erase_account(kBob));
  EXPECT_EQ(must(mailboxes->highest_modseq(kAccount)), before) << "nothing to take back, no commit";
  expect_verified();
}

TEST_F(Sharing, IsTakenBackWhereItCanBeWhenTheReaderIsErased) {
  const auto made = must(mailboxes->create(kAccount, "Plans", SpecialUse::kNone)).id;
  share(kInbox, kBob, kReader);
  share(made, kBob, kReader);
  must(mailboxes->change_rights(kCarol, kInbox, kBob, {RightsChange::Mode::kSet, kReader}));
  io::engine::Batch damage;
  damage.put(keys::account(), "no account");
  ASSERT_TRUE(run(
      engine.commit({io::engine::Kind::kAccount, kCarol.value}, std::move(damage), io::engine::Durability::kSynced)));
  restart();
  EXPECT_TRUE(run(mailboxes->erase_account(kBob))) << "another one's damage keeps nobody";
  EXPECT_THAT(must(mailboxes->grants(kAccount)), IsEmpty());
}

TEST_F(Sharing, ForgetsHintsThatAreLongInVain) {
  share(kInbox, kBob, kReader);
  share(kInbox, kAnyone, kReader);
  share(kInbox, kBob, {});
  share(kInbox, kAnyone, {});
  const auto hints = [&] {
    const auto of_bob = run(engine.get({io::engine::Kind::kAccount, kBob.value}, {keys::sharer(kAccount)}));
    const auto of_all = run(engine.get({io::engine::Kind::kDirectory, 1}, {keys::sharer(kAccount)}));
    return (of_bob->front() ? 1 : 0) + (of_all->front() ? 1 : 0);
  };
  must(mailboxes->sweep(kBob));
  must(mailboxes->sweep(kAccount));
  EXPECT_EQ(hints(), 2) << "somebody may be sharing just now";
  clock.advance(std::chrono::hours(25));
  must(mailboxes->sweep(kBob));
  must(mailboxes->sweep(kAccount));
  EXPECT_EQ(hints(), 0);
  share(kInbox, kBob, kReader);
  clock.advance(std::chrono::hours(25));
  must(mailboxes->sweep(kBob));
  EXPECT_THAT(must(mailboxes->sharers(kBob)), ElementsAre(kAccount));
}

TEST_F(Sharing, IsAllOrNothingWhateverFails) {
  using io::engine::StoreError;
  for (const auto error : {StoreError::kUnavailable, StoreError::kUnknownOutcome}) {
    for (std::uint64_t n = 1; n < 8; ++n) {
      SCOPED_TRACE(n);
      restart();
      engine.plan_faults({engine.operations() + n, error, false, false});
      const auto done = run(mailboxes->change_rights(kAccount, kInbox, kBob, {RightsChange::Mode::kSet, kReader}));
      engine.plan_faults({});
      restart();
      if (done) EXPECT_THAT(must(mailboxes->sharers(kBob)), ElementsAre(kAccount));
      share(kInbox, kBob, {});
      expect_verified();
    }
  }
}

class Annotations : public test::MailboxesTest {
 protected:
  static constexpr AnnotationPlace kEverybodys{kInbox};
  static constexpr AnnotationPlace kBobs{kInbox, kBob};

  auto annotate(AnnotationPlace place, std::string name, std::optional<std::string> value) {
    std::vector<AnnotationChange> changes;
    changes.push_back({place, std::move(name), std::move(value)});
    return run(mailboxes->annotate(kAccount, std::move(changes)));
  }
  std::vector<std::string> names(AnnotationPlace place, std::string name, AnnotationDepth depth) {
    std::vector<std::string> found;
    for (const auto& annotation : must(mailboxes->annotations(kAccount, place, std::move(name), depth)))
      found.push_back(annotation.name + "=" + annotation.value);
    return found;
  }
};

TEST_F(Annotations, BelongToAMailboxOrTheAccountAndToOneReaderOrAll) {  // RFC 5464 s3.3
  ASSERT_TRUE(annotate(kEverybodys, "/comment", "ours"));
  ASSERT_TRUE(annotate(kBobs, "/comment", "mine"));
  ASSERT_TRUE(annotate({kWholeAccount}, "/admin", "someone"));
  restart();
  EXPECT_THAT(names(kEverybodys, "/comment", AnnotationDepth::kOne), ElementsAre("/comment=ours"));
  EXPECT_THAT(names(kBobs, "/comment", AnnotationDepth::kOne), ElementsAre("/comment=mine"));
  EXPECT_THAT(names({kInbox, kCarol}, "/comment", AnnotationDepth::kOne), IsEmpty());
  EXPECT_THAT(names({kWholeAccount}, "", AnnotationDepth::kAllBelow), ElementsAre("/admin=someone"));
  ASSERT_TRUE(annotate(kBobs, "/comment", std::nullopt));
  ASSERT_TRUE(annotate(kBobs, "/comment", std::nullopt));  // gone already
  EXPECT_THAT(names(kBobs, "/comment", AnnotationDepth::kOne), IsEmpty());
  expect_verified();
}

TEST_F(Annotations, AreNotedForThoseWhoFollowThem) {  // RFC 5465 s5.6
  const auto noted = [&](ModSeq since) {
    std::vector<std::string> found;
    for (const auto& note : must(mailboxes->annotation_notes(kAccount, since)).notes)
      found.push_back(std::to_string(note.place.mailbox.value) + "/" + std::to_string(note.place.reader.value) +
                      note.name + note.author);
    return found;
  };
  const auto before = must(mailboxes->highest_modseq(kAccount));
  ASSERT_TRUE(annotate(kEverybodys, "/comment", "ours"));
  std::vector<AnnotationChange> changes;
  changes.push_back({{kWholeAccount, kBob}, "/a", "1"});
  changes.push_back({kBobs, "/absent", std::nullopt});
  ASSERT_TRUE(run(mailboxes->annotate(kAccount, std::move(changes), " by me")));
  const auto between = must(mailboxes->annotation_notes(kAccount, before)).up_to;
  EXPECT_EQ(between, must(mailboxes->highest_modseq(kAccount)));
  EXPECT_THAT(noted(before), ElementsAre("1/0/comment", "0/8/a by me"));
  EXPECT_THAT(noted(between), IsEmpty());
  ASSERT_TRUE(annotate(kEverybodys, "/comment", std::nullopt));
  EXPECT_THAT(noted(between), ElementsAre("1/0/comment"));
  restart();
  EXPECT_THAT(noted(between), ElementsAre("0/8/a")) << "what is there, once it is not known what changed";
  EXPECT_THAT(noted(must(mailboxes->highest_modseq(kAccount))), IsEmpty());
}

TEST_F(Annotations, AreFoundByDepth) {  // RFC 5464 s4.2.2
  for (const auto* name : {"/filters", "/filters/values", "/filters/values/a", "/filtersx", "/other"})
    ASSERT_TRUE(annotate(kEverybodys, name, "v"));
  EXPECT_THAT(names(kEverybodys, "/filters", AnnotationDepth::kOne), ElementsAre("/filters=v"));
  EXPECT_THAT(names(kEverybodys, "/filters", AnnotationDepth::kChildren),
              ElementsAre("/filters=v", "/filters/values=v"));
  EXPECT_THAT(names(kEverybodys, "/filters", AnnotationDepth::kAllBelow),
              ElementsAre("/filters=v", "/filters/values=v", "/filters/values/a=v"));
  EXPECT_THAT(names(kEverybodys, "", AnnotationDepth::kChildren), ElementsAre("/filters=v", "/filtersx=v", "/other=v"));
}

TEST_F(Annotations, AreSetTogetherWithASpecialUseOrNeitherIs) {  // RFC 5464 s4.3
  options.annotations = 1;
  restart();
  const auto notes = must(mailboxes->create(kAccount, "Notes", SpecialUse::kNone)).id;
  const auto set = [&](std::vector<std::string> noted, SpecialUse use) {
    std::vector<AnnotationChange> changes;
    for (auto& name : noted) changes.push_back({{notes}, std::move(name), "v"});
    return run(mailboxes->annotate(kAccount, std::move(changes), "", GivenUse{notes, use}));
  };
  const auto use = [&] { return must(mailboxes->status(kAccount, notes)).special_use; };
  EXPECT_EQ(set({"/a"}, SpecialUse::kTrash).error(), MailboxError::kSpecialUseTaken);
  EXPECT_THAT(names({notes}, "", AnnotationDepth::kAllBelow), IsEmpty());
  EXPECT_EQ(set({"/a", "/b"}, SpecialUse::kImportant).error(), MailboxError::kTooManyAnnotations);
  EXPECT_EQ(use(), SpecialUse::kNone);
  const auto before = must(mailboxes->highest_modseq(kAccount));
  ASSERT_TRUE(set({"/a"}, SpecialUse::kImportant));
  EXPECT_EQ(must(mailboxes->highest_modseq(kAccount)).value, before.value + 1) << "one commit";
  EXPECT_EQ(use(), SpecialUse::kImportant);
  EXPECT_THAT(names({notes}, "", AnnotationDepth::kAllBelow), ElementsAre("/a=v"));
  expect_verified();
}

TEST_F(Annotations, HaveLimitsAndGoWithTheMailbox) {
  options.annotations = 2;
  options.annotation_octets = 5;
  restart();
  EXPECT_EQ(annotate(kEverybodys, "/a", "123456").error(), MailboxError::kAnnotationTooBig);
  EXPECT_EQ(annotate({MailboxId(77)}, "/a", "1").error(), MailboxError::kNoSuchMailbox);
  EXPECT_EQ(annotate(kEverybodys, "/" + std::string(400, 'n'), "1").error(), MailboxError::kNameTooLong);
  const auto made = must(mailboxes->create(kAccount, "a", SpecialUse::kNone));
  ASSERT_TRUE(annotate({made.id}, "/a", "1"));
  ASSERT_TRUE(annotate({made.id, kAccount}, "/a", "1"));
  EXPECT_EQ(annotate(kEverybodys, "/b", "1").error(), MailboxError::kTooManyAnnotations);
  ASSERT_TRUE(annotate({made.id}, "/a", "2"));  // one that is there may change
  must(mailboxes->remove_mailbox(kAccount, "a"));
  EXPECT_TRUE(annotate(kEverybodys, "/b", "1"));
  expect_verified();
}

TEST_F(Annotations, OfAReaderDoNotUseUpTheOwnersNorAnotherReaders) {
  options.annotations = 1;
  restart();
  const auto made = must(mailboxes->create(kAccount, "a", SpecialUse::kNone));
  std::vector<AnnotationChange> changes;
  for (std::size_t i = 0; i < kReaderAnnotations; ++i)
    changes.push_back({i % 2 == 0 ? kBobs : AnnotationPlace{made.id, kBob}, "/" + std::to_string(i), "v"});
  ASSERT_TRUE(run(mailboxes->annotate(kAccount, std::move(changes))));
  EXPECT_EQ(annotate(kBobs, "/more", "v").error(), MailboxError::kTooManyAnnotations);
  EXPECT_TRUE(annotate(kBobs, "/0", "changed"));
  EXPECT_TRUE(annotate({kInbox, kCarol}, "/comment", "v"));
  EXPECT_TRUE(annotate({kInbox, kAccount}, "/comment", "v"));
  EXPECT_EQ(annotate(kEverybodys, "/comment", "v").error(), MailboxError::kTooManyAnnotations);
  ASSERT_TRUE(annotate(kBobs, "/0", std::nullopt));
  EXPECT_TRUE(annotate(kBobs, "/more", "v"));
}

TEST_F(Annotations, OfAReaderGoWithTheLastOfItsRights) {
  const auto grant = [&](AccountId to, Rights rights) {
    must(mailboxes->change_rights(kAccount, kInbox, to, {RightsChange::Mode::kSet, rights}));
  };
  const auto made = must(mailboxes->create(kAccount, "a", SpecialUse::kNone));
  const std::vector<AnnotationPlace> places{kEverybodys, {kInbox, kAccount}, kBobs, {kInbox, kCarol}, {made.id, kBob}};
  for (const auto& place : places) ASSERT_TRUE(annotate(place, "/comment", "v"));
  const auto there = [&] {
    std::vector<bool> found;
    for (const auto& place : places) found.push_back(!names(place, "/comment", AnnotationDepth::kOne).empty());
    return found;
  };
  grant(kBob, kReader);
  grant(kAnyone, {Right::kLookup});
  grant(kBob, {});
  EXPECT_THAT(there(), ElementsAre(true, true, true, true, true)) << "everybody may look still";
  grant(kBob, kReader);
  grant(kAnyone, {});
  EXPECT_THAT(there(), ElementsAre(true, true, true, false, true));
  must(mailboxes->change_rights(kAccount, kInbox, kBob, {RightsChange::Mode::kRemove, {Right::kRead}}));
  EXPECT_THAT(there(), ElementsAre(true, true, true, false, true));
  must(mailboxes->change_rights(kAccount, kInbox, kBob, {RightsChange::Mode::kRemove, {Right::kLookup}}));
  EXPECT_THAT(there(), ElementsAre(true, true, false, false, true)) << "of another mailbox they stay";
  expect_verified();
}

}  // namespace
}  // namespace veredus::state::mailbox
