#include "work/queue/outbox.h"

#include <gtest/gtest.h>

#include <chrono>

#include "base/codec/hex.h"
#include "work/queue/brake_gate.h"

namespace veredus::work::queue {
namespace {

using namespace std::chrono_literals;

ReportBasis basis() {
  ReportBasis made;
  made.hostname = "mx.demo.test";
  made.postmaster = "postmaster@demo.test";
  made.id = state::spool::QueueId::make(9, 9);
  made.now = SystemTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22));
  made.random = 4;
  return made;
}

std::vector<rules::dsn::ReportedRecipient> refused() {
  std::vector<rules::dsn::ReportedRecipient> all(1);
  all[0].address = "bob@example.org";
  all[0].reply = wire::smtp::make_reply(550, 1, 1, "no such user");
  return all;
}

TEST(MakeReport, SaysToTheSenderWhatBecameOfItsMail) {
  state::spool::QueueEntry entry;
  entry.sender = "alice@demo.test";
  entry.mail.envelope_id = "QQ123";
  const auto item = make_report(entry, refused(), "Subject: hello\r\n", false, basis());
  ASSERT_TRUE(item);
  EXPECT_EQ(item->recipient, "alice@demo.test");
  EXPECT_EQ(item->id, basis().id);
  for (const char* text : {"Final-Recipient: rfc822; bob@example.org", "Status: 5.1.1", "Original-Envelope-Id: QQ123",
                           "Subject: hello", "Reporting-MTA: dns; mx.demo.test"})
    EXPECT_NE(item->message.find(text), std::string::npos) << text;
  EXPECT_EQ(make_report(entry, refused(), "Subject: hello\r\n", false, basis())->message, item->message);
}

TEST(MakeReport, TellsNobodyOfABounce) {  // RFC 5321 s4.5.5
  EXPECT_FALSE(make_report(state::spool::QueueEntry{}, refused(), "", false, basis()));
}

TEST(HeaderOf, EndsAtTheEmptyLine) {
  EXPECT_EQ(header_of("A: 1\r\nB: 2\r\n\r\nbody\r\n\r\n"), "A: 1\r\nB: 2\r\n");
  EXPECT_EQ(header_of("A: 1\r\n"), "A: 1\r\n");
}

TEST(BrakeLimits, AreReadBackAsTheyAreWritten) {  // docs/formats/rate.md
  BrakeLimits limits;
  limits.messages_per_hour = 300;
  limits.bounce_percent = 5;
  EXPECT_EQ(base::codec::hex_encode(encode_limits(limits)), "01ac02d00ff403f4030532");
  EXPECT_EQ(decode_limits(encode_limits(limits)), limits);
  EXPECT_FALSE(decode_limits(""));
  EXPECT_FALSE(decode_limits(encode_limits(limits) + "x"));
  EXPECT_FALSE(decode_limits(encode_limits(limits).substr(0, 4)));
}

}  // namespace
}  // namespace veredus::work::queue
