#include "work/queue/brakes.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "base/codec/hex.h"

namespace veredus::work::queue {
namespace {

using namespace std::chrono_literals;

const SystemTime kNow{std::chrono::sys_days(std::chrono::year(2026) / 3 / 14) + 9h};

TEST(SendingRecord, HoldsTheMessageAfterTheLastThatMayGoInAnHour) {
  SendingRecord record;
  const BrakeLimits limits{.messages_per_hour = 3};
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(record.check(limits, {}, kNow + i * 1min));
    record.count_message({}, kNow + i * 1min);
  }
  const auto braked = record.check(limits, {}, kNow + 5min);
  ASSERT_TRUE(braked);
  EXPECT_EQ(braked->brake, Brake::kMessagesPerHour);
  EXPECT_EQ(to_string(*braked), "more than 3 messages per hour");
  ASSERT_TRUE(braked->until);
  EXPECT_EQ(*braked->until, kNow + 1h);
  EXPECT_TRUE(record.check(limits, {}, kNow + 59min));
  EXPECT_FALSE(record.check(limits, {}, *braked->until));
}

TEST(SendingRecord, CountsADayByTheHour) {
  SendingRecord record;
  const BrakeLimits limits{.messages_per_hour = 0, .messages_per_day = 2};
  record.count_message({}, kNow);
  record.count_message({}, kNow + 3h);
  const auto braked = record.check(limits, {}, kNow + 4h);
  ASSERT_TRUE(braked);
  EXPECT_EQ(braked->brake, Brake::kMessagesPerDay);
  EXPECT_EQ(braked->until, kNow + 24h);
  EXPECT_FALSE(record.check(limits, {}, kNow + 24h));
  EXPECT_EQ(record.messages_in_day(kNow + 24h), 1U);
}

TEST(SendingRecord, HoldsAMessageToTooManyUntilSomebodyLooksAtIt) {
  const auto braked = SendingRecord().check({.recipients_per_message = 10}, {.recipients = 11}, kNow);
  ASSERT_TRUE(braked);
  EXPECT_EQ(braked->brake, Brake::kRecipientsPerMessage);
  EXPECT_FALSE(braked->until);
}

TEST(SendingRecord, PartsOfAMessageCountAsOne) {
  SendingRecord record;
  const BrakeLimits limits{.messages_per_hour = 1, .recipients_per_message = 10};
  record.count_message({.recipients = 6}, kNow);
  EXPECT_FALSE(record.check(limits, {.recipients = 9, .continued = true}, kNow));
  record.count_message({.recipients = 9, .continued = true}, kNow);
  EXPECT_EQ(record.messages_in_hour(kNow), 1U);
  EXPECT_EQ(record.check(limits, {.recipients = 11, .continued = true}, kNow)->brake, Brake::kRecipientsPerMessage);
}

TEST(SendingRecord, HoldsMailToStrangersBeyondTheirNumber) {
  SendingRecord record;
  const BrakeLimits limits{.new_recipients_per_day = 5};
  record.count_message({.recipients = 4, .new_recipients = 4}, kNow);
  EXPECT_FALSE(record.check(limits, {.recipients = 9, .new_recipients = 1}, kNow));
  EXPECT_FALSE(record.check(limits, {.recipients = 9}, kNow));
  EXPECT_EQ(record.check(limits, {.recipients = 2, .new_recipients = 2}, kNow)->until, kNow + 24h);
  EXPECT_FALSE(record.check(limits, {.recipients = 9, .new_recipients = 6}, kNow)->until);
}

TEST(SendingRecord, HoldsWhoseMailBounces) {
  SendingRecord record;
  const BrakeLimits limits{.bounce_percent = 10, .bounce_from = 20};
  for (int i = 0; i < 19; ++i) record.count_result(i < 3, kNow);
  EXPECT_FALSE(record.check(limits, {}, kNow));  // too few to tell
  record.count_result(false, kNow);
  EXPECT_EQ(record.check(limits, {}, kNow)->brake, Brake::kBounceRatio);
  for (int i = 0; i < 20; ++i) record.count_result(false, kNow);
  EXPECT_FALSE(record.check(limits, {}, kNow));
}

/// A row as released versions wrote it (docs/formats/rate.md).
std::string golden(const std::string& name) {
  std::ifstream file(std::string(VEREDUS_SOURCE_DIR) + "/test/data/formats/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(SendingRecord, IsOnDiskAsItsFormatSays) {
  SendingRecord record;
  record.count_message({.recipients = 300, .new_recipients = 200}, kNow);
  record.count_message({}, kNow + 10min);
  record.count_result(true, kNow + 1h);
  EXPECT_EQ(base::codec::hex_encode(record.encode()) + "\n", golden("sending-record-1.hex"));
}

TEST(SendingRecord, IsReadBackAsItWasWritten) {
  SendingRecord record;
  for (int i = 0; i < 30; ++i) {
    record.count_message({.recipients = 2, .new_recipients = 1}, kNow + i * 1h);
    record.count_result(i % 3 == 0, kNow + i * 1h);
  }
  const auto read = SendingRecord::decode(record.encode());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->encode(), record.encode());
  EXPECT_EQ(read->messages_in_day(kNow + 29h), 24U);
  EXPECT_FALSE(SendingRecord::decode(""));
  EXPECT_FALSE(SendingRecord::decode(record.encode() + "x"));
  EXPECT_FALSE(SendingRecord::decode(record.encode().substr(0, 9)));
  EXPECT_TRUE(SendingRecord().empty(kNow));
  EXPECT_FALSE(record.empty(kNow + 30h));
  EXPECT_TRUE(record.empty(kNow + 60h));
}

}  // namespace
}  // namespace veredus::work::queue
