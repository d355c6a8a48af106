#include "work/smtpclient/plan.h"

#include <gtest/gtest.h>

namespace veredus::work::smtpclient {
namespace {

using wire::smtp::Address;
using wire::smtp::Body;

Outgoing message() {
  Outgoing result;
  result.sender = Address{"a", "demo.test"};
  result.recipients.push_back({{"b", "example.org"}, {}, {}});
  result.body = std::make_shared<MemoryBody>("12345");
  return result;
}

PeerDetails able() {
  PeerDetails peer;
  peer.host_name = "mx.example.org";
  auto& can = peer.capabilities;
  can.pipelining = can.eight_bit_mime = can.smtputf8 = can.chunking = can.binary_mime = can.dsn = true;
  can.mt_priority = can.deliver_by = can.require_tls = true;
  can.size = 1000;
  return peer;
}

Facts five_octets() {
  Facts facts;
  facts.octets = 5;
  return facts;
}

TEST(MakePlan, NamesTheSubmitterOnlyToWhoKnowsUs) {  // RFC 4954 s5
  auto mail = message();
  mail.submitter = "a@demo.test";
  auto peer = able();
  EXPECT_EQ(make_plan(mail, five_octets(), peer, Options())->parameters.submitter, std::nullopt);
  peer.authenticated = "PLAIN";
  EXPECT_EQ(make_plan(mail, five_octets(), peer, Options())->parameters.submitter, "a@demo.test");
  mail.submitter = "jürgen@demo.test";
  peer.capabilities.smtputf8 = false;
  EXPECT_EQ(make_plan(mail, five_octets(), peer, Options())->parameters.submitter, "");
  mail.submitter = std::nullopt;
  EXPECT_EQ(make_plan(mail, five_octets(), peer, Options())->parameters.submitter, std::nullopt);
}

TEST(MakePlan, PassesOnWhatThePeerUnderstandsAndNothingElse) {
  auto mail = message();
  mail.dsn_return = wire::smtp::DsnReturn::kFull;
  mail.envelope_id = "id";
  mail.mt_priority = 3;
  mail.deliver_by = wire::smtp::DeliverBy{.seconds = 60};
  mail.smtputf8 = true;
  auto facts = five_octets();
  facts.body = Body::k8BitMime;

  const auto rich = make_plan(mail, facts, able(), Options());
  ASSERT_TRUE(rich);
  EXPECT_EQ(rich->parameters.size, 5u);
  EXPECT_EQ(rich->parameters.body, Body::k8BitMime);
  EXPECT_TRUE(rich->parameters.smtputf8);
  EXPECT_EQ(rich->parameters.dsn_return, wire::smtp::DsnReturn::kFull);
  EXPECT_EQ(rich->parameters.envelope_id, "id");
  EXPECT_EQ(rich->parameters.mt_priority, 3);
  EXPECT_EQ(rich->parameters.deliver_by, mail.deliver_by);
  EXPECT_EQ(rich->transfer, Transfer::kOneWrite);

  const auto plain = make_plan(mail, five_octets(), PeerDetails(), Options());
  ASSERT_TRUE(plain);
  std::string line;
  append_mail_from(line, &*mail.sender, plain->parameters);
  EXPECT_EQ(line, "MAIL FROM:<a@demo.test>\r\n");
  EXPECT_FALSE(plain->pipelined || plain->dsn);
  EXPECT_EQ(plain->transfer, Transfer::kData);
}

TEST(MakePlan, ChoosesHowTheMessageGoesOver) {
  const auto mail = message();
  auto peer = able();
  auto facts = five_octets();
  Options options;
  options.one_write_octets = 100;
  const auto transfer = [&] { return make_plan(mail, facts, peer, options)->transfer; };
  EXPECT_EQ(transfer(), Transfer::kOneWrite);
  facts.octets = 101;
  EXPECT_EQ(transfer(), Transfer::kData);
  facts.body = Body::kBinaryMime;
  EXPECT_EQ(transfer(), Transfer::kChunk);
  facts = five_octets();
  facts.bare_line_ends = true;
  EXPECT_EQ(transfer(), Transfer::kData);
  facts.bare_line_ends = false;
  peer.capabilities.pipelining = false;
  EXPECT_EQ(transfer(), Transfer::kData);
}

TEST(MakePlan, RefusesWhatThisHostCannotDo) {
  struct Case {
    std::string_view what;
    std::string_view status;
    Lack lack;
    void (*change)(Outgoing&, Facts&, PeerDetails&);
  };
  const Case cases[] = {
      {"too long", "5.3.4", Lack::kSize, [](Outgoing&, Facts& f, PeerDetails&) { f.octets = 1001; }},
      {"REQUIRETLS without TLS", "5.7.10", Lack::kRequireTls,
       [](Outgoing& m, Facts&, PeerDetails&) { m.require_tls = true; }},
      {"REQUIRETLS without a good certificate", "5.7.10", Lack::kRequireTls,
       [](Outgoing& m, Facts&, PeerDetails& p) {
         m.require_tls = true;
         p.tls.emplace();
       }},
      {"REQUIRETLS not offered", "5.7.30", Lack::kRequireTls,
       [](Outgoing& m, Facts&, PeerDetails& p) {
         m.require_tls = true;
         p.tls.emplace().verified = true;
         p.capabilities.require_tls = false;
       }},
      {"UTF-8 header", "5.6.9", Lack::kSmtpUtf8,
       [](Outgoing& m, Facts& f, PeerDetails& p) {
         m.smtputf8 = f.utf8_header = true;
         p.capabilities.smtputf8 = false;
       }},
      {"sender in UTF-8", "5.6.7", Lack::kSmtpUtf8,
       [](Outgoing& m, Facts&, PeerDetails& p) {
         m.smtputf8 = true;
         m.sender->local_part = "ø";
         p.capabilities.smtputf8 = false;
       }},
      {"binary", "5.6.3", Lack::kEightBit,
       [](Outgoing&, Facts& f, PeerDetails& p) {
         f.body = Body::kBinaryMime;
         p.capabilities.chunking = false;
       }},
      {"to come back in time, not offered", "5.4.7", Lack::kDeliverBy,
       [](Outgoing& m, Facts&, PeerDetails& p) {
         m.deliver_by = wire::smtp::DeliverBy{.seconds = 60, .mode = wire::smtp::ByMode::kReturn, .trace = false};
         p.capabilities.deliver_by = false;
       }},
      {"to come back in time, too late", "5.4.7", Lack::kDeliverBy,
       [](Outgoing& m, Facts&, PeerDetails& p) {
         m.deliver_by = wire::smtp::DeliverBy{.seconds = 60, .mode = wire::smtp::ByMode::kReturn, .trace = false};
         p.capabilities.deliver_by_min = 61;
       }},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    auto mail = message();
    auto facts = five_octets();
    auto peer = able();
    c.change(mail, facts, peer);
    const auto plan = make_plan(mail, facts, peer, Options());
    ASSERT_FALSE(plan);
    EXPECT_EQ(to_string(plan.error().reply.status), c.status);
    EXPECT_EQ(plan.error().lack, c.lack);
    EXPECT_TRUE(plan.error().reply.permanent());
  }
}

TEST(MakePlan, KeepsRequireTlsWhereItIsKept) {  // RFC 8689 s4.2.1
  auto mail = message();
  mail.require_tls = true;
  auto peer = able();
  peer.tls.emplace().verified = true;
  const auto plan = make_plan(mail, five_octets(), peer, Options());
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->parameters.require_tls);
}

TEST(MakePlan, GivesDomainsInALabelsToAPeerWithoutSmtputf8) {  // RFC 6531 s3.2
  auto mail = message();
  mail.sender = Address{"a", "bücher.test"};
  mail.recipients[0].address.domain = "bücher.example";
  mail.recipients.push_back({{"ø", "example.org"}, {}, {}});
  auto peer = able();
  const auto kept = make_plan(mail, five_octets(), peer, Options());
  ASSERT_TRUE(kept);
  EXPECT_TRUE(kept->parameters.smtputf8);  // an address asks for it although nobody said so
  EXPECT_TRUE(kept->rewritten.empty());

  peer.capabilities.smtputf8 = false;
  const auto plan = make_plan(mail, five_octets(), peer, Options());
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->parameters.smtputf8);
  EXPECT_EQ(plan->sender->domain, "xn--bcher-kva.test");
  EXPECT_EQ(plan->rewritten[0]->domain, "xn--bcher-kva.example");
  EXPECT_FALSE(plan->rewritten[1]);
  EXPECT_EQ(to_string(address_refusal().status), "5.6.7");
}

