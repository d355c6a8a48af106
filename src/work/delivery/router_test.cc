#include "work/delivery/router.h"

#include <gtest/gtest.h>

#include "rules/verp/verp.h"
#include "state/directory/snapshot.h"
#include "support/delivery_world.h"
#include "work/delivery/routes.h"

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
  const Targets want{
      .local = {Target{.account = bob, .detail = "lists", .quota = {}}}, .remote = {}, .own_mailbox = true};
  EXPECT_EQ(route("bob+lists@demo.test"), want);
}

TEST_F(RouterTest, TakesMailForThePostmasterOfTheHostItself) {  // RFC 5321 s4.5.1
  const auto bob = world_.add_account("bob@demo.test");
  Router router(*world_.directory, world_.mailboxes, clock_, {.hostname = "mx.demo.test"});
  const auto ask = [&](std::string_view recipient) {
    RouteQuery query{.recipient = *wire::smtp::parse_mailbox(recipient)};
    return world_.await(router.route(std::move(query)));
  };
  for (const auto* recipient : {"postmaster@mx.demo.test", "Postmaster@MX.demo.test"}) {
    SCOPED_TRACE(recipient);
    const auto verdict = ask(recipient);
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->local.at(0).account, bob);
  }
  EXPECT_EQ(ask("bob@mx.demo.test").error(), Refusal::kRelayingDenied);
  EXPECT_EQ(ask("postmaster@mx2.demo.test").error(), Refusal::kRelayingDenied);
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

/// The addresses elsewhere a verdict leads to, each with its return path where that is changed.
std::string remotes_of(const Verdict& verdict) {
  if (!verdict) return std::string(to_string(verdict.error()));
  std::string out;
  for (const auto& remote : verdict->remote) {
    out.append(out.empty() ? "" : " ").append(to_string(remote.address));
    if (remote.passage && remote.passage->sender) out.append("<-").append(*remote.passage->sender);
  }
  return out;
}

class RemoteTest : public RouterTest {
 protected:
  RemoteTest() {
    alice_ = world_.add_account("alice@demo.test");
    EXPECT_TRUE(world_.await(world_.directory->rotate_srs_secret()));
  }

  std::string from(const char* sender, std::string_view recipient, Asker asker = Asker::kStranger) {
    RouteQuery query{.recipient = *wire::smtp::parse_mailbox(recipient), .asker = asker};
    std::optional<wire::smtp::Address> address;
    if (sender != nullptr) address = *wire::smtp::parse_mailbox(sender);
    if (address) query.sender = &*address;
    if (asker == Asker::kAuthenticated) query.submitter = alice_;
    verdict_ = world_.await(world_.router.route(std::move(query)));
    return remotes_of(verdict_);
  }
  std::string stranger(std::string_view recipient) { return from("x@example.org", recipient); }
  std::string ours(std::string_view recipient) { return from("alice@demo.test", recipient, Asker::kAuthenticated); }
  void relay_for(std::string name, std::vector<std::string> recipients = {}) {
    state::directory::NewRelayDomain domain{.name = std::move(name), .recipients = std::move(recipients)};
    ASSERT_TRUE(world_.await(world_.directory->put_relay_domain(std::move(domain))));
  }

  AccountId alice_;
  Verdict verdict_ = std::unexpected(Refusal::kUnavailable);
};

TEST_F(RemoteTest, TakesMailOfOurPeopleToAnyDomain) {
  EXPECT_EQ(ours("bob@Elsewhere.TEST"), "bob@elsewhere.test");
  EXPECT_EQ(ours("bob@b\xc3\xbc"
                 "cher.test"),
            "bob@xn--bcher-kva.test");
  EXPECT_EQ(ours("bob@[IPv6:2001:db8::1]"), "address literal");
  EXPECT_EQ(from(nullptr, "bob@elsewhere.test", Asker::kAuthenticated), "bob@elsewhere.test");
}

TEST_F(RemoteTest, KnowsTheReturnPathsThatWereMadeForOneRecipient) {
  std::vector<std::string> secrets;
  for (const auto& secret : world_.directory->snapshot()->routing().srs_secrets()) secrets.push_back(secret.octets);
  const rules::verp::Envelope about{.queue_id = {1, 2, 3}, .recipient = 77};
  const auto path = *rules::verp::return_path(about, {.local_part = "alice", .domain = "demo.test"}, secrets);
  EXPECT_EQ(from(nullptr, to_string(path)), "");
  ASSERT_TRUE(verdict_);
  EXPECT_EQ(verdict_->local.at(0).account, alice_);
  ASSERT_TRUE(verdict_->returned);
  EXPECT_EQ(verdict_->returned->message.octets, about.queue_id);
  EXPECT_EQ(verdict_->returned->recipient, 77U);
  EXPECT_EQ(to_string(verdict_->returned->path), "alice@demo.test");
  EXPECT_EQ(stranger(to_string(path)), "");
  EXPECT_TRUE(verdict_->returned);
  auto forged = path;
  forged.local_part.back() = forged.local_part.back() == 'a' ? 'b' : 'a';
  from(nullptr, to_string(forged));  // an address like any other: one of alice's
  EXPECT_TRUE(!verdict_ || !verdict_->returned);
  from(nullptr, "alice@demo.test");
  EXPECT_FALSE(verdict_->returned);
}

