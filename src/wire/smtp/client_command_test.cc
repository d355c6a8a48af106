#include "wire/smtp/client_command.h"

#include <gtest/gtest.h>

#include "wire/smtp/xtext.h"

namespace veredus::wire::smtp {
namespace {

std::string mail(const Address* sender, const MailParameters& parameters) {
  std::string out;
  append_mail_from(out, sender, parameters);
  return out;
}

TEST(AppendMailFrom, WritesWhatParseMailFromReads) {
  EXPECT_EQ(mail(nullptr, {}), "MAIL FROM:<>\r\n");
  const Address odd{"a b", "example.org"};
  MailParameters parameters;
  parameters.size = 2048;
  parameters.body = Body::k8BitMime;
  parameters.smtputf8 = true;
  parameters.dsn_return = DsnReturn::kHeaders;
  parameters.envelope_id = "QQ+1=";
  parameters.require_tls = true;
  parameters.mt_priority = -3;
  parameters.deliver_by = DeliverBy{.seconds = 60, .mode = ByMode::kReturn, .trace = true};
  const auto line = mail(&odd, parameters);
  EXPECT_EQ(line,
            "MAIL FROM:<\"a b\"@example.org> SIZE=2048 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=QQ+2B1+3D REQUIRETLS "
            "MT-PRIORITY=-3 BY=60;RT\r\n");
  const auto read = parse_mail_from(std::string_view(line).substr(5, line.size() - 7));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sender, odd);
  EXPECT_EQ(read->envelope_id, "QQ+1=");
  EXPECT_EQ(read->size, 2048u);
}

TEST(AppendMailFrom, NamesTheSubmitterAsXtext) {  // RFC 4954 s5
  const Address sender{"e+mc2", "example.org"};
  MailParameters parameters;
  parameters.submitter = "e+mc2@example.org";
  EXPECT_EQ(mail(&sender, parameters), "MAIL FROM:<e+mc2@example.org> AUTH=e+2Bmc2@example.org\r\n");
  parameters.submitter = "";
  EXPECT_EQ(mail(nullptr, parameters), "MAIL FROM:<> AUTH=<>\r\n");
}

TEST(AppendRcptTo, WritesWhatParseRcptToReads) {
  const Address bob{"bob", "example.org"};
  std::string out;
  append_rcpt_to(out, bob, nullptr, nullptr);
  EXPECT_EQ(out, "RCPT TO:<bob@example.org>\r\n");

  const Notify notify{.success = true, .delay = true};
  const OriginalRecipient original{"rfc822", "bo+b@demo.test"};
  out.clear();
  append_rcpt_to(out, bob, &notify, &original);
  EXPECT_EQ(out, "RCPT TO:<bob@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;bo+2Bb@demo.test\r\n");
  const auto read = parse_rcpt_to(std::string_view(out).substr(5, out.size() - 7));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->notify, notify);
  EXPECT_EQ(read->original->address, "bo+b@demo.test");

  const OriginalRecipient international{"rfc822", "bøb@demo.test"};
  const Notify never{.never = true};
  out.clear();
  append_rcpt_to(out, bob, &never, &international);
  EXPECT_EQ(out, "RCPT TO:<bob@example.org> NOTIFY=NEVER ORCPT=utf-8;b\\x{F8}b@demo.test\r\n");
}

TEST(Utf8AddrEncode, IsUndoneByDecoding) {  // RFC 6533 s3
  for (const std::string_view text : {"a@b.c", "a\\b", "ø", "€+=", "\xF0\x9F\x93\xAE@x", "tab\there"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(utf8_addr_decode(utf8_addr_encode(text)), text);
  }
}

TEST(ParseDeliverBy, TakesWhatTheGrammarTakes) {  // RFC 2852 s4
  const auto with_sign = parse_deliver_by("+120;rT");
  ASSERT_TRUE(with_sign);
  EXPECT_EQ(*with_sign, (DeliverBy{.seconds = 120, .mode = ByMode::kReturn, .trace = true}));
  EXPECT_EQ(parse_deliver_by("-5;N"), (DeliverBy{.seconds = -5, .mode = ByMode::kNotify, .trace = false}));
  for (const auto* text :
       {"", "1", ";N", "1;", "1;X", "-1;R", "0;R", "1234567890;N", "1;NTT", "--1;N", "+-1;N", "a;N"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_deliver_by(text));
  }
  for (const auto* text : {"1;R", "-999999999;NT", "0;N"}) EXPECT_EQ(to_string(*parse_deliver_by(text)), text);
}

}  // namespace
}  // namespace veredus::wire::smtp
