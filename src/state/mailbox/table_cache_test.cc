#include "state/mailbox/table_cache.h"

#include <gtest/gtest.h>

#include <optional>

namespace veredus::state::mailbox {
namespace {

constexpr AccountId kAccount{7};
constexpr MailboxId kMailbox{1};
constexpr std::size_t kMany = 600;

std::shared_ptr<const MessageTable> table_of(std::size_t count, ModSeq as_of) {
  std::vector<Message> messages(count);
  for (std::size_t i = 0; i < count; ++i) messages[i].uid = Uid(static_cast<std::uint32_t>(i + 1));
  return MessageTable::of(UidValidity(4), as_of, std::move(messages));
}

TEST(TableCache, LetsATableBeStoredThatDiffersInAsMuchAsItHas) {
  TableCache cache(1 << 20);
  EXPECT_FALSE(cache.claim_stale(kAccount, kMailbox));
  cache.put(kAccount, kMailbox, table_of(kMany, ModSeq(1)), kMany);
  EXPECT_FALSE(cache.claim_stale(kAccount, kMailbox));
  cache.put(kAccount, kMailbox, table_of(kMany, ModSeq(2)), 1);
  EXPECT_TRUE(cache.claim_stale(kAccount, kMailbox));
  EXPECT_FALSE(cache.claim_stale(kAccount, kMailbox)) << "it is stored by now";
  cache.put(kAccount, kMailbox, table_of(kWorthStoring - 1, ModSeq(3)), 10 * kMany);
  EXPECT_FALSE(cache.claim_stale(kAccount, kMailbox)) << "it is small";
}

TEST(TableCache, LetsOneAtATimeStoreAMailbox) {
  std::optional<TableCache> cache(std::in_place, 1 << 20);
  const auto change = [&cache](MailboxId mailbox, ModSeq as_of) {
    cache->put(kAccount, mailbox, table_of(kMany, as_of), 2 * kMany);
  };
  change(kMailbox, ModSeq(1));
  auto claim = cache->claim_stale(kAccount, kMailbox);
  EXPECT_TRUE(claim);
  change(kMailbox, ModSeq(2));
  EXPECT_FALSE(cache->claim_stale(kAccount, kMailbox));
  const MailboxId other(2);
  change(other, ModSeq(2));
  EXPECT_TRUE(cache->claim_stale(kAccount, other));
  claim = nullptr;
  claim = cache->claim_stale(kAccount, kMailbox);
  EXPECT_TRUE(claim) << "what was refused is not forgotten";
  cache.reset();
  claim = nullptr;  // of a task that ends later than all
}

}  // namespace
}  // namespace veredus::state::mailbox
