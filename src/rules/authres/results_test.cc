#include "rules/authres/results.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace veredus::rules::authres {
namespace {

Results example() {
  Results out;
  out.authserv_id = "mx.example.org";
  out.methods.push_back(
      {.method = "spf", .result = "pass", .reason = "", .properties = {{"smtp", "mailfrom", "a.test"}}});
  out.methods.push_back({.method = "dkim",
                         .result = "fail",
                         .reason = "the text was changed",
                         .properties = {{"header", "d", "b.test"}, {"header", "b", "aB3/+x=="}}});
  return out;
}

TEST(AuthenticationResults, AreWrittenAsTheRfcHasThem) {  // RFC 8601 appendix B
  EXPECT_EQ(to_field_value(example()),
            "mx.example.org;\r\n\tspf=pass smtp.mailfrom=a.test;\r\n\tdkim=fail reason=\"the text was changed\" "
            "header.d=b.test header.b=\"aB3/+x==\"");
  EXPECT_EQ(to_field_value({.authserv_id = "mx.example.org", .methods = {}}), "mx.example.org; none");
}

TEST(AuthenticationResults, AreReadAsTheyWereWritten) {
  const auto read = read_field(to_field_value(example()));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, example());
  const auto none = read_field("mx.example.org; none");
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->methods.empty());
}

TEST(AuthenticationResults, KeepWhatPeersSaidInItsPlace) {
  Results out;
  out.authserv_id = "mx.example.org";
  const std::string evil = "x\"; dmarc=pass\r\nInjected: yes\r\n\r\n(;\\";
  out.methods.push_back(
      {.method = "spf", .result = "fail", .reason = evil, .properties = {{"smtp", "helo", evil}}, .comment = evil});
  const auto text = to_field_value(out);
  EXPECT_EQ(text.find("\nInjected"), std::string::npos);
  const auto read = read_field(text);
  ASSERT_TRUE(read) << text;
  ASSERT_EQ(read->methods.size(), 1U);
  EXPECT_EQ(read->methods.front().result, "fail");
}

std::size_t longest_line(std::string_view text) {
  std::size_t longest = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find("\r\n"), text.size());
    longest = std::max(longest, end);
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return longest;
}

TEST(AuthenticationResults, HaveNoLongLinesWhateverPeersWrote) {  // RFC 5322 s2.1.1
  for (const std::size_t octets : {100U, 200U, 255U, 256U, 100'000U}) {
    for (const std::string& letter : {"x", "\\", "\"", "(", "\xC3\xBC"}) {
      SCOPED_TRACE(testing::Message() << octets << " of " << letter);
      std::string words;
      while (words.size() + letter.size() <= octets) words += letter;
      Results out;
      out.authserv_id = "mx.example.org";
      out.methods.push_back({.method = "dkim",
                             .result = "fail",
                             .reason = words,
                             .properties = {{"header", "d", words}},
                             .comment = words});
      for (const auto* name : {"i", "s", "a", "b"}) out.methods[0].properties.push_back({"header", name, words});
      const auto text = to_field_value(out);
      EXPECT_LT(longest_line(text), 950U);
      const auto read = read_field(text);
      ASSERT_TRUE(read) << text;
      EXPECT_TRUE(words.starts_with(read->methods[0].reason)) << text;
      EXPECT_EQ(read->methods[0].properties.size(), words.size() > kMostValueOctets ? 0U : 5U);
    }
  }
}

TEST(AuthenticationResults, AreUtf8WhateverPeersWrote) {  // RFC 6532 s3.2
  Results out;
  out.authserv_id = "mx.example.org";
  out.methods.push_back(
      {.method = "dkim", .result = "fail", .reason = "", .properties = {{"header", "d", "a\xFF.test"}}});
  EXPECT_EQ(to_field_value(out), "mx.example.org;\r\n\tdkim=fail header.d=\"a?.test\"");
  out.methods[0].properties[0].value =
      "b\xC3\xBC"
      "cher.test";
  EXPECT_TRUE(
      to_field_value(out).contains("b\xC3\xBC"
                                   "cher.test"));
}

TEST(ReadAuthenticationResults, TakesWhatTheGrammarTakes) {  // RFC 8601 s2.2
  const auto read = read_field(
      " (c) example.com (d) 1 (a (nested) comment); spf /1 = (e) pass (f) reason = \"be\\\"cause\" smtp . mailfrom = "
      "\"a b\"@c.test;\r\n dkim=pass header.d=example.com header.i=@example.com ; ");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->authserv_id, "example.com");
  ASSERT_EQ(read->methods.size(), 2U);
  EXPECT_EQ(read->methods[0].reason, "be\"cause");
  EXPECT_EQ(read->methods[0].properties.front().value, "a b@c.test");
  EXPECT_EQ(read->methods[1].properties[1].value, "@example.com");
}

