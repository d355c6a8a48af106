#include "rules/dkim/verification.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/codec/base64.h"
#include "support/json_zone.h"

namespace veredus::rules::dkim {
namespace {

TEST(Verification, TellsDomainsInALabels) {  // RFC 8616 s5
  ReceivedMessage message(
      "DKIM-Signature: v=1; a=rsa-sha256; d=B\xC3\xBC"
      "cher.Test.; s=s; h=From; bh=AAAA; b=AAAA\r\nFrom: x@b.test\r\n");
  Verification check(&message, SystemTime(), {});
  message.end();
  const auto verdicts = test::JsonZone(boost::json::object()).run(check.finish());
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_EQ(verdicts.front().domain, "xn--bcher-kva.test");
}

TEST(FindKeys, TriesAFewOfManyThatStandAtOneSelector) {  // RFC 6376 s3.6.2.2: what they mean together is undefined
  boost::json::object zone;
  auto& records = zone["s._domainkey.a.test"].emplace_object()["TXT"].emplace_array();
  const auto add = [&records](const std::string& text) {
    records.emplace_back(nullptr).emplace_array().emplace_back(text);
  };
  add("no key");
  for (char c = 'a'; c < 'z'; ++c) add("v=DKIM1; k=ed25519; p=" + base::codec::base64_encode(std::string(32, c)));
  EXPECT_EQ(test::JsonZone(zone).run(find_keys("a.test", "s")).keys.size(), 4U);
}

}  // namespace
}  // namespace veredus::rules::dkim