TEST(MakePlan, HeedsThePeersLimitOfRecipients) {  // RFC 9422 s4.2
  auto peer = able();
  EXPECT_EQ(make_plan(message(), five_octets(), peer, Options())->max_recipients, 100u);
  peer.capabilities.limit_recipients = 10;
  EXPECT_EQ(make_plan(message(), five_octets(), peer, Options())->max_recipients, 10u);
  peer.capabilities.limit_recipients = 1000;
  EXPECT_EQ(make_plan(message(), five_octets(), peer, Options())->max_recipients, 100u);
}

TEST(Question, IsAskedOnlyWhereTheAnswerMatters) {
  auto mail = message();
  auto peer = able();
  EXPECT_EQ(question(mail, peer), Question::kNone);
  mail.body_kind = Body::kBinaryMime;
  EXPECT_EQ(question(mail, peer), Question::kNone);
  peer.capabilities.binary_mime = false;
  EXPECT_EQ(question(mail, peer), Question::kWhole);
  mail.body_kind = Body::k8BitMime;
  mail.smtputf8 = true;
  EXPECT_EQ(question(mail, peer), Question::kNone);
  peer.capabilities.smtputf8 = false;
  EXPECT_EQ(question(mail, peer), Question::kHeader);
  peer.capabilities.eight_bit_mime = false;
  EXPECT_EQ(question(mail, peer), Question::kWhole);
  mail.body_kind = Body::k7Bit;
  EXPECT_EQ(question(mail, peer), Question::kWhole);
}

}  // namespace
}  // namespace veredus::work::smtpclient