TEST_F(RemoteTest, IsNoOpenRelay) {
  world_.add_alias("list@demo.test", {"alice@demo.test"});
  relay_for("backup.test");
  relay_for("known.test", {"bob"});
  const std::string_view denied[] = {"bob@elsewhere.test",
                                     "alice@demo.test.elsewhere.test",
                                     "alice@xdemo.test",
                                     "alice@sub.demo.test",
                                     "bob@sub.backup.test",
                                     "bob%elsewhere.test@backup.test",
                                     "elsewhere.test!bob@backup.test",
                                     "\"bob@elsewhere.test\"@backup.test",
                                     "bob@[192.0.2.1]",
                                     "bob@[IPv6:::1]",
                                     "postmaster@elsewhere.test"};
  for (const auto recipient : denied) {
    SCOPED_TRACE(recipient);
    EXPECT_EQ(stranger(recipient), "relaying denied");
    EXPECT_EQ(from(nullptr, recipient), "relaying denied");
    EXPECT_EQ(from("alice@demo.test", recipient), "relaying denied");  // who only says so has not authenticated
    EXPECT_EQ(wire::smtp::to_string(reply_for(verdict_.error(), *wire::smtp::parse_mailbox(recipient))).substr(0, 10),
              "550 5.7.1 ");
  }
  const std::string_view unknown[] = {"bob%elsewhere.test@demo.test", "elsewhere.test!bob@demo.test",
                                      "\"bob@elsewhere.test\"@demo.test", "bob%elsewhere.test@known.test",
                                      "carol@known.test"};
  for (const auto recipient : unknown) {
    SCOPED_TRACE(recipient);
    EXPECT_EQ(stranger(recipient), "unknown mailbox");
  }
  // A source route is read and forgotten (RFC 5321 appendix F.2): what counts is where it ends.
  const auto routed =
      wire::smtp::parse_path("<@demo.test,@backup.test:bob@elsewhere.test>", wire::smtp::PathUse::kForward);
  ASSERT_TRUE(routed);
  EXPECT_EQ(stranger(to_string(*routed->address)), "relaying denied");
}

TEST_F(RemoteTest, RelaysForTheDomainsItWasTold) {
  relay_for("backup.test");
  relay_for("known.test", {"Bob"});
  EXPECT_EQ(stranger("anybody@Backup.test"), "anybody@backup.test");
  EXPECT_EQ(stranger("BOB@known.test"), "BOB@known.test");
  EXPECT_EQ(ours("bob%x@backup.test"), "bob%x@backup.test");
}

TEST_F(RemoteTest, WritesAReturnPathOfOursOnlyForStrangersMailThatLeaves) {
  world_.add_alias("out@demo.test", {"bob@elsewhere.test", "alice@demo.test"});
  const auto forwarded = stranger("out@demo.test");
  EXPECT_TRUE(forwarded.starts_with("bob@elsewhere.test<-SRS0=") && forwarded.ends_with("=example.org=x@demo.test"))
      << forwarded;
  ASSERT_EQ(verdict_->local.size(), 1U);
  EXPECT_EQ(verdict_->local[0].passage, nullptr);
  EXPECT_EQ(verdict_->remote[0].passage->fields, "Delivered-To: out@demo.test\r\n");
  EXPECT_EQ(from(nullptr, "out@demo.test"), "bob@elsewhere.test");
  EXPECT_EQ(from("someone@demo.test", "out@demo.test"), "bob@elsewhere.test");
  EXPECT_EQ(ours("out@demo.test"), "bob@elsewhere.test");
  EXPECT_EQ(from("alice@gmail.test", "out@demo.test", Asker::kAuthenticated), "bob@elsewhere.test");
}

TEST_F(RemoteTest, LeadsBouncesOfForwardedMailBackAndNothingElse) {
  world_.add_alias("out@demo.test", {"bob@elsewhere.test"});
  const auto forwarded = stranger("out@demo.test");
  const auto return_path = forwarded.substr(forwarded.find("<-") + 2);
  EXPECT_EQ(from(nullptr, return_path), "x@example.org");
  EXPECT_EQ(stranger(return_path), "return path takes reports only");
  auto forged = return_path;
  forged.replace(forged.find("example.org"), 11, "victim.test");
  EXPECT_EQ(from(nullptr, forged), "forged return path");
  clock_.advance(std::chrono::days(22));
  EXPECT_EQ(from(nullptr, return_path), "expired return path");
}

