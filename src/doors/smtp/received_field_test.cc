#include "doors/smtp/received_field.h"

#include <gtest/gtest.h>

namespace veredus::doors::smtp {
namespace {

TEST(ReceivedField, TellsWhereTheMessageCameFrom) {  // RFC 5321 s4.4, RFC 8314 s4.3
  ReceivedFacts facts;
  facts.helo = "client.example.org";
  facts.client = "IPv6:2001:db8::1";
  facts.hostname = "mail.demo.test";
  facts.protocol = "ESMTPSA";
  facts.id = "01jd";
  facts.recipient = "alice@demo.test";
  facts.tls_cipher = "TLS_AES_256_GCM_SHA384";
  facts.login = "bob@demo.test";
  facts.now = SystemTime(std::chrono::seconds(1'795'318'800));
  EXPECT_EQ(received_field(facts),
            "Received: from client.example.org ([IPv6:2001:db8::1])\r\n"
            "\tby mail.demo.test with ESMTPSA\r\n"
            "\t(authenticated as bob@demo.test)\r\n"
            "\tid 01jd\r\n"
            "\tfor <alice@demo.test>\r\n"
            "\ttls TLS_AES_256_GCM_SHA384;\r\n"
            "\tSun, 22 Nov 2026 03:40:00 +0000\r\n");
}

TEST(ReceivedField, TellsAPriorityThatWasGiven) {  // RFC 6710
  ReceivedFacts facts;
  facts.helo = "c";
  facts.hostname = "mail.demo.test";
  facts.protocol = "ESMTP";
  facts.id = "01jd";
  facts.priority = -3;
  EXPECT_TRUE(received_field(facts).contains("\tid 01jd\r\n\tpriority -3;\r\n"));
}

TEST(ReceivedField, CannotBeBrokenOutOf) {
  ReceivedFacts facts;
  facts.helo = "evil (x);\r\nBcc: y";
  facts.hostname = "mail.demo.test";
  facts.protocol = "SMTP";
  facts.id = "01jd";
  facts.recipient = "a>\r\nX: y@demo.test";
  EXPECT_EQ(received_field(facts),
            "Received: from evil??x????Bcc:?y (local socket)\r\n"
            "\tby mail.demo.test with SMTP\r\n"
            "\tid 01jd;\r\n"
            "\tThu, 01 Jan 1970 00:00:00 +0000\r\n");
}

}  // namespace
}  // namespace veredus::doors::smtp
