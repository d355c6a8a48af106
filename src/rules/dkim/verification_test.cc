#include "rules/dkim/verification.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/codec/base64.h"
#include "support/json_zone.h"

namespace veredus::rules::dkim {
namespace {

TEST(FindKeys, TriesAFewOfManyThatStandAtOneSelector) {  // RFC 6376 s3.6.2.2: what they mean together is undefined
  boost::json::array records{boost::json::array{"no key"}};
  for (char c = 'a'; c < 'z'; ++c)
    records.push_back(boost::json::array{"v=DKIM1; k=ed25519; p=" + base::codec::base64_encode(std::string(32, c))});
  const test::JsonZone zone(boost::json::object{{"s._domainkey.a.test", {{"TXT", std::move(records)}}}});
  EXPECT_EQ(zone.run(find_keys("a.test", "s")).keys.size(), 4U);
}

}  // namespace
}  // namespace veredus::rules::dkim
