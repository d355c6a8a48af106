#include "work/delivery/queue_entries.h"

#include <gtest/gtest.h>

#include <set>

#include "io/engine/limits.h"

namespace veredus::work::delivery {
namespace {

using state::spool::QueueEntry;
using state::spool::SpooledMessage;

SpooledMessage message_to(std::size_t recipients, std::size_t original_octets) {
  SpooledMessage message{.id = {}, .received_at = SystemTime(std::chrono::hours(500'000)), .sender = "alice@demo.test"};
  message.trace = "Received: from somewhere\r\n";
  message.octets = 100;
  message.chunks = 1;
  for (std::size_t i = 0; i < recipients; ++i) {
    state::spool::SpooledRemote remote{.address = "reader" + std::to_string(i) + "@elsewhere.test", .route = {}};
    if (original_octets > 0)
      remote.original = wire::smtp::OriginalRecipient{.type = "rfc822", .address = std::string(original_octets, 'x')};
    message.remotes.push_back(std::move(remote));
  }
  return message;
}

std::set<std::string> addresses_of(const ShardEntries& shard) {
  std::set<std::string> addresses;
  for (const auto& entry : shard.entries)
    for (const auto& recipient : entry.recipients) addresses.insert(recipient.address);
  return addresses;
}

TEST(QueueEntries, AreCutWhereARowWouldBecomeTooLongForTheStore) {
  const auto message = message_to(500, 2'000);
  const auto shards = queue_entries(message, {});
  ASSERT_EQ(shards.size(), 1U);
  EXPECT_EQ(shards[0].entries.size(), 2U);
  EXPECT_EQ(addresses_of(shards[0]).size(), 500U);
  std::set<state::spool::EntryId> ids;
  for (QueueEntry entry : shards[0].entries) {
    ids.insert(entry.id);
    for (auto& recipient : entry.recipients)
      recipient.last_reply.assign(2 * state::spool::kMaxLastReplyOctets, 'r');  // the longest that can come
    entry.route.assign(64, 'r');
    EXPECT_LE(encode_queue_entry(entry).size(), io::engine::kMaxValueOctets);
  }
  EXPECT_EQ(ids.size(), 2U);
  EXPECT_EQ(queue_entries(message, {})[0].entries, shards[0].entries);
}

TEST(QueueEntries, HoldOneRecipientOfBulkMailAndOfAListsPost) {
  auto bulk = message_to(3, 0);
  bulk.traffic = state::spool::TrafficClass::kBulk;
  EXPECT_EQ(queue_entries(bulk, {}).at(0).entries.size(), 3U);
  auto post = message_to(3, 0);
  post.passages.push_back({.sender = "team-bounces@demo.test", .fields = {}, .is_list = true});
  post.remotes[0].passage = post.remotes[1].passage = 1;
  const auto shards = queue_entries(post, {});
  ASSERT_EQ(shards.at(0).entries.size(), 3U);
  EXPECT_EQ(shards[0].entries[0].sender, "team-bounces@demo.test");
  EXPECT_EQ(shards[0].entries[2].sender, "alice@demo.test");
}

TEST(QueueEntries, HoldFiveHundredRecipientsOfADomain) {
  const auto shards = queue_entries(message_to(1'001, 0), {});
  ASSERT_EQ(shards.size(), 1U);
  ASSERT_EQ(shards[0].entries.size(), 3U);
  EXPECT_EQ(shards[0].entries[0].recipients.size(), 500U);
  EXPECT_EQ(shards[0].entries[2].recipients.size(), 1U);
}

}  // namespace
}  // namespace veredus::work::delivery
