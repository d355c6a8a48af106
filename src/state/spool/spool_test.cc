#include "state/spool/spool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "base/codec/hex.h"
#include "io/engine/memory_engine.h"
#include "support/run.h"

namespace veredus::state::spool {
namespace {

using io::engine::MemoryEngine;
using io::engine::StoreError;
using namespace std::chrono_literals;

constexpr SystemTime kNow{std::chrono::milliseconds{1'790'000'000'123}};

QueueId id_at(SystemTime time, std::uint16_t origin) {
  const auto since = static_cast<std::uint64_t>((time - kQueueIdEpoch).count());
  return QueueId::make(since << kQueueIdSequenceBits, origin);
}

SpooledMessage message_of(const QueueId& id, std::uint32_t chunks) {
  SpooledMessage message;
  message.id = id;
  message.received_at = kNow;
  message.sender = "alice@demo.test";
  message.trace = "Received: by mx.demo.test\r\n";
  message.octets = 5;
  message.chunks = chunks;
  message.targets = {{.account = AccountId(1), .delivered_to = "bob@demo.test", .detail = ""},
                     {.account = AccountId(0x0102030405060708), .delivered_to = "carol+x@demo.test", .detail = "x"}};
  return message;
}

class SpoolTest : public ::testing::Test {
 protected:
  template <class T>
  T run(asio::awaitable<T> work) {
    return test::run(io_, std::move(work));
  }

