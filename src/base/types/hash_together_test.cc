#include "base/types/hash_together.h"

#include <gtest/gtest.h>

#include <set>

#include "base/types/ids.h"

namespace veredus {
namespace {

TEST(HashTogether, TellsNeighboursApart) {
  std::set<std::size_t> hashes;
  for (std::uint64_t account = 0; account < 100; ++account)
    for (std::uint32_t mailbox = 0; mailbox < 100; ++mailbox)
      hashes.insert(PairHash()(std::pair(AccountId(account), MailboxId(mailbox))));
  EXPECT_EQ(hashes.size(), 10'000U);
}

TEST(HashTogether, MindsTheOrder) { EXPECT_NE(hash_together(1, 2), hash_together(2, 1)); }

}  // namespace
}  // namespace veredus