TEST(ReadAuthenticationResults, RefusesWhatTheGrammarRefuses) {
  struct Case {
    std::string text;
    ReadError want;
  };
  std::string many = "a.test";
  for (std::size_t i = 0; i <= kMostMethods; ++i) many += "; spf=pass";
  const Case cases[] = {{"", ReadError::kAuthservId},
                        {"; spf=pass", ReadError::kAuthservId},
                        {"a.test 2; spf=pass", ReadError::kVersion},
                        {"a.test; spf/2=pass", ReadError::kVersion},
                        {"a.test; spf", ReadError::kMethod},
                        {"a.test; =pass", ReadError::kMethod},
                        {"a.test; spf=", ReadError::kMethod},
                        {"a.test; spf=pass smtp=x", ReadError::kProperty},
                        {"a.test; spf=pass smtp.mailfrom", ReadError::kProperty},
                        {"a.test (; spf=pass", ReadError::kComment},
                        {"a.test " + std::string(30, '(') + std::string(30, ')'), ReadError::kComment},
                        {"a.test; spf=pass reason=\"x", ReadError::kQuoted},
                        {many, ReadError::kTooMany}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto read = read_field(c.text);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error(), c.want);
  }
}

TEST(AForgedField, IsKnownHoweverItIsWritten) {  // RFC 8601 s5
  const std::string_view ours[] = {"mx.example.org; spf=pass",
                                   " MX.Example.ORG ; spf=pass",
                                   "\r\n\tmx.example.org; none",
                                   "\"mx.example.org\"; spf=pass",
                                   "mx.example.org.; spf=pass",
                                   "(x) mx.example.org (y) 1; spf=pass",
                                   "mx.example.org 2; spf=pass",
                                   "mx.example.org",
                                   "mx.example.org; ((((broken",
                                   "(broken mx.example.org; spf=pass",
                                   "mx(c).example.org; spf=pass",
                                   "mx.ex\\ample.org; spf=pass",
                                   "mx.example.org\t=; spf=pass",
                                   "mx.example.org@; spf=pass",
                                   "",
                                   "; spf=pass"};
  for (const auto value : ours) {
    SCOPED_TRACE(value);
    EXPECT_TRUE(claims_to_be(value, "mx.example.org"));
  }
  const std::string_view others[] = {"mx.example.net; spf=pass", "smtp.mx.example.org; spf=pass",
                                     "mx.example.org.evil.test; spf=pass", "other.test; x=mx.example.org"};
  for (const auto value : others) {
    SCOPED_TRACE(value);
    EXPECT_FALSE(claims_to_be(value, "mx.example.org"));
  }
}

TEST(ToFieldValue, OctetsThatAreNoTextAreNoSyntaxEither) {
  const auto read = read_field("exa\xB8@\xB8.test; none");
  ASSERT_TRUE(read);
  const auto written = to_field_value(*read);
  EXPECT_EQ(written, "\"exa?@?.test\"; none");
  EXPECT_TRUE(read_field(written));
  EXPECT_FALSE(read_field("mx.example.org; spf=\"pass; dkim=pass\""));  // a result is a keyword
}

}  // namespace
}  // namespace veredus::rules::authres