TEST_F(RemoteTest, SendsPostsOnInTheListsName) {
  state::directory::NewMailList list{.address = "team@demo.test",
                                     .name = "The team",
                                     .members = {"alice@demo.test", "bob@elsewhere.test"},
                                     .moderators = {"alice@demo.test"}};
  ASSERT_TRUE(world_.await(world_.directory->put_mail_list(std::move(list))));
  EXPECT_EQ(stranger("team@demo.test"), "posting denied");
  EXPECT_EQ(from("bob@elsewhere.test", "team@demo.test"), "bob@elsewhere.test<-team-bounces@demo.test");
  const auto& passage = verdict_->remote[0].passage;
  EXPECT_TRUE(passage->is_list);
  EXPECT_EQ(passage->fields,
            "Delivered-To: team@demo.test\r\n"
            "List-Id: The team <team.demo.test>\r\n"
            "List-Post: <mailto:team@demo.test>\r\n"
            "List-Owner: <mailto:team-owner@demo.test>\r\n"
            "List-Unsubscribe: <mailto:team-owner@demo.test?subject=unsubscribe>\r\n"
            "Precedence: list\r\n");
  EXPECT_EQ(*verdict_->local[0].passage, *passage);
}

TEST_F(RemoteTest, TheDirectorySaysWhichWayMailTakes) {
  const Routes routes(*world_.directory);
  const auto way = [&](std::string_view domain, std::string_view sender, AccountId submitter = {},
                       std::string_view route = {}) {
    const auto hop = routes.next_hop(domain, sender, submitter, route);
    return hop.kind == NextHop::Kind::kMx ? (hop.relay_domain ? "backup" : "mx") : hop.name;
  };
  const auto put = [&](std::string name, std::vector<std::string> destinations, std::vector<std::string> senders,
                       bool is_default) {
    state::directory::NewRoute route{.name = std::move(name),
                                     .relay = {.hosts = {{.host = "smtp.example.net", .port = 587}},
                                               .tls = TlsRule::kVerify,
                                               .user = "me",
                                               .secret = base::crypto::Secret(std::string("open sesame"))},
                                     .destinations = std::move(destinations),
                                     .senders = std::move(senders),
                                     .is_default = is_default};
    ASSERT_TRUE(world_.await(world_.directory->put_route(std::move(route))));
  };
  relay_for("backup.test");
  EXPECT_EQ(way("a.test", "alice@demo.test"), "mx");
  put("smart", {}, {}, true);
  EXPECT_EQ(way("a.test", "alice@demo.test"), "smart");
  EXPECT_EQ(way("backup.test", "alice@demo.test"), "backup");
  put("people", {}, {"@demo.test"}, false);
  EXPECT_EQ(way("a.test", "Alice@Demo.test"), "people");
  EXPECT_EQ(way("a.test", ""), "smart");
  EXPECT_EQ(way("backup.test", "alice@demo.test"), "backup");
  put("lan", {"*.lan.test", "backup.test"}, {}, false);
  EXPECT_EQ(way("host.lan.test", "alice@demo.test"), "lan");
  EXPECT_EQ(way("backup.test", "alice@demo.test"), "lan");
  EXPECT_EQ(way("a.test", "alice@demo.test", {}, "lan"), "lan");
  EXPECT_EQ(way("a.test", "alice@demo.test", {}, "gone"), "people");
  EXPECT_EQ(way("host.lan.test", "alice@demo.test", {}, kMxRoute), "mx");
  EXPECT_EQ(routes.next_hop("a.test", "", {}, "").login->secret.reveal(), "open sesame");

  state::directory::NewSendingAccount sending{.address = "alice@gmail.test",
                                              .provider = "gmail",
                                              .relay = {.hosts = {{.host = "smtp.gmail.test", .port = 587}},
                                                        .user = "alice",
                                                        .secret = base::crypto::Secret(std::string("app"))}};
  ASSERT_TRUE(world_.await(world_.directory->put_sending_account(alice_, std::move(sending))));
  EXPECT_EQ(way("host.lan.test", "alice@gmail.test", alice_), "lan");  // not verified yet
  ASSERT_TRUE(world_.await(world_.directory->note_sending_test(alice_, "alice@gmail.test", {})));
  EXPECT_EQ(way("host.lan.test", "Alice@gmail.test", alice_), "alice@gmail.test");
  EXPECT_EQ(way("host.lan.test", "alice@gmail.test"), "lan");
  EXPECT_EQ(routes.next_hop("x.test", "alice@gmail.test", alice_, "").login->secret.reveal(), "app");
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