  asio::io_context io_;
  FixedClock clock_{kNow};
  MemoryEngine engine_{{.clock = &clock_}};
  Spool spool_{engine_, clock_, {}};
};

TEST(QueueId, IsSixteenCharactersThatReadBack) {
  const auto id = id_at(kNow, 0xBEEF);
  EXPECT_EQ(to_string(id).size(), 16U);
  EXPECT_EQ(parse_queue_id(to_string(id)), id);
  EXPECT_EQ(id.made_at(), kNow);
  for (const std::string_view bad : {"", "0", "0123456789abcde", "0123456789abcdefg", "0123456789abcde!"}) {
    SCOPED_TRACE(bad);
    EXPECT_FALSE(parse_queue_id(bad));
  }
}

TEST(QueueId, SortsByTimeInEveryForm) {
  const auto earlier = id_at(kNow, 0xFFFF);
  const auto later = id_at(kNow + 1ms, 0);
  EXPECT_LT(earlier, later);
  EXPECT_LT(to_string(earlier), to_string(later));
  EXPECT_LT(envelope_key(earlier), envelope_key(later));
}

TEST(SlotOf, SpreadsIdsOverAllSlots) {
  std::array<int, kSlots> seen{};
  for (int i = 0; i < 1600; ++i) ++seen[slot_of(id_at(kNow + std::chrono::milliseconds(i), 7))];
  for (const int count : seen) EXPECT_GT(count, 40);
}

std::string golden(const std::string& name) {
  std::ifstream file(std::string(VEREDUS_SOURCE_DIR) + "/test/data/formats/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Also for places elsewhere, every field with a value of its own.
SpooledMessage full_message() {
  auto message = message_of(id_at(kNow, 0xBEEF), 3);
  const wire::smtp::OriginalRecipient original{.type = "rfc822", .address = "list@demo.test"};
  message.targets[1].notify = wire::smtp::Notify{.never = true};
  message.targets[1].original = original;
  message.targets[1].passage = 2;
  message.remotes = {{.address = "dave@example.org",
                      .route = "smart",
                      .notify = wire::smtp::Notify{.delay = true},
                      .original = original,
                      .passage = 1},
                     {.address = "erin@example.org"}};
  message.passages = {{.sender = "list-bounces@demo.test", .fields = "List-Id: <list.demo.test>\r\n", .is_list = true},
                      {.sender = std::nullopt, .fields = "Resent-To: x@demo.test\r\n"}};
  message.mail.envelope_id = "QQ314159";
  message.mail.smtputf8 = true;
  message.mail.hold_until = kNow + 1h;
  message.submitter = AccountId(7);
  message.traffic = TrafficClass::kBulk;
  message.sender_key = 99;
  message.pool = "bulk";
  message.junk = true;
  return message;
}

TEST(EncodeSpooled, StaysAsItWasReleased) {  // docs/formats/intake.md
  const auto message = full_message();
  EXPECT_EQ(base::codec::hex_encode(encode_spooled(message)) + "\n", golden("intake-envelope-3.hex"));
  EXPECT_EQ(decode_spooled(message.id, encode_spooled(message)), message);
}

TEST(DecodeSpooled, ReadsWhatTheSecondReleaseWrote) {  // docs/formats/intake.md
  auto hex = golden("intake-envelope-2.hex");
  hex.pop_back();
  const auto row = base::codec::hex_decode(hex);
  ASSERT_TRUE(row);
  auto message = full_message();
  message.junk = false;
  EXPECT_EQ(decode_spooled(message.id, *row), message);
}

TEST(DecodeSpooled, ReadsWhatTheFirstReleaseWrote) {  // docs/formats/intake.md
  const auto row = base::codec::hex_decode(golden("intake-envelope-1.hex").substr(0, 236));
  ASSERT_TRUE(row);
  const auto message = message_of(id_at(kNow, 0xBEEF), 3);
  EXPECT_EQ(decode_spooled(message.id, *row), message);
}

TEST(DecodeSpooled, RefusesAPassageThatIsNotThere) {
  auto message = full_message();
  message.remotes[0].passage = 3;
  EXPECT_FALSE(decode_spooled(message.id, encode_spooled(message)));
}

TEST(EncodeSpooled, KeepsTheNullSenderApartFromAnEmptyOne) {
  auto message = message_of(id_at(kNow, 1), 1);
  message.sender = std::nullopt;
  EXPECT_EQ(decode_spooled(message.id, encode_spooled(message)), message);
  message.sender = "";
  EXPECT_EQ(decode_spooled(message.id, encode_spooled(message)), message);
}

TEST(DecodeSpooled, RefusesEveryTruncationAndWhatFollows) {
  const auto message = full_message();
  const auto row = encode_spooled(message);
  for (std::size_t length = 0; length < row.size(); ++length)
    EXPECT_FALSE(decode_spooled(message.id, std::string_view(row).substr(0, length))) << length;
  EXPECT_FALSE(decode_spooled(message.id, row + "x"));
  EXPECT_FALSE(decode_spooled(message.id, "\x04" + row.substr(1)));
}

TEST_F(SpoolTest, TakesNothingWithoutItsLeases) {
  const auto outcome = run(spool_.commit(message_of(id_at(kNow, 1), 1), "hello"));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error(), StoreError::kFenced);
}

TEST_F(SpoolTest, GivesBackWhatWasCommittedUntilItIsFinished) {
  ASSERT_TRUE(run(spool_.acquire()));
  const auto message = message_of(id_at(kNow, 1), 1);
  ASSERT_TRUE(run(spool_.commit(message, "hello")));
  EXPECT_EQ(*run(spool_.waiting(slot_of(message.id), std::nullopt, 10)), std::vector{message.id});
  EXPECT_EQ(*run(spool_.read(message.id)), message);
  EXPECT_EQ(*run(spool_.read_chunk(message.id, 0)), "hello");
  ASSERT_TRUE(run(spool_.finish(message.id)));
  EXPECT_EQ(*run(spool_.read(message.id)), std::nullopt);
  EXPECT_FALSE(run(spool_.read_chunk(message.id, 0)));
  EXPECT_TRUE(run(spool_.waiting(slot_of(message.id), std::nullopt, 10))->empty());
}

TEST_F(SpoolTest, AdoptsStagedChunks) {
  ASSERT_TRUE(run(spool_.acquire()));
  const auto message = message_of(id_at(kNow, 1), 3);
  ASSERT_TRUE(run(spool_.stage(message.id, 0, "a")));
  ASSERT_TRUE(run(spool_.stage(message.id, 1, "b")));
  EXPECT_TRUE(run(spool_.waiting(slot_of(message.id), std::nullopt, 10))->empty());
  ASSERT_TRUE(run(spool_.commit(message, "c")));
  EXPECT_EQ(*run(spool_.read_chunk(message.id, 0)) + *run(spool_.read_chunk(message.id, 2)), "ac");
  clock_.advance(48h);
  EXPECT_EQ(*run(spool_.sweep()), 0U);
  EXPECT_EQ(*run(spool_.read_chunk(message.id, 1)), "b");
}

TEST_F(SpoolTest, NeverDiscardsACommittedMessage) {
  ASSERT_TRUE(run(spool_.acquire()));
  const auto message = message_of(id_at(kNow, 1), 1);
  ASSERT_TRUE(run(spool_.commit(message, "hello")));
  EXPECT_FALSE(run(spool_.discard(message.id)));
  EXPECT_EQ(*run(spool_.read_chunk(message.id, 0)), "hello");
}

TEST_F(SpoolTest, SweepsChunksWhoseMessageNeverCameAndRefusesItThen) {
  ASSERT_TRUE(run(spool_.acquire()));
  const auto message = message_of(id_at(kNow, 1), 2);
  ASSERT_TRUE(run(spool_.stage(message.id, 0, "a")));
  EXPECT_EQ(*run(spool_.sweep()), 0U);
  clock_.advance(25h);
  EXPECT_EQ(*run(spool_.sweep()), 1U);
  EXPECT_FALSE(run(spool_.read_chunk(message.id, 0)));
  EXPECT_EQ(*run(spool_.sweep()), 0U);
  const auto outcome = run(spool_.commit(message, "b"));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error(), StoreError::kConflict);
}

TEST_F(SpoolTest, IsFencedOffByWhoeverTakesItsSlots) {
  ASSERT_TRUE(run(spool_.acquire()));
  Spool other(engine_, clock_, {.node = NodeId(2)});
  ASSERT_FALSE(run(other.acquire()));
  clock_.advance(16s);
  ASSERT_TRUE(run(other.acquire()));
  const auto outcome = run(spool_.commit(message_of(id_at(kNow, 1), 1), "hello"));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error(), StoreError::kFenced);
  EXPECT_FALSE(run(spool_.renew()));
}

TEST_F(SpoolTest, RenewingKeepsOthersOutAndTakesBackWhatExpired) {
  ASSERT_TRUE(run(spool_.acquire()));
  Spool other(engine_, clock_, {.node = NodeId(2)});
  clock_.advance(10s);
  ASSERT_TRUE(run(spool_.renew()));
  clock_.advance(10s);
  EXPECT_FALSE(run(other.acquire()));
  clock_.advance(10s);  // expired, and nobody came
  ASSERT_TRUE(run(spool_.renew()));
  EXPECT_FALSE(run(other.acquire()));
  EXPECT_TRUE(run(spool_.commit(message_of(id_at(kNow, 1), 1), "hello")));
}

TEST_F(SpoolTest, ListsASlotPageByPage) {
  ASSERT_TRUE(run(spool_.acquire()));
  std::vector<QueueId> ids;
  for (std::uint16_t i = 0; ids.size() < 5; ++i)
    if (const auto id = id_at(kNow, i); slot_of(id) == 3) ids.push_back(id);
  for (const auto& id : ids) ASSERT_TRUE(run(spool_.commit(message_of(id, 1), "hello")));
  const auto first = *run(spool_.waiting(3, std::nullopt, 3));
  const auto second = *run(spool_.waiting(3, first.back(), 3));
  EXPECT_EQ(first, (std::vector{ids[0], ids[1], ids[2]}));
  EXPECT_EQ(second, (std::vector{ids[3], ids[4]}));
}

}  // namespace
}  // namespace veredus::state::spool
