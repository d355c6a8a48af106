#include "work/delivery/router.h"

#include <gtest/gtest.h>

#include "support/delivery_world.h"

namespace veredus::work::delivery {
namespace {

using io::engine::MemoryEngine;
constexpr SystemTime kNow{std::chrono::milliseconds{1'790'000'000'123}};

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() { world_.await(world_.directory->create_domain({.name = "demo.test"})); }

  Verdict route(std::string_view recipient, Asker asker = Asker::kStranger, std::uint64_t octets = 0) {
    RouteQuery query{.recipient = *wire::smtp::parse_mailbox(recipient), .asker = asker, .declared_octets = octets};
    return world_.await(world_.router.route(std::move(query)));
  }
  void fill(AccountId account, std::size_t octets) {
    state::mailbox::NewMessage message{.octets = std::string(octets, 'x')};
    ASSERT_TRUE(world_.await(world_.mailboxes.append(account, std::move(message), {})));
  }

  FixedClock clock_{kNow};
  MemoryEngine mail_;
  MemoryEngine names_;
  test::DeliveryWorld world_{mail_, names_, clock_};
};

TEST_F(RouterTest, LeadsToTheAccountWithItsDetail) {
  const auto bob = world_.add_account("bob@demo.test");
  const Targets want{.local = {Target{.account = bob, .detail = "lists", .quota = {}}}, .remote = {}};
  EXPECT_EQ(route("bob+lists@demo.test"), want);
}

TEST_F(RouterTest, ExpandsAnAliasToEachAccountOnce) {
  const auto bob = world_.add_account("bob@demo.test");
  const auto carol = world_.add_account("carol@demo.test");
  world_.add_alias("all@demo.test", {"bob@demo.test", "carol@demo.test"});
  world_.add_alias("more@demo.test", {"all@demo.test", "bob@demo.test"});
  const auto verdict = route("more@demo.test");
  ASSERT_TRUE(verdict);
  ASSERT_EQ(verdict->local.size(), 2U);
  EXPECT_NE(verdict->local[0].account, verdict->local[1].account);
  EXPECT_TRUE(verdict->local[0].account == bob || verdict->local[0].account == carol);
}

TEST_F(RouterTest, RefusesWhatItCannotDeliver) {
  world_.add_account("bob@demo.test");
  struct Case {
    std::string_view recipient;
    Asker asker;
    Refusal want;
  };
  const Case cases[] = {{"nobody@demo.test", Asker::kStranger, Refusal::kUnknownMailbox},
                        {"nobody@demo.test", Asker::kAuthenticated, Refusal::kUnknownMailbox},
                        {"x@elsewhere.test", Asker::kStranger, Refusal::kRelayingDenied},
                        {"x@[192.0.2.1]", Asker::kStranger, Refusal::kRelayingDenied},
                        {"x@[192.0.2.1]", Asker::kAuthenticated, Refusal::kAddressLiteral}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.recipient);
    const auto verdict = route(c.recipient, c.asker);
    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error(), c.want);
  }
}

TEST_F(RouterTest, RefusesAFullAccountForNowAndTooLargeAMessageForEver) {
  const auto bob = world_.add_account("bob@demo.test", {.octets = 1000});
  EXPECT_TRUE(route("bob@demo.test", Asker::kStranger, 1000));
  EXPECT_EQ(route("bob@demo.test", Asker::kStranger, 1001).error(), Refusal::kLargerThanQuota);
  fill(bob, 600);
  EXPECT_TRUE(route("bob@demo.test", Asker::kStranger, 400));
  EXPECT_EQ(route("bob@demo.test", Asker::kStranger, 401).error(), Refusal::kOverQuota);
  fill(bob, 400);
  EXPECT_EQ(route("bob@demo.test").error(), Refusal::kOverQuota);
}

TEST_F(RouterTest, RefusesAnAliasOnlyWhenNobodyThereHasRoom) {
  const auto bob = world_.add_account("bob@demo.test", {.octets = 0, .messages = 1});
  const auto carol = world_.add_account("carol@demo.test", {.octets = 0, .messages = 1});
  world_.add_alias("all@demo.test", {"bob@demo.test", "carol@demo.test"});
  fill(bob, 10);
  EXPECT_TRUE(route("all@demo.test"));
  fill(carol, 10);
  EXPECT_EQ(route("all@demo.test").error(), Refusal::kOverQuota);
}

TEST_F(RouterTest, AlwaysTakesMailToPostmaster) {  // RFC 5321 s4.5.1
  const auto bob = world_.add_account("bob@demo.test", {.octets = 10});
  fill(bob, 10);
  EXPECT_TRUE(route("PostMaster@demo.test"));
}

TEST(ReplyFor, GivesEachRefusalItsCode) {
  struct Case {
    Refusal refusal;
    std::string_view want;
  };
  const Case cases[] = {{Refusal::kUnknownMailbox, "550 5.1.1 "},
                        {Refusal::kRelayingDenied, "550 5.7.1 "},
                        {Refusal::kAddressLiteral, "550 5.1.2 "},
                        {Refusal::kBadDomain, "550 5.1.2 "},
                        {Refusal::kForgedReturnPath, "550 5.1.1 "},
                        {Refusal::kExpiredReturnPath, "550 5.1.1 "},
                        {Refusal::kBouncesOnly, "550 5.7.1 "},
                        {Refusal::kPostingDenied, "550 5.7.2 "},
                        {Refusal::kOverQuota, "452 4.2.2 "},
                        {Refusal::kLargerThanQuota, "552 5.2.3 "},
                        {Refusal::kLoop, "550 5.4.6 "},
                        {Refusal::kTooManyTargets, "550 5.3.4 "},
                        {Refusal::kDisabled, "550 5.2.1 "},
                        {Refusal::kUnavailable, "451 4.3.0 "}};
  for (const auto& c : cases) {
    SCOPED_TRACE(to_string(c.refusal));
    const auto reply = reply_for(c.refusal, {.local_part = "bob", .domain = "demo.test"});
    EXPECT_EQ(wire::smtp::to_string(reply).substr(0, c.want.size()), c.want);
    EXPECT_EQ(reply.permanent(), permanence(c.refusal) == Permanence::kPermanent);
  }
}

TEST(ReplyFor, GivesEachDeliveryErrorItsCode) {
  struct Case {
    DeliveryError error;
    std::string_view want;
  };
  const Case cases[] = {{DeliveryError::kStoreFull, "452 4.3.1 "},     {DeliveryError::kUnavailable, "451 4.3.0 "},
                        {DeliveryError::kOutcomeUnsure, "451 4.3.0 "}, {DeliveryError::kOverQuota, "452 4.2.2 "},
                        {DeliveryError::kTooBig, "552 5.3.4 "},        {DeliveryError::kLoop, "554 5.4.6 "},
                        {DeliveryError::kBusy, "451 4.3.2 "},          {DeliveryError::kNoSuchAccount, "550 5.1.1 "},
                        {DeliveryError::kStopping, "421 4.3.2 "}};
  for (const auto& c : cases) {
    SCOPED_TRACE(to_string(c.error));
    EXPECT_EQ(wire::smtp::to_string(reply_for(c.error)).substr(0, c.want.size()), c.want);
    EXPECT_EQ(reply_for(c.error).permanent(), permanence(c.error) == Permanence::kPermanent);
  }
}

}  // namespace
}  // namespace veredus::work::delivery
