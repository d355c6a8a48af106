#include "doors/imap/message_limit.h"

#include <gtest/gtest.h>

namespace veredus::doors::imap {
namespace {

using state::mailbox::UidRange;
using state::mailbox::UidSet;

UidSet some() {
  UidSet set;
  set.add(UidRange{Uid(1), Uid(3)});
  set.add(UidRange{Uid(10), Uid(14)});
  return set;
}

std::string shown(const UidSet& set) {
  std::string out;
  for (const auto& range : set.ranges())
    out += std::to_string(range.first.value) + ":" + std::to_string(range.last.value) + " ";
  return out;
}

TEST(Partial, CountsFromEitherEnd) {  // RFC 9394 s3.1
  EXPECT_EQ(shown(partial(some(), {1, 2})), "1:2 ");
  EXPECT_EQ(shown(partial(some(), {3, 5})), "3:3 10:11 ");
  EXPECT_EQ(shown(partial(some(), {-1, -2})), "13:14 ");
  EXPECT_EQ(shown(partial(some(), {-5, -8})), "1:3 10:10 ");
  EXPECT_EQ(shown(partial(some(), {7, 100})), "13:14 ");
  EXPECT_EQ(shown(partial(some(), {9, 10})), "");
  EXPECT_EQ(shown(partial(some(), {-9, -10})), "");
}

}  // namespace
}  // namespace veredus::doors::imap
