#include "rules/dnsbl/listing.h"

#include <gtest/gtest.h>

namespace veredus::rules::dnsbl {
namespace {

base::codec::IpAddress ip(std::string_view text) { return base::codec::parse_ip(text).value(); }

Word replied(inquiry::Reply reply, List list) {
  auto asking = look_up(ip("192.0.2.99"), std::move(list));
  EXPECT_NE(asking.question(), nullptr);
  EXPECT_EQ(asking.question()->name, "99.2.0.192.bad.example.org");
  asking.answer(std::move(reply));
  EXPECT_EQ(asking.question(), nullptr);
  return asking.take();
}

std::optional<Listing> told(const std::vector<std::string>& answers, List list) {
  inquiry::Reply reply;
  reply.status = answers.empty() ? inquiry::ReplyStatus::kNoSuchName : inquiry::ReplyStatus::kFound;
  for (const auto& answer : answers) reply.addresses.push_back(ip(answer));
  const auto word = replied(std::move(reply), std::move(list));
  EXPECT_TRUE(word.is_known);
  return word.listing;
}

TEST(QueryName, TurnsTheAddressAround) {  // RFC 5782 s2.1, s2.4
  EXPECT_EQ(query_name(ip("192.0.2.99"), "bad.example.org"), "99.2.0.192.bad.example.org");
  EXPECT_EQ(query_name(ip("2001:db8:1:2:3:4:567:89ab"), "ugly.example.org"),
            "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ugly.example.org");
}

TEST(LookUp, CountsWhatTheListSays) {
  List list;
  list.zone = "bad.example.org";
  list.weight = 3;
  EXPECT_FALSE(told({}, list));
  EXPECT_FALSE(told({"127.255.255.254"}, list));  // it will not answer us
  EXPECT_FALSE(told({"192.0.2.1"}, list));        // it is no list any more
  const auto listed = told({"127.0.0.4"}, list);
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->zone, "bad.example.org");
  EXPECT_EQ(listed->weight, 3);
}

TEST(LookUp, KnowsNothingWhereDnsDidNotAnswer) {
  List list;
  list.zone = "bad.example.org";
  inquiry::Reply reply;
  reply.status = inquiry::ReplyStatus::kFailed;
  const auto word = replied(std::move(reply), list);
  EXPECT_FALSE(word.is_known);
  EXPECT_FALSE(word.listing);
}

TEST(LookUp, CountsOnlyTheAnswersAskedFor) {
  List list;
  list.zone = "bad.example.org";
  list.answers = {{.base = ip("127.0.0.4"), .bits = 32}, {.base = ip("127.0.1.0"), .bits = 24}};
  EXPECT_FALSE(told({"127.0.0.2"}, list));
  EXPECT_TRUE(told({"127.0.0.2", "127.0.1.77"}, list));
}

}  // namespace
}  // namespace veredus::rules::dnsbl
