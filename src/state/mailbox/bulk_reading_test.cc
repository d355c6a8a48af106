#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>
#include <utility>

#include "state/mailbox/keys.h"
#include "support/mailboxes_fixture.h"

/// Reading many messages.
namespace veredus::state::mailbox {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class BulkReading : public test::MailboxesTest {};

TEST_F(BulkReading, FindsTheSameEmailsTogetherAndOneByOne) {
  std::vector<EmailId> ids;
  for (int i = 0; i < 300; ++i) {
    auto made = message();
    made.content.subject_utf8 = std::to_string(i);
    made.content.fields = {{"Subject", " x"}, {"From", " a@example.org"}};
    made.content.references = {"a@example.org", "b@example.org"};
    ids.push_back(append(made).email);
  }
  const auto read = [&](std::vector<EmailId> wanted) {
    std::vector<std::string> subjects;
    while (!wanted.empty()) {
      const auto some = must(mailboxes->stored_emails(kAccount, wanted, 20'000));
      if (some.empty()) throw std::runtime_error("no progress");
      for (const auto& email : some)
        subjects.push_back(email.there() ? std::string(email.view().subject_utf8) : "none");
      wanted.erase(wanted.begin(), wanted.begin() + std::ssize(some));
    }
    return subjects;
  };
  const auto view = [&](const std::vector<EmailId>& wanted, Again again = Again::kMaybe) {
    std::vector<std::string> subjects(wanted.size(), "none");
    for (std::size_t seen = 0; seen < wanted.size();) {
      const auto see = [&](std::size_t place, const EmailView& email) {
        EXPECT_EQ(std::exchange(subjects.at(seen + place), std::string(email.subject_utf8)), "none");
      };
      const auto more = must(mailboxes->view_emails(kAccount, std::span(wanted).subspan(seen), 20'000, again, see));
      if (more == 0) throw std::runtime_error("no progress");
      seen += more;
    }
    return subjects;
  };
  std::vector<std::string> want;
  for (int i = 0; i < 300; ++i) want.push_back(std::to_string(i));
  EXPECT_EQ(read(ids), want);
  EXPECT_EQ(view(ids), want);
  EXPECT_EQ(view(ids, Again::kNo), want);
  std::vector<EmailId> gaps;  // too few of those that lie between them for a scan
  for (std::size_t i = 0; i < ids.size(); i += 4) gaps.insert(gaps.end(), {ids[i], EmailId(ids[i].value + 1)});
  EXPECT_EQ(view(gaps), read(gaps));
  EXPECT_THAT(view({ids[200], ids[3], ids[3], EmailId(5), ids[299]}), ElementsAre("200", "3", "3", "none", "299"));
  EXPECT_THAT(view({}), IsEmpty());
  EXPECT_THAT(read({ids[200], ids[3], ids[3], EmailId(5), ids[299]}), ElementsAre("200", "3", "3", "none", "299"));
  EXPECT_THAT(read({ids[0], ids[150], ids[299]}), ElementsAre("0", "150", "299")) << "far apart";
  EXPECT_THAT(read({EmailId(1), ids[0], ids[1], EmailId(ids[1].value + 1), ids[2], EmailId(ids[299].value + 2)}),
              ElementsAre("none", "0", "1", "none", "2", "none"));
  EXPECT_THAT(read({}), IsEmpty());
  const auto one = must(mailboxes->stored_emails(kAccount, {ids[7]}, 1));
  ASSERT_EQ(one.size(), 1U);
  const auto whole = must(mailboxes->email(kAccount, ids[7]));
  std::vector<std::string> fields;
  one[0].view().fields.for_each_pair(
      [&](std::string_view name, std::string_view value) { fields.push_back(std::string(name).append(value)); });
  EXPECT_THAT(fields, ElementsAre("Subject x", "From a@example.org"));
  EXPECT_EQ(one[0].view().references.size(), whole.content.references.size());
  EXPECT_EQ(one[0].view().envelope, whole.content.envelope);
}

TEST_F(BulkReading, EndsAtADamagedRow) {
  std::vector<EmailId> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(append(message()).email);
  io::engine::Batch batch;
  batch.keep_version().put(keys::email(ids[70]), "damaged");
  const io::engine::Partition partition{io::engine::Kind::kAccount, kAccount.value};
  ASSERT_TRUE(run(engine.commit(partition, std::move(batch), io::engine::Durability::kSynced)));
  std::size_t seen = 0;
  const auto view = [&](const std::vector<EmailId>& wanted) {
    seen = 0;
    const auto see = [&](std::size_t /*place*/, const EmailView& /*email*/) { ++seen; };
    return run(mailboxes->view_emails(kAccount, wanted, 1'000'000, Again::kNo, see));
  };
  EXPECT_EQ(view(ids).error(), MailboxError::kCorrupt);
  EXPECT_EQ(seen, 70u);
  EXPECT_EQ(view({ids[80], ids[70], ids[60]}).error(), MailboxError::kCorrupt) << "one by one";
  EXPECT_EQ(view({ids[80], ids[60]}), 2u);
}

TEST_F(BulkReading, SaysThatTheStoreFailed) {
  std::vector<EmailId> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(append(message()).email);
  for (const std::vector<EmailId>& wanted : {ids, std::vector<EmailId>{ids[9], ids[3]}}) {
    engine.plan_faults({.fail_at = engine.operations() + 1});
    const auto see = [](std::size_t /*place*/, const EmailView& /*email*/) { ADD_FAILURE(); };
    EXPECT_FALSE(run(mailboxes->view_emails(kAccount, wanted, 1'000'000, Again::kNo, see)));
  }
}

TEST_F(BulkReading, KnowsWhatNeedNotBeBroughtAgain) {
  auto made = message();
  made.dedupe = DedupeKey{{1}, clock.now() + std::chrono::hours(1)};
  append(made);
  const auto there = must(mailboxes->already_there(kAccount, {{1}, {2}}));
  ASSERT_TRUE(there[0]);
  EXPECT_EQ(there[0]->at, (Location{kInbox, Uid(1)}));
  EXPECT_EQ(there[0]->source_flags, std::nullopt);
  EXPECT_FALSE(there[1]);
  clock.advance(std::chrono::hours(2));
  EXPECT_FALSE(must(mailboxes->already_there(kAccount, {{1}}))[0]);
}

TEST_F(BulkReading, RemembersTheFlagsAMessageHadAtItsSource) {
  auto made = message();
  made.flags = {Flag::kSeen};
  made.keywords = {"$Junk"};
  made.dedupe = DedupeKey{{1}, clock.now() + std::chrono::hours(1), DedupeKey::Flags::kRemembered};
  append(made);
  const auto source = [&] { return must(mailboxes->already_there(kAccount, {{1}}))[0]->source_flags; };
  EXPECT_EQ(source(), (SourceFlags{{Flag::kSeen}, {"$Junk"}}));
  must(mailboxes->remember_source_flags(kAccount, {{{1}, {{Flag::kFlagged}, {}}}, {{2}, {{Flag::kFlagged}, {}}}}));
  EXPECT_EQ(source(), (SourceFlags{{Flag::kFlagged}, {}}));
  EXPECT_FALSE(must(mailboxes->already_there(kAccount, {{2}}))[0]);
  EXPECT_EQ(all()[0].flags, (FlagSet{Flag::kSeen}));  // the message's own are nobody's business here
  expect_verified();
}

TEST_F(BulkReading, MarksAreTheRowsInShort) {
  for (int i = 0; i < 5; ++i) append(message());
  must(mailboxes->store_flags(kAccount, kInbox, UidSet(Uid(2)), {FlagChange::Mode::kAdd, {Flag::kSeen}, {"k"}, {}}));
  must(mailboxes->expunge(kAccount, kInbox, UidSet(Uid(4))));
  const auto marks = must(mailboxes->marks(kAccount, kInbox));
  const auto rows = all();
  ASSERT_EQ(marks.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    EXPECT_EQ(marks[i], (MessageMark{rows[i].uid, rows[i].flags, rows[i].modseq, rows[i].keywords}));
  EXPECT_EQ(run(mailboxes->marks(kAccount, MailboxId(99))).error(), MailboxError::kNoSuchMailbox);
}

}  // namespace
}  // namespace veredus::state::mailbox
