#include "work/delivery/account_copy.h"

#include <gtest/gtest.h>

#include "wire/mime/part_table.h"
#include "wire/mime/structure_parser.h"
#include "wire/mime/summary.h"

namespace veredus::work::delivery {
namespace {

wire::mime::Structure parse(std::string_view octets) {
  wire::mime::StructureParser parser;
  parser.feed(octets);
  return parser.finish();
}

constexpr std::string_view kMultipart =
    "From: alice@demo.test\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninside\r\n--b--\r\n";

std::string header_for(std::optional<std::string> sender, std::string trace, std::uint32_t passage = 0) {
  state::spool::SpooledMessage message;
  message.sender = std::move(sender);
  message.trace = std::move(trace);
  message.passages = {{.sender = std::nullopt, .fields = "Delivered-To: bob@demo.test\r\nX: y\r\n"},
                      {.sender = "team-bounces@demo.test", .fields = "Delivered-To: team@demo.test\r\n"}};
  return account_header(message,
                        {.account = AccountId(1), .delivered_to = "bob@demo.test", .detail = {}, .passage = passage});
}

TEST(AccountHeader, NamesTheSenderAndTheRecipientBeforeTheTrace) {  // RFC 5321 s4.4
  EXPECT_EQ(header_for("alice@demo.test", "Received: x\r\n"),
            "Return-Path: <alice@demo.test>\r\nDelivered-To: bob@demo.test\r\nReceived: x\r\n");
  EXPECT_EQ(header_for(std::nullopt, ""), "Return-Path: <>\r\nDelivered-To: bob@demo.test\r\n");
}

TEST(AccountHeader, SaysByWhichListTheMessageCame) {
  EXPECT_EQ(header_for("alice@demo.test", "Received: x\r\n", 1),
            "Return-Path: <alice@demo.test>\r\nDelivered-To: bob@demo.test\r\nX: y\r\nReceived: x\r\n");
  EXPECT_EQ(header_for("alice@demo.test", "Received: x\r\n", 2),
            "Return-Path: <team-bounces@demo.test>\r\nDelivered-To: bob@demo.test\r\n"
            "Delivered-To: team@demo.test\r\nReceived: x\r\n");
}

TEST(HasPassed, FindsAnAddressInAnyCaseInDeliveredToAlone) {
  const auto structure = parse("delivered-to: Team@Demo.test \r\nTo: bob@demo.test\r\n\r\nDelivered-To: x@y.test\r\n");
  EXPECT_TRUE(has_passed(structure, "team@demo.test"));
  EXPECT_FALSE(has_passed(structure, "bob@demo.test"));
  EXPECT_FALSE(has_passed(structure, "x@y.test"));
}

TEST(PrependHeader, GivesWhatParsingTheWholeMessageGives) {
  const std::string fields = header_for("alice@demo.test", "Received: from x\r\n\tby y\r\n");
  for (const std::string_view message :
       {kMultipart, std::string_view("Subject: a\r\n\r\nbody\r\n"), std::string_view("Subject: only a header\r\n"),
        std::string_view("\r\nbody"), std::string_view("no header at all\r\n\r\nbody\r\n")}) {
    SCOPED_TRACE(message);
    auto shifted = parse(message);
    prepend_header(shifted, fields);
    const auto whole = parse(fields + std::string(message));
    EXPECT_EQ(wire::mime::decode_part_table(wire::mime::encode_part_table(shifted)),
              wire::mime::decode_part_table(wire::mime::encode_part_table(whole)));
    EXPECT_EQ(wire::mime::summarize(shifted).bodystructure, wire::mime::summarize(whole).bodystructure);
    EXPECT_EQ(wire::mime::summarize(shifted).fields, wire::mime::summarize(whole).fields);
    EXPECT_EQ(shifted.octets, whole.octets);
    EXPECT_EQ(shifted.lines, whole.lines);
    EXPECT_EQ(shifted.root().header_lines, whole.root().header_lines);
  }
}

TEST(DedupeKey, DiffersByMessageAndByAccount) {
  const auto a = QueueId::make(1, 1);
  const auto b = QueueId::make(2, 1);
  EXPECT_EQ(dedupe_key(a, AccountId(1), {}).key, dedupe_key(a, AccountId(1), {}).key);
  EXPECT_NE(dedupe_key(a, AccountId(1), {}).key, dedupe_key(b, AccountId(1), {}).key);
  EXPECT_NE(dedupe_key(a, AccountId(1), {}).key, dedupe_key(a, AccountId(2), {}).key);
}

TEST(CountReceived, CountsFieldsOfTheOutermostHeaderInAnyCase) {
  EXPECT_EQ(count_received(parse("Received: a\r\nRECEIVED: b\r\n c\r\nX-Received: d\r\n\r\nReceived: e\r\n")), 2U);
}

}  // namespace
}  // namespace veredus::work::delivery
