#include "state/spool/queue_entry.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "base/codec/hex.h"
#include "state/spool/queue_rows.h"
#include "support/queue_draft.h"

namespace veredus::state::spool {
namespace {

using test::kQueueNow;
using namespace std::chrono_literals;

std::string golden(const std::string& name) {
  std::ifstream file(std::string(VEREDUS_SOURCE_DIR) + "/test/data/formats/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Every field has a value of its own.
QueueEntry full_entry() {
  auto entry = test::queue_entry(7, "example.org");
  entry.route = "smart";
  entry.pool = "bulk";
  entry.recipients = {{.address = "bob@example.org",
                       .notify = wire::smtp::Notify{.success = true, .failure = true},
                       .original = wire::smtp::OriginalRecipient{.type = "rfc822", .address = "b@demo.test"},
                       .last_reply = "451 4.7.1 later",
                       .attempts = 3},
                      {.address = "carol@example.org", .notify = wire::smtp::Notify{.never = true}}};
  entry.due_at = kQueueNow + 1h;
  entry.delay_notice_at = kQueueNow + 4h;
  entry.attempts = 300;
  entry.uncertain = 2;
  entry.traffic = TrafficClass::kBulk;
  entry.hold = Hold::kBrake;
  entry.hold_reason = "over 100 messages an hour";
  entry.submitter = AccountId(0x0102030405060708);
  entry.sender_key = 99;
  entry.mail = {
      .envelope_id = "QQ314159",
      .dsn_return = wire::smtp::DsnReturn::kHeaders,
      .body = wire::smtp::Body::k8BitMime,
      .smtputf8 = true,
      .requiretls = true,
      .priority = -4,
      .deliver_by = DeliveryDeadline{.at = kQueueNow + 2h, .mode = wire::smtp::ByMode::kReturn, .trace = true},
      .hold_until = kQueueNow + 1h};
  entry.octets = 300'000;
  entry.chunks = 2;
  entry.shares_body = true;
  return entry;
}

TEST(QueueEntryRow, StaysAsItWasReleased) {  // docs/formats/queue.md
  const auto entry = full_entry();
  EXPECT_EQ(base::codec::hex_encode(encode_queue_entry(entry)) + "\n", golden("queue-entry-1.hex"));
  EXPECT_EQ(decode_queue_entry(entry.id, encode_queue_entry(entry)), entry);
}

TEST(QueueEntryRow, ReadsBackEveryKindOfEntry) {
  auto entry = test::queue_entry(1, "example.org");
  EXPECT_EQ(decode_queue_entry(entry.id, encode_queue_entry(entry)), entry);
  entry.sender = std::nullopt;
  EXPECT_EQ(decode_queue_entry(entry.id, encode_queue_entry(entry)), entry);
  entry.sender = "";
  for (const auto body : {wire::smtp::Body::k7Bit, wire::smtp::Body::k8BitMime, wire::smtp::Body::kBinaryMime}) {
    entry.mail.body = body;
    EXPECT_EQ(decode_queue_entry(entry.id, encode_queue_entry(entry)), entry);
  }
  for (const int priority : {-9, 0, 9}) {
    entry.mail.priority = static_cast<std::int8_t>(priority);
    EXPECT_EQ(decode_queue_entry(entry.id, encode_queue_entry(entry)), entry);
  }
  entry.mail.tls_optional = true;
  EXPECT_EQ(decode_queue_entry(entry.id, encode_queue_entry(entry)), entry);
  entry.mail.unvouched = true;
  entry.mail.dsn_return = wire::smtp::DsnReturn::kFull;
  entry.mail.deliver_by = DeliveryDeadline{.at = kQueueNow};
  EXPECT_EQ(decode_queue_entry(entry.id, encode_queue_entry(entry)), entry);
}

TEST(QueueEntryRow, IsRefusedWhenCutOrFollowedByMore) {
  const auto entry = full_entry();
  const auto row = encode_queue_entry(entry);
  for (std::size_t length = 0; length < row.size(); ++length)
    EXPECT_FALSE(decode_queue_entry(entry.id, std::string_view(row).substr(0, length))) << length;
  EXPECT_FALSE(decode_queue_entry(entry.id, row + "x"));
  EXPECT_FALSE(decode_queue_entry(entry.id, "\x02" + row.substr(1)));
}

TEST(QueueEntryRow, KeepsNoMoreOfAReplyThanItMay) {
  auto entry = test::queue_entry(1, "example.org");
  entry.recipients[0].last_reply.assign(5000, 'x');
  const auto read = decode_queue_entry(entry.id, encode_queue_entry(entry));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->recipients[0].last_reply.size(), kMaxLastReplyOctets);
}

TEST(EntryId, IsTheSameForTheSamePlaceAndNoOther) {
  const auto message = test::queue_id(1);
  const auto id = EntryId::make(message, "example.org", "");
  EXPECT_EQ(id, EntryId::make(message, "example.org", ""));
  const std::set<EntryId> others{id,
                                 EntryId::make(message, "example.com", ""),
                                 EntryId::make(message, "example.org", "smart"),
                                 EntryId::make(message, "example.org", "", 1),
                                 EntryId::make(message, "", "example.org"),
                                 EntryId::make(test::queue_id(2), "example.org", "")};
  EXPECT_EQ(others.size(), 6U);
  EXPECT_EQ(id.message(), message);
}

TEST(EntryId, BeginsWithTheQueueIdAndReadsBack) {
  const auto id = EntryId::make(test::queue_id(1), "example.org", "");
  const auto text = to_string(id);
  EXPECT_EQ(text.substr(0, 17), to_string(id.message()) + "-");
  EXPECT_EQ(parse_entry_id(text), id);
  for (const auto& bad :
       {std::string(), text + "0", text.substr(1), "!" + text.substr(1), text.substr(0, 16) + "0" + text.substr(17)}) {
    SCOPED_TRACE(bad);
    EXPECT_FALSE(parse_entry_id(bad));
  }
}

TEST(ShardOf, StaysAsItWasReleasedAndSpreads) {
  EXPECT_EQ(shard_of("example.org"), 63U);
  std::array<int, kShards> seen{};
  for (int i = 0; i < 25'600; ++i) ++seen[shard_of("host" + std::to_string(i) + ".example.org")];
  for (const int count : seen) EXPECT_GT(count, 50);
}

TEST(QueueRows, StayAsTheyWereReleased) {  // docs/formats/queue.md
  const auto id = EntryId::make(test::queue_id(1), "example.org", "");
  const AttemptMark mark{.id = id, .at = kQueueNow, .host = "mx1.example.org [192.0.2.1]", .epoch = 5};
  const OutboxItem item{
      .id = test::queue_id(2), .about = id, .recipient = "alice@demo.test", .message = "", .smtputf8 = true};
  const DestinationState state{.domain = "example.org",
                               .connections = 8,
                               .failures = 2,
                               .not_before = kQueueNow + 1h,
                               .last_reply = "421 busy",
                               .changed_at = kQueueNow,
                               .tls = "TLSv1.3 TLS_AES_256_GCM_SHA384"};
  const Pause pause{.of = PauseOf::kSender, .subject = "@demo.test", .reason = "warm-up", .since = kQueueNow};
  const auto hex = [](const std::string& row) { return base::codec::hex_encode(row) + "\n"; };
  EXPECT_EQ(
      hex(encode_mark(mark)) + hex(encode_outbox(item)) + hex(encode_destination(state)) + hex(encode_pause(pause)),
      golden("queue-rows-2.hex"));
  EXPECT_EQ(decode_mark(id, encode_mark(mark)), mark);
  ASSERT_TRUE(decode_outbox(item.id, encode_outbox(item)));
  EXPECT_EQ(decode_outbox(item.id, encode_outbox(item))->item, item);
  EXPECT_EQ(decode_destination("example.org", encode_destination(state)), state);
  EXPECT_EQ(decode_pause(queue_keys::pause(pause.of, pause.subject), encode_pause(pause)), pause);
}

TEST(QueueRows, OfDestinationsAreReadAsEarlierReleasesWroteThem) {
  const auto rows = golden("queue-rows-1.hex");
  const auto begin = rows.find('\n', rows.find('\n') + 1) + 1;
  const auto row = base::codec::hex_decode(rows.substr(begin, rows.find('\n', begin) - begin));
  ASSERT_TRUE(row);
  const auto state = decode_destination("example.org", *row);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->connections, 8U);
  EXPECT_EQ(state->last_reply, "421 busy");
  EXPECT_EQ(state->tls, "");
}

TEST(QueueRows, AreRefusedWhenCut) {
  const auto id = EntryId::make(test::queue_id(1), "example.org", "");
  const auto mark = encode_mark({.id = id, .at = kQueueNow, .host = "mx1", .epoch = 1});
  for (std::size_t i = 0; i < mark.size(); ++i) EXPECT_FALSE(decode_mark(id, mark.substr(0, i)));
  const auto item = encode_outbox({.id = test::queue_id(2), .about = id, .recipient = "a@b.test", .message = "x"});
  for (std::size_t i = 0; i < item.size(); ++i) EXPECT_FALSE(decode_outbox(test::queue_id(2), item.substr(0, i)));
  const auto state = encode_destination({.domain = "d", .not_before = kQueueNow});
  for (std::size_t i = 0; i < state.size(); ++i) EXPECT_FALSE(decode_destination("d", state.substr(0, i)));
  const auto pause = encode_pause({.of = PauseOf::kDestination, .subject = "d"});
  for (std::size_t i = 0; i < pause.size(); ++i)
    EXPECT_FALSE(decode_pause(queue_keys::pause(PauseOf::kDestination, "d"), pause.substr(0, i)));
}

}  // namespace
}  // namespace veredus::state::spool
