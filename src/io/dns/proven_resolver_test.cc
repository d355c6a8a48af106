#include "io/dns/proven_resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "support/run.h"
#include "support/scripted_resolver.h"

namespace veredus::io::dns {
namespace {

using testing::ElementsAre;

struct ProvenResolverTest : testing::Test {
  ProvenResolverTest() {
    validating.a("mx.example.org", {"192.0.2.1"}).authentic(true);
    plain.a("mx.example.org", {"192.0.2.1"});
  }
  asio::awaitable<bool> once() {
    co_await resolver.look();
    co_return true;
  }
  void look(Proof found) {
    next = found;
    test::run(io, once());
  }
  bool is_authentic() { return test::run(io, resolver.a("mx.example.org"))->authentic; }

  asio::io_context io;
  test::ScriptedResolver validating, plain;
  Proof next = Proof::kProven;
  std::vector<Proof> told;
  ProvenResolver resolver{{.validating = validating,
                           .plain = plain,
                           .look = [this]() -> asio::awaitable<Proof> { co_return next; },
                           .tell = [this](Proof proof) { told.push_back(proof); }},
                          {.first_wait = std::chrono::milliseconds(1)}};
};

TEST_F(ProvenResolverTest, ValidatesWhereSignaturesComeThrough) {
  look(Proof::kProven);
  EXPECT_TRUE(is_authentic());
  EXPECT_EQ(plain.asked(), 0U);
}

TEST_F(ProvenResolverTest, AsksWithoutValidationWhereTheyDoNot) {
  validating.fail("mx.example.org", DnsError::kBogus);
  look(Proof::kStripped);
  EXPECT_FALSE(is_authentic());
  EXPECT_EQ(validating.asked(), 0U);
}

TEST_F(ProvenResolverTest, DoesNotAskElsewhereForWhatIsBogus) {
  validating.fail("mx.example.org", DnsError::kBogus);
  look(Proof::kProven);
  const auto answer = test::run(io, resolver.a("mx.example.org"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error(), DnsError::kBogus);
  EXPECT_EQ(plain.asked(), 0U) << "else whoever strips one domain's signatures takes its DANE away";
}

TEST_F(ProvenResolverTest, BelievesNothingBeforeTheFirstLook) {
  EXPECT_EQ(resolver.proof(), Proof::kUnknown);
  EXPECT_FALSE(is_authentic());
}

TEST_F(ProvenResolverTest, ChangesWithWhatALookFindsAndTellsEachChangeOnce) {
  for (const auto found : {Proof::kSilent, Proof::kSilent, Proof::kProven, Proof::kProven, Proof::kStripped})
    look(found);
  EXPECT_THAT(told, ElementsAre(Proof::kSilent, Proof::kProven, Proof::kStripped));
  EXPECT_FALSE(is_authentic());
}

TEST_F(ProvenResolverTest, KeepsValidatingWhileNobodyAnswers) {
  look(Proof::kProven);
  look(Proof::kSilent);
  EXPECT_EQ(resolver.proof(), Proof::kProven);
  EXPECT_TRUE(is_authentic());
}

TEST_F(ProvenResolverTest, HandsOnEveryKindOfQuestion) {
  validating.mx("example.org", {{10, "mx.example.org"}}).txt("example.org", {"text"}).ns("example.org", {"ns"});
  validating.aaaa("mx.example.org", {"2001:db8::1"})
      .tlsa("_25._tcp.mx.example.org", {{}})
      .srv("_imap.example.org", {{}});
  validating.ptr("192.0.2.1", {"mx.example.org"}).alias("www.example.org", "mx.example.org");
  look(Proof::kProven);
  EXPECT_EQ(test::run(io, resolver.mx("example.org"))->records.size(), 1U);
  EXPECT_EQ(test::run(io, resolver.txt("example.org"))->records.size(), 1U);
  EXPECT_EQ(test::run(io, resolver.ns("example.org"))->records.size(), 1U);
  EXPECT_EQ(test::run(io, resolver.aaaa("mx.example.org"))->records.size(), 1U);
  EXPECT_EQ(test::run(io, resolver.tlsa("_25._tcp.mx.example.org"))->records.size(), 1U);
  EXPECT_EQ(test::run(io, resolver.srv("_imap.example.org"))->records.size(), 1U);
  EXPECT_EQ(test::run(io, resolver.ptr(net::IpAddress::parse("192.0.2.1").value()))->records.size(), 1U);
  EXPECT_EQ(test::run(io, resolver.cname("www.example.org"))->records.size(), 1U);
}

TEST(Prove, WantsSignedAnswersAndSignedDenials) {
  asio::io_context io;
  test::ScriptedResolver root;
  root.ns(".", {"a.root.test"});
  EXPECT_EQ(test::run(io, prove(&root)), Proof::kStripped) << "nothing is signed";
  root.authentic(true);
  EXPECT_EQ(test::run(io, prove(&root)), Proof::kProven);
  for (const auto error : {DnsError::kBogus, DnsError::kNoSuchName, DnsError::kMalformedAnswer})
    EXPECT_EQ(test::run(io, prove(&root.fail(".", error))), Proof::kStripped) << to_string(error);
  for (const auto error : {DnsError::kTimeout, DnsError::kServerFailure})
    EXPECT_EQ(test::run(io, prove(&root.fail(".", error))), Proof::kSilent) << to_string(error);
}

}  // namespace
}  // namespace veredus::io::dns
