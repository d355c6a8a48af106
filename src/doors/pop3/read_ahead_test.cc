#include "doors/pop3/read_ahead.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace veredus::doors::pop3 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint32_t kChunk = 256 * 1024;

Maildrop maildrop_of(const std::vector<std::uint64_t>& sizes) {
  Maildrop maildrop(AccountId(1), UidValidity(1), ModSeq(1));
  std::uint32_t uid = 0;
  for (const auto octets : sizes) {
    state::mailbox::Message message;
    message.uid = Uid(++uid);
    message.body = {EmailId(uid), octets, static_cast<std::uint32_t>(std::min<std::uint64_t>(octets, kChunk))};
    maildrop.add(message);
  }
  return maildrop;
}

TEST(ReadAhead, ReadsOneAloneUntilTheNextIsAskedFor) {
  const auto maildrop = maildrop_of({1000, 1000, 1000, 1000});
  ReadAhead ahead;
  EXPECT_FALSE(ahead.take(1));
  EXPECT_THAT(ahead.wanted(maildrop, 1), IsEmpty());
  EXPECT_FALSE(ahead.take(2));
  EXPECT_THAT(ahead.wanted(maildrop, 2), ElementsAre(2, 3, 4));
}

TEST(ReadAhead, GivesEachOnceAndForgetsTheRestWhenOneJumps) {
  const auto maildrop = maildrop_of({1000, 1000, 1000, 1000, 1000, 1000});
  ReadAhead ahead;
  (void)ahead.take(1);
  (void)ahead.take(2);
  for (const auto number : ahead.wanted(maildrop, 2)) ahead.put(number, std::string(number, 'x'));
  EXPECT_EQ(ahead.take(2), "xx");
  EXPECT_EQ(ahead.take(3), "xxx");
  EXPECT_FALSE(ahead.take(3));
  EXPECT_FALSE(ahead.take(1));
  EXPECT_THAT(ahead.wanted(maildrop, 1), IsEmpty());
  EXPECT_FALSE(ahead.take(4));
}

TEST(ReadAhead, StopsAtItsLimitsAndAtWhatIsInSeveralPieces) {
  ReadAhead ahead;
  (void)ahead.take(1);
  (void)ahead.take(2);
  EXPECT_THAT(ahead.wanted(maildrop_of({9, 60'000, 60'000, 60'000}), 2), ElementsAre(2, 3));
  EXPECT_THAT(ahead.wanted(maildrop_of({9, 9, 9, 2 * kChunk, 9}), 2), ElementsAre(2, 3));
  EXPECT_THAT(ahead.wanted(maildrop_of({9, 9, 2 * kChunk}), 2), IsEmpty()) << "one is read alone";
  EXPECT_THAT(ahead.wanted(maildrop_of(std::vector<std::uint64_t>(200, 10)), 2), SizeIs(ReadAhead::kMessages));
}

TEST(ReadAhead, LeavesOutWhatIsDeletedOrSentWithAnotherHeader) {
  auto maildrop = maildrop_of({9, 9, 9, 9});
  maildrop.mark_deleted(3);
  ReadAhead ahead;
  (void)ahead.take(1);
  (void)ahead.take(2);
  EXPECT_THAT(ahead.wanted(maildrop, 2), ElementsAre(2, 4));
  auto rewritten = maildrop_of({9, 9, 9});
  rewritten.rewrite_last(4, 6);
  EXPECT_THAT(ahead.wanted(rewritten, 2), IsEmpty());
}

}  // namespace
}  // namespace veredus::doors::pop3
