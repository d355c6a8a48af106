#include "wire/smtp/capabilities.h"

#include <gtest/gtest.h>

namespace veredus::wire::smtp {
namespace {

TEST(ParseCapabilities, ReadsWhatAServerOffers) {
  const auto all = parse_capabilities(make_plain_reply(
      250,
      "mx.example.org greets you\nPIPELINING\nSIZE 52428800\nvrfy\n8bitmime\nSMTPUTF8\nCHUNKING\nBINARYMIME\nDSN\n"
      "STARTTLS\nREQUIRETLS\nENHANCEDSTATUSCODES\nAUTH PLAIN login\nAUTH=LOGIN CRAM-MD5\nMT-PRIORITY MIXER\n"
      "DELIVERBY 240\nFUTURERELEASE 100 2030-01-01T00:00:00Z\nLIMITS RCPTMAX=50 MAILMAX=9 RCPTDOMAINMAX=1 X=2 Y\n\nX "
      "Y"));
  EXPECT_EQ(all.name, "mx.example.org");
  EXPECT_TRUE(all.pipelining && all.eight_bit_mime && all.smtputf8 && all.chunking && all.binary_mime && all.dsn);
  EXPECT_TRUE(all.start_tls && all.require_tls && all.enhanced_status && all.mt_priority && all.future_release);
  EXPECT_EQ(all.size, 52'428'800u);
  EXPECT_EQ(all.auth, (std::vector<std::string>{"PLAIN", "LOGIN", "CRAM-MD5"}));
  EXPECT_TRUE(all.deliver_by);
  EXPECT_EQ(all.deliver_by_min, 240);
  EXPECT_EQ(all.limit_recipients, 50u);
  EXPECT_EQ(all.limit_mails, 9u);
  EXPECT_EQ(all.limit_domains, 1u);
}

TEST(ParseCapabilities, PassesOverWhatItCannotRead) {
  const auto none = parse_capabilities(make_plain_reply(250, "mx"));
  EXPECT_EQ(none.name, "mx");
  EXPECT_FALSE(none.pipelining);
  EXPECT_FALSE(none.size);
  EXPECT_EQ(parse_capabilities(make_plain_reply(250, "")).name, "");
  const auto odd =
      parse_capabilities(make_plain_reply(250, "mx\nSIZE big\nDELIVERBY -4\nLIMITS RCPTMAX=x\nAUTH\nPIPELININGS"));
  EXPECT_EQ(odd.size, 0u);
  EXPECT_EQ(odd.deliver_by_min, 0);
  EXPECT_EQ(odd.limit_recipients, 0u);
  EXPECT_TRUE(odd.auth.empty());
  EXPECT_FALSE(odd.pipelining);
}

}  // namespace
}  // namespace veredus::wire::smtp
