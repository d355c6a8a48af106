#include "work/smtpclient/opening.h"

#include <gtest/gtest.h>

#include "wire/smtp/reply.h"

namespace veredus::work::smtpclient {
namespace {

using Need = Opening::Need;
using wire::smtp::make_plain_reply;

Peer peer(TlsRule tls) {
  Peer result;
  result.host_name = "mx.example.org";
  result.address = io::net::Endpoint::ip(*io::net::IpAddress::parse("192.0.2.1"), 25);
  result.hello_name = "mail.demo.test";
  result.tls = tls;
  return result;
}

io::net::TlsDetails some_tls() {
  io::net::TlsDetails tls;
  tls.version = "TLSv1.3";
  tls.tls_exporter = std::string(32, 'e');
  return tls;
}

/// Says the replies one after the other; answers what was sent and how it ended.
struct Outcome {
  std::string sent;
  Need need;
};
Outcome play(Opening& opening, std::initializer_list<std::string_view> replies) {
  Outcome outcome{"", opening.begin(nullptr)};
  for (const auto reply : replies) {
    if (outcome.need == Need::kStartTls) {
      outcome.sent += "<TLS>\r\n";
      outcome.need = opening.tls_started(some_tls());
    }
    outcome.sent += opening.take_output();
    if (outcome.need != Need::kReply) break;
    const int code = (reply[0] - '0') * 100 + (reply[1] - '0') * 10 + (reply[2] - '0');
    outcome.need = opening.take(make_plain_reply(code, std::string(reply.substr(4))));
  }
  outcome.sent += opening.take_output();
  return outcome;
}

TEST(Opening, GreetsAndLearnsWhatThePeerCan) {
  const auto mx = peer(TlsRule::kOpportunistic);
  Opening opening(mx, TlsUse::kPossible);
  const auto outcome = play(opening, {"220 mx.example.org ready", "250 mx.example.org\nPIPELINING\nSIZE 1000"});
  EXPECT_EQ(outcome.need, Need::kDone);
  EXPECT_EQ(outcome.sent, "EHLO mail.demo.test\r\n");
  EXPECT_EQ(opening.greeting(), "mx.example.org ready");
  EXPECT_TRUE(opening.capabilities().pipelining);
}

TEST(Opening, FallsBackToHelo) {  // RFC 5321 s3.2
  const auto mx = peer(TlsRule::kOpportunistic);
  Opening opening(mx, TlsUse::kPossible);
  const auto outcome = play(opening, {"220 old", "502 what?", "250 old.example.org hello"});
  EXPECT_EQ(outcome.need, Need::kDone);
  EXPECT_EQ(outcome.sent, "EHLO mail.demo.test\r\nHELO mail.demo.test\r\n");
  EXPECT_EQ(opening.capabilities().name, "old.example.org");
}

TEST(Opening, LmtpHasNoHelo) {  // RFC 2033 s4.1
  auto mx = peer(TlsRule::kNever);
  mx.protocol = Protocol::kLmtp;
  Opening opening(mx, TlsUse::kPossible);
  const auto outcome = play(opening, {"220 lmtp", "500 what?"});
  EXPECT_EQ(outcome.need, Need::kFailed);
  EXPECT_EQ(outcome.sent, "LHLO mail.demo.test\r\n");
}

TEST(Opening, StartsTlsByRule) {  // RFC 3207
  struct Case {
    TlsRule rule;
    TlsUse use;
    std::initializer_list<std::string_view> replies;
    Need want;
    std::string_view sent;
    ConnectionError error = ConnectionError::kLost;
  };
  constexpr std::string_view kOffer = "250 mx\nSTARTTLS";
  constexpr std::string_view kHello = "EHLO mail.demo.test\r\n";
  const std::string tls = "EHLO mail.demo.test\r\nSTARTTLS\r\n<TLS>\r\nEHLO mail.demo.test\r\n";
  const std::string refused = "EHLO mail.demo.test\r\nSTARTTLS\r\n";
  const Case cases[] = {
      {TlsRule::kOpportunistic, TlsUse::kPossible, {"220 x", kOffer, "220 go", "250 mx"}, Need::kDone, tls},
      {TlsRule::kEncrypt, TlsUse::kPossible, {"220 x", kOffer, "220 go", "250 mx"}, Need::kDone, tls},
      {TlsRule::kNever, TlsUse::kPossible, {"220 x", kOffer}, Need::kDone, kHello},
      {TlsRule::kOpportunistic, TlsUse::kImpossible, {"220 x", kOffer}, Need::kDone, kHello},
      {TlsRule::kOpportunistic, TlsUse::kPossible, {"220 x", "250 mx"}, Need::kDone, kHello},
      {TlsRule::kOpportunistic, TlsUse::kPossible, {"220 x", kOffer, "454 not now"}, Need::kDone, refused},
      {TlsRule::kEncrypt,
       TlsUse::kPossible,
       {"220 x", kOffer, "454 not now"},
       Need::kFailed,
       refused,
       ConnectionError::kTlsUnavailable},
      {TlsRule::kVerify,
       TlsUse::kPossible,
       {"220 x", "250 mx"},
       Need::kFailed,
       kHello,
       ConnectionError::kTlsUnavailable},
      {TlsRule::kOpportunistic,
       TlsUse::kPossible,
       {"220 x", kOffer, "421 bye"},
       Need::kFailed,
       refused,
       ConnectionError::kClosing},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(to_string(c.rule));
    SCOPED_TRACE(c.sent);
    const auto mx = peer(c.rule);
    Opening opening(mx, c.use);
    const auto outcome = play(opening, c.replies);
    EXPECT_EQ(outcome.need, c.want);
    EXPECT_EQ(outcome.sent, c.sent);
    if (c.want == Need::kFailed) EXPECT_EQ(opening.failure().error, c.error);
  }
}

TEST(Opening, ForgetsWhatWasSaidBeforeTls) {  // RFC 3207 s4.2
  const auto mx = peer(TlsRule::kOpportunistic);
  Opening opening(mx, TlsUse::kPossible);
  play(opening, {"220 x", "250 mx\nSTARTTLS\nSIZE 1", "220 go", "250 mx\nPIPELINING"});
  EXPECT_FALSE(opening.capabilities().size);
  EXPECT_FALSE(opening.capabilities().start_tls);
}

TEST(Opening, TellsARefusalForGoodFromOneForNow) {
  struct Case {
    std::initializer_list<std::string_view> replies;
    ConnectionError error;
    Permanence permanence;
    Stage stage;
  };
  const Case cases[] = {
      {{"554 no"}, ConnectionError::kRejected, Permanence::kPermanent, Stage::kGreeting},
      {{"450 later"}, ConnectionError::kRejected, Permanence::kTemporary, Stage::kGreeting},
      {{"421 busy"}, ConnectionError::kClosing, Permanence::kTemporary, Stage::kGreeting},
      {{"250 what"}, ConnectionError::kRejected, Permanence::kTemporary, Stage::kGreeting},
      {{"220 x", "451 later"}, ConnectionError::kRejected, Permanence::kTemporary, Stage::kHello},
      {{"220 x", "550 no", "550 no"}, ConnectionError::kRejected, Permanence::kPermanent, Stage::kHello},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(*c.replies.begin());
    const auto mx = peer(TlsRule::kOpportunistic);
    Opening opening(mx, TlsUse::kPossible);
    EXPECT_EQ(play(opening, c.replies).need, Need::kFailed);
    EXPECT_EQ(opening.failure().error, c.error);
    EXPECT_EQ(opening.failure().permanence(), c.permanence);
    EXPECT_EQ(opening.failure().stage, c.stage);
    EXPECT_TRUE(opening.failure().reply);
  }
}

// ---- AUTH

Peer relay(TlsRule tls, Credentials::Kind kind = Credentials::Kind::kPassword) {
  auto result = peer(tls);
  result.credentials = Credentials{.user = "alice", .secret = base::crypto::Secret(std::string("pw")), .kind = kind};
  return result;
}

TEST(Opening, AuthenticatesWithTheBestBothHave) {  // RFC 4954 s4
  struct Case {
    std::initializer_list<std::string_view> replies;
    std::string_view sent;  // after the last EHLO
    Need want;
    Credentials::Kind kind = Credentials::Kind::kPassword;
  };
  const Case cases[] = {
      {{"250 mx\nAUTH PLAIN LOGIN", "235 ok"}, "AUTH PLAIN AGFsaWNlAHB3\r\n", Need::kDone},
      {{"250 mx\nAUTH LOGIN", "334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", "235 ok"},
       "AUTH LOGIN\r\nYWxpY2U=\r\ncHc=\r\n",
       Need::kDone},
      {{"250 mx\nAUTH PLAIN", "535 no"}, "AUTH PLAIN AGFsaWNlAHB3\r\n", Need::kFailed},
      {{"250 mx\nAUTH PLAIN LOGIN", "534 too weak", "334 ", "334 ", "235 ok"},
       "AUTH PLAIN AGFsaWNlAHB3\r\nAUTH LOGIN\r\nYWxpY2U=\r\ncHc=\r\n",
       Need::kDone},
      {{"250 mx\nAUTH LOGIN", "334 ", "334 ", "334 ", "501 ok"},
       "AUTH LOGIN\r\nYWxpY2U=\r\ncHc=\r\n*\r\n",
       Need::kFailed},
      {{"250 mx\nAUTH LOGIN", "334 !", "501 ok"}, "AUTH LOGIN\r\n*\r\n", Need::kFailed},
      {{"250 mx\nAUTH CRAM-MD5"}, "", Need::kFailed},
      {{"250 mx\nAUTH XOAUTH2 PLAIN", "235 ok"},
       "AUTH XOAUTH2 dXNlcj1hbGljZQFhdXRoPUJlYXJlciBwdwEB\r\n",
       Need::kDone,
       Credentials::Kind::kOAuthToken},
      {{"250 mx\nAUTH XOAUTH2", "334 e30=", "535 expired"},
       "AUTH XOAUTH2 dXNlcj1hbGljZQFhdXRoPUJlYXJlciBwdwEB\r\n\r\n",
       Need::kFailed,
       Credentials::Kind::kOAuthToken},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.sent);
    const auto mx = relay(TlsRule::kNever, c.kind);
    Opening opening(mx, TlsUse::kPossible);
    opening.begin(nullptr);
    opening.take(make_plain_reply(220, "x"));
    EXPECT_EQ(opening.take_output(), "EHLO mail.demo.test\r\n");
    std::string sent;
    auto need = Need::kReply;
    for (const auto reply : c.replies) {
      ASSERT_EQ(need, Need::kReply);
      const int code = (reply[0] - '0') * 100 + (reply[1] - '0') * 10 + (reply[2] - '0');
      need = opening.take(make_plain_reply(code, std::string(reply.substr(4))));
      sent += opening.take_output();
    }
    EXPECT_EQ(need, c.want);
    EXPECT_EQ(sent, c.sent);
    if (need == Need::kFailed) EXPECT_EQ(opening.failure().permanence(), Permanence::kTemporary);
  }
}

TEST(Opening, ShowsNoPasswordInTheClear) {
  const auto mx = relay(TlsRule::kOpportunistic);
  Opening opening(mx, TlsUse::kPossible);
  EXPECT_EQ(play(opening, {"220 x", "250 mx\nAUTH PLAIN LOGIN"}).need, Need::kFailed);
  EXPECT_EQ(opening.failure().error, ConnectionError::kAuthUnavailable);

  Opening scram(mx, TlsUse::kPossible);
  const auto outcome = play(scram, {"220 x", "250 mx\nAUTH PLAIN SCRAM-SHA-256"});
  EXPECT_EQ(outcome.need, Need::kReply);
  EXPECT_TRUE(outcome.sent.ends_with("\r\n"));
  EXPECT_NE(outcome.sent.find("AUTH SCRAM-SHA-256 "), std::string::npos);
}

TEST(Opening, BelievesNoSuccessBeforeThePeerHasProvedItself) {  // RFC 5802 s5
  const auto mx = relay(TlsRule::kOpportunistic);
  Opening opening(mx, TlsUse::kPossible);
  EXPECT_EQ(play(opening, {"220 x", "250 mx\nAUTH SCRAM-SHA-256", "235 welcome"}).need, Need::kFailed);
  EXPECT_EQ(opening.failure().error, ConnectionError::kAuthRejected);
}

}  // namespace
}  // namespace veredus::work::smtpclient
