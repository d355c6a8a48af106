#include "state/mailbox/email_locations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/mailboxes_fixture.h"

namespace veredus::state::mailbox {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LocationsOfMany : public test::MailboxesTest {
 protected:
  void fill(std::uint32_t count) {
    for (std::uint32_t done = 0; done < count; done += 500)
      must(mailboxes->append_all(kAccount, std::vector<NewMessage>(std::min(count - done, 500U), message("x")), {}));
  }
  UidSet every(std::uint32_t step, std::uint32_t count) {
    UidSet some;
    for (std::uint32_t uid = step; uid <= count; uid += step) some.add(Uid(uid));
    return some;
  }
  std::vector<Location> of(EmailId email) { return must(mailboxes->email(kAccount, email)).locations; }

  MailboxId copies = must(mailboxes->create(kAccount, "copies", SpecialUse::kNone)).id;
};

TEST_F(LocationsOfMany, AreKeptWhicheverOfThemGo) {
  struct Case {
    std::uint32_t messages;
    std::uint32_t step;  // of those that go
  };
  // Few; all of a scan; one in ten, so that most rows of a scan are others'; several scans.
  for (const auto& c : {Case{40, 1}, Case{100, 1}, Case{1000, 10}, Case{3000, 1}, Case{3000, 2}}) {
    SCOPED_TRACE(c.messages * 10 + c.step);
    const auto first = status().uid_next.value;
    fill(c.messages);
    const auto before = all();
    must(mailboxes->copy(kAccount, kInbox, UidSet::all(), copies, {}));
    UidSet going;
    for (const auto& range : every(c.step, c.messages).ranges())
      going.add({Uid(first - 1 + range.first.value), Uid(first - 1 + range.last.value)});
    EXPECT_EQ(must(mailboxes->expunge(kAccount, kInbox, going)).uids, going);
    for (const auto& message : before) {
      const auto locations = of(message.body.email);
      ASSERT_EQ(locations.size(), going.contains(message.uid) ? 1u : 2u);
      ASSERT_EQ(locations.back().mailbox, copies);
    }
    must(mailboxes->expunge(kAccount, copies, UidSet::all()));
    for (const auto& message : before) {
      if (going.contains(message.uid)) {
        ASSERT_THAT(of(message.body.email), IsEmpty());
      } else {
        ASSERT_THAT(of(message.body.email), ElementsAre(Location{kInbox, message.uid}));
      }
    }
    must(mailboxes->expunge(kAccount, kInbox, UidSet::all()));
    expect_verified();
  }
}

TEST_F(LocationsOfMany, OfAnEmailThatIsThereTwiceAreBothLeft) {
  fill(100);
  must(mailboxes->copy(kAccount, kInbox, UidSet::all(), kInbox, {}));
  const auto before = all();
  ASSERT_EQ(before.size(), 200u);
  must(mailboxes->expunge(kAccount, kInbox, UidSet::all()));
  for (const auto& message : before) EXPECT_THAT(of(message.body.email), IsEmpty());
  EXPECT_EQ(must(mailboxes->usage(kAccount)).octets, 0u);
  expect_verified();
}

TEST_F(LocationsOfMany, FollowMovesAsTheyFollowExpunges) {
  fill(3000);
  must(mailboxes->move(kAccount, kInbox, every(3, 3000), copies));
  must(mailboxes->move(kAccount, copies, UidSet::all(), kInbox));
  EXPECT_EQ(all().size(), 3000u);
  expect_verified();
}

}  // namespace
}  // namespace veredus::state::mailbox
