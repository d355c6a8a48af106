#include <gtest/gtest.h>

#include "base/crypto/seal.h"
#include "state/directory/rows.h"
#include "state/directory/sealing.h"
#include "support/directory_draft.h"

namespace veredus::state::directory {
namespace {

using base::crypto::Secret;
using namespace std::chrono_literals;

const Secret kSealingKey(std::string(32, 'k'));

class RoutingTest : public ::testing::Test {
 protected:
  RoutingTest() {
    draft_.domain("example.org");
    alice_ = draft_.account("alice@example.org");
    bob_ = draft_.account("bob@example.org");
  }

  std::string put_route(NewRoute request) {
    return words(draft_.apply(plan_put_route(draft_.now(), request, kSealingKey, {})));
  }
  std::string put_list(NewMailList request) {
    return words(draft_.apply(plan_put_mail_list(draft_.now(), request, {})));
  }
  std::string put_forward(AccountId id, std::vector<std::string> targets, bool keep = true) {
    return words(draft_.apply(plan_put_forward(draft_.now(), id, {.targets = std::move(targets), .keep = keep}, {})));
  }
  template <class T>
  static std::string words(const std::expected<T, DirectoryError>& outcome) {
    return outcome ? "done" : std::string(to_string(outcome.error()));
  }
  static NewRoute to_host(std::string name, std::vector<std::string> destinations) {
    return {.name = std::move(name),
            .relay = {.hosts = {{.host = "smtp.example.net", .port = 25}}},
            .destinations = std::move(destinations)};
  }
  std::string route_to(std::string_view domain) {
    const auto* route = draft_.now().routing().route_to(domain);
    return route != nullptr ? route->name : "none";
  }

  test::DirectoryDraft draft_;
  AccountId alice_, bob_;
};

TEST_F(RoutingTest, TheMostExactRouteClaimsADestination) {
  EXPECT_EQ(put_route(to_host("wide", {"*.test"})), "done");
  EXPECT_EQ(put_route(to_host("near", {"*.b.test"})), "done");
  EXPECT_EQ(put_route(to_host("Exact", {"A.b.test", "xn--bcher-kva.test"})), "done");
  EXPECT_EQ(route_to("a.b.test"), "exact");
  EXPECT_EQ(route_to("c.b.test"), "near");
  EXPECT_EQ(route_to("b.test"), "wide");
  EXPECT_EQ(route_to("test"), "none");
  EXPECT_EQ(route_to("xn--bcher-kva.test"), "exact");
  EXPECT_EQ(put_route(to_host("exact", {})), "done");  // claims nothing any more
  EXPECT_EQ(route_to("a.b.test"), "near");
  EXPECT_EQ(words(draft_.apply(plan_delete_route(draft_.now(), "near"))), "done");
  EXPECT_EQ(route_to("a.b.test"), "wide");
  EXPECT_EQ(words(draft_.apply(plan_delete_route(draft_.now(), "near"))), "no such route");
}

TEST_F(RoutingTest, ClaimsSendersAndTheRest) {
  auto route = to_host("one", {});
  route.senders = {"Alice@Example.org"};
  EXPECT_EQ(put_route(route), "done");
  route = to_host("all", {});
  route.senders = {"@example.org"};
  EXPECT_EQ(put_route(route), "done");
  route = to_host("smart", {});
  route.is_default = true;
  EXPECT_EQ(put_route(route), "done");
  const auto& table = draft_.now().routing();
  EXPECT_EQ(table.route_of_sender("alice@example.org")->name, "one");
  EXPECT_EQ(table.route_of_sender("bob@example.org")->name, "all");
  EXPECT_EQ(table.route_of_sender("bob@example.net"), nullptr);
  EXPECT_EQ(table.route_of_sender(""), nullptr);
  EXPECT_EQ(table.default_route()->name, "smart");
}

TEST_F(RoutingTest, RefusesWhatIsNoRoute) {
  auto with_host = [](std::string host, std::uint16_t port) {
    NewRoute route{.name = "r", .relay = {.hosts = {{.host = std::move(host), .port = port}}}};
    return route;
  };
  EXPECT_EQ(put_route(to_host("", {})), "not usable as the name of a route");
  EXPECT_EQ(put_route(to_host("mx", {})), "not usable as the name of a route");
  EXPECT_EQ(put_route(to_host("a b", {})), "not usable as the name of a route");
  EXPECT_EQ(put_route({.name = "r", .relay = {}}), "a route needs a host");
  EXPECT_EQ(put_route(with_host("bad host", 25)), "not a host");
  EXPECT_EQ(put_route(with_host("ok.test", 0)), "not a host");
  EXPECT_EQ(put_route(with_host("2001:db8::1", 25)), "done");
  EXPECT_EQ(put_route(with_host("192.0.2.1", 25)), "done");
  EXPECT_EQ(put_route(to_host("r", {"*"})), "not a domain or address a route can claim");
  EXPECT_EQ(put_route(to_host("r", {"*.*.test"})), "not a domain or address a route can claim");
}

TEST_F(RoutingTest, KeepsALoginSealedAndThroughChanges) {
  auto route = to_host("smart", {});
  route.relay.user = "me";
  EXPECT_EQ(put_route(route), "a login needs a password or a token");
  route.relay.secret = Secret(std::string("hunter2hunter2"));
  EXPECT_EQ(words(draft_.apply(plan_put_route(draft_.now(), route, Secret(), {}))),
            "there is no key to keep secrets with");
  EXPECT_EQ(put_route(route), "done");
  const auto login = draft_.now().routing().route("smart")->relay.login;
  ASSERT_TRUE(login);
  EXPECT_FALSE(login->sealed_secret.contains("hunter2"));
  const auto context = route_seal_context("smart");
  EXPECT_EQ(base::crypto::unseal(kSealingKey, login->sealed_secret, context)->reveal(), "hunter2hunter2");
  route.relay.secret.reset();
  route.is_default = true;
  EXPECT_EQ(put_route(route), "done");
  EXPECT_EQ(draft_.now().routing().route("smart")->relay.login, login);
  route.relay.user = "somebody else";
  EXPECT_EQ(put_route(route), "a login needs a password or a token");
}

TEST_F(RoutingTest, ARelayDomainIsNoDomainOfOurs) {
  const NewRelayDomain request{.name = "Backup.test", .recipients = {"Alice", "bob@backup.test"}};
  EXPECT_EQ(words(draft_.apply(plan_put_relay_domain(draft_.now(), request, {}))), "done");
  const auto* domain = draft_.now().routing().relay_domain("backup.test");
  ASSERT_NE(domain, nullptr);
  EXPECT_EQ(domain->recipients, (std::vector<std::string>{"alice@backup.test", "bob@backup.test"}));
  EXPECT_EQ(words(draft_.apply(plan_put_relay_domain(draft_.now(), {.name = "example.org"}, {}))),
            "the domain exists already");
  EXPECT_EQ(words(draft_.apply(plan_create_domain(draft_.now(), {.name = "backup.test"}, {}))),
            "the domain exists already");
  const NewRelayDomain wrong{.name = "backup.test", .recipients = {"alice@example.org"}};
  EXPECT_EQ(words(draft_.apply(plan_put_relay_domain(draft_.now(), wrong, {}))), "not an address");
}

TEST_F(RoutingTest, AForwardKeepsACopyOrNot) {
  EXPECT_EQ(put_forward(alice_, {"alice@elsewhere.test", "bob@example.org"}), "done");
  EXPECT_EQ(draft_.route("alice", "example.org"), "1 2 alice@elsewhere.test");
  EXPECT_EQ(put_forward(alice_, {"alice@elsewhere.test"}, false), "done");
  EXPECT_EQ(draft_.route("alice", "example.org"), "alice@elsewhere.test");
  EXPECT_EQ(put_forward(alice_, {"alice@example.org"}), "the alias would lead back to itself");
  EXPECT_EQ(put_forward(bob_, {"alice@example.org"}, false), "done");
  EXPECT_EQ(put_forward(alice_, {"bob@example.org"}, false), "the alias would lead back to itself");
  EXPECT_EQ(put_forward(alice_, {"nobody@example.org"}), "a target is nobody's address here");
  EXPECT_EQ(words(draft_.apply(plan_delete_forward(draft_.now(), bob_))), "done");
  EXPECT_EQ(draft_.route("bob", "example.org"), "2");
  EXPECT_TRUE(may_send_as(draft_.now(), alice_, {.local_part = "alice", .domain = "example.org"}));
}

TEST_F(RoutingTest, AnAccountsEndTakesItOutOfListsAndForwards) {
  EXPECT_EQ(put_forward(alice_, {"bob@example.org"}), "done");
  EXPECT_EQ(put_list({.address = "team@example.org",
                      .members = {"alice@example.org", "bob@example.org", "x@elsewhere.test"},
                      .moderators = {"alice@example.org", "bob@example.org"}}),
            "done");
  EXPECT_EQ(words(draft_.apply(plan_delete_account(draft_.now(), bob_, {}))), "done");
  EXPECT_EQ(draft_.now().routing().forward(alice_), nullptr);
  const auto* list = draft_.now().mail_list("team@example.org");
  EXPECT_EQ(list->members, (std::vector<std::string>{"alice@example.org", "x@elsewhere.test"}));
  EXPECT_EQ(list->moderators, (std::vector<std::string>{"alice@example.org"}));
  EXPECT_EQ(words(draft_.apply(plan_rename_account(draft_.now(), alice_, "al@example.org", OldAddress::kFree, {}))),
            "done");
  EXPECT_EQ(draft_.now().mail_list("team@example.org")->moderators, (std::vector<std::string>{"al@example.org"}));
  EXPECT_EQ(words(draft_.apply(plan_delete_domain(draft_.now(), "example.org"))),
            "the domain still has accounts or aliases");
}

TEST_F(RoutingTest, ASendingAccountCountsOnceItIsVerified) {
  NewSendingAccount request{.address = "Alice@Gmail.test",
                            .provider = "gmail",
                            .relay = {.hosts = {{.host = "smtp.gmail.test", .port = 587}},
                                      .tls = TlsRule::kVerify,
                                      .user = "alice@gmail.test",
                                      .secret = Secret(std::string("app password"))}};
  EXPECT_EQ(words(draft_.apply(plan_put_sending_account(draft_.now(), alice_, request, kSealingKey, {}))), "done");
  const wire::smtp::Address address{.local_part = "ALICE", .domain = "gmail.TEST"};
  EXPECT_FALSE(may_send_as(draft_.now(), alice_, address));
  EXPECT_EQ(words(draft_.apply(plan_note_sending_test(draft_.now(), alice_, "alice@gmail.test", "535 no"))), "done");
  EXPECT_FALSE(may_send_as(draft_.now(), alice_, address));
  EXPECT_EQ(draft_.now().routing().sending_account(alice_, "alice@gmail.test")->last_error, "535 no");
  EXPECT_EQ(words(draft_.apply(plan_note_sending_test(draft_.now(), alice_, "alice@gmail.test", ""))), "done");
  EXPECT_TRUE(may_send_as(draft_.now(), alice_, address));
  EXPECT_FALSE(may_send_as(draft_.now(), bob_, address));
  request.address = "alice@example.org";
  EXPECT_EQ(words(draft_.apply(plan_put_sending_account(draft_.now(), alice_, request, kSealingKey, {}))),
            "the address is in a domain of ours");
  EXPECT_EQ(words(draft_.apply(plan_delete_sending_account(draft_.now(), alice_, "alice@gmail.test"))), "done");
  EXPECT_FALSE(may_send_as(draft_.now(), alice_, address));
}

TEST_F(RoutingTest, RotatesTheSecretOfSrs) {
  SystemTime now{std::chrono::days(20'000)};
  const auto rotate = [&](std::string fresh) {
    draft_.apply(plan_rotate_srs_secret(draft_.now(), std::move(fresh), 24h * 30, 24h * 23, now)).value();
    std::string all;
    for (const auto& secret : draft_.now().routing().srs_secrets()) all += secret.octets;
    return all;
  };
  EXPECT_EQ(rotate("a"), "a");
  EXPECT_EQ(rotate("b"), "a");  // too early
  now += 24h * 31;
  EXPECT_EQ(rotate("b"), "ba");
  now += 24h * 31;
  EXPECT_EQ(rotate("c"), "cb");  // a was replaced a month ago
}

class ListTest : public RoutingTest {
 protected:
  std::string post(const char* sender, std::optional<AccountId> account = std::nullopt) {
    if (sender == nullptr) return draft_.route("team", "example.org", {.account = account});
    const auto address = *wire::smtp::parse_mailbox(sender);
    return draft_.route("team", "example.org", {.sender = &address, .account = account});
  }
  NewMailList team() {
    return {.address = "Team@example.org",
            .name = "The team",
            .members = {"bob@example.org", "x@elsewhere.test"},
            .moderators = {"alice@example.org"}};
  }
};

TEST_F(ListTest, TakesPostsOfThoseWhoMay) {
  auto list = team();
  EXPECT_EQ(put_list(list), "done");
  EXPECT_EQ(post("bob@example.org"), "2 x@elsewhere.test");
  EXPECT_EQ(post("X@Elsewhere.TEST"), "2 x@elsewhere.test");
  EXPECT_EQ(post("alice@example.org"), "2 x@elsewhere.test");
  EXPECT_EQ(post("stranger@elsewhere.test"), "may not post to this list");
  EXPECT_EQ(post("other@example.org", bob_), "2 x@elsewhere.test");  // by who he is
  EXPECT_EQ(post(nullptr), "may not post to this list");
  list.posting = Posting::kModerators;
  EXPECT_EQ(put_list(list), "done");
  EXPECT_EQ(post("bob@example.org"), "may not post to this list");
  EXPECT_EQ(post("alice@example.org"), "2 x@elsewhere.test");
  list.posting = Posting::kAnyone;
  EXPECT_EQ(put_list(list), "done");
  EXPECT_EQ(post("stranger@elsewhere.test"), "2 x@elsewhere.test");
  EXPECT_EQ(post(nullptr), "may not post to this list");
}

TEST_F(ListTest, SuspendsAMemberWhoseMailComesBackUntilHeJoinsAgain) {
  EXPECT_EQ(put_list(team()), "done");
  const auto trouble = [&](NewTrouble::Kind kind, SystemTime at, std::string member = "x@elsewhere.test") {
    const NewTrouble made{.member = std::move(member),
                          .kind = kind,
                          .reason = std::string(300, 'r'),
                          .suspend_after = 2,
                          .suspend_on_complaint = true,
                          .forget_after = std::chrono::hours(24)};
    return words(draft_.apply(plan_note_trouble(draft_.now(), "Team@example.org", made, at)));
  };
  const auto list = [&] { return *draft_.now().mail_list("team@example.org"); };
  const SystemTime start{std::chrono::hours(500'000)};
  using Kind = NewTrouble::Kind;
  EXPECT_EQ(trouble(Kind::kHard, start), "done");
  EXPECT_EQ(trouble(Kind::kSoft, start), "done");
  EXPECT_EQ(list().troubles.at(0).hard, 1U);
  EXPECT_EQ(list().troubles.at(0).reason.size(), 200U);
  EXPECT_EQ(trouble(Kind::kHard, start + std::chrono::hours(25)), "done");  // the first is forgotten
  EXPECT_EQ(post("bob@example.org"), "2 x@elsewhere.test");
  EXPECT_EQ(trouble(Kind::kHard, start + std::chrono::hours(26)), "done");
  EXPECT_TRUE(trouble_of(list(), "x@elsewhere.test")->suspended);
  EXPECT_EQ(post("bob@example.org"), "2");
  EXPECT_EQ(post("x@elsewhere.test"), "2");  // he may still write
  EXPECT_EQ(put_list(team()), "done");
  EXPECT_TRUE(list().troubles.at(0).suspended);
  EXPECT_EQ(words(draft_.apply(plan_change_members(draft_.now(), "team@example.org", {.join = {"x@elsewhere.test"}}))),
            "done");
  EXPECT_TRUE(list().troubles.empty());
  EXPECT_EQ(post("bob@example.org"), "2 x@elsewhere.test");
  EXPECT_EQ(trouble(Kind::kComplaint, start), "done");
  EXPECT_TRUE(list().troubles.at(0).suspended);
  EXPECT_EQ(words(draft_.apply(plan_change_members(draft_.now(), "team@example.org", {.leave = {"x@elsewhere.test"}}))),
            "done");
  EXPECT_TRUE(list().troubles.empty());
  EXPECT_EQ(trouble(Kind::kHard, start), "no such account");
}

TEST_F(ListTest, LeadsWhatIsToBeModeratedToTheModerators) {
  auto list = team();
  list.moderated = true;
  EXPECT_EQ(put_list(list), "done");
  EXPECT_EQ(post("stranger@elsewhere.test"), "1");
  EXPECT_EQ(draft_.route("team", "example.org", {.approved = true}), "2 x@elsewhere.test");
  const auto stranger = *wire::smtp::parse_mailbox("stranger@elsewhere.test");
  const auto found = resolve(draft_.now(), {.local_part = "team", .domain = "example.org"}, {}, Purpose::kDelivery,
                             {.sender = &stranger});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->vias.at(found->local.at(0).via - 1).moderation);
}

TEST_F(ListTest, SaysByWhichListAndAddressATargetIsReached) {
  EXPECT_EQ(put_list(team()), "done");
  EXPECT_TRUE(draft_.alias("out@example.org", {"y@elsewhere.test"}));
  EXPECT_EQ(put_list({.address = "all@example.org",
                      .members = {"team@example.org", "out@example.org"},
                      .moderators = {"alice@example.org"},
                      .posting = Posting::kAnyone}),
            "done");
  const auto found =
      resolve(draft_.now(), {.local_part = "all", .domain = "example.org"}, {}, Purpose::kDelivery, {.approved = true});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->remote.size(), 2U);
  const auto via = [&](std::size_t i) { return found->vias.at(found->remote[i].via - 1); };
  EXPECT_EQ(via(0).address, "out@example.org");
  EXPECT_EQ(via(0).list->address, "all@example.org");
  EXPECT_EQ(via(1).address, "team@example.org");
  EXPECT_EQ(via(1).list->address, "team@example.org");
}

TEST_F(ListTest, BringsBouncesAndLettersToTheModerators) {
  EXPECT_EQ(put_list(team()), "done");
  EXPECT_EQ(draft_.route("team-bounces", "example.org"), "1");
  EXPECT_EQ(draft_.route("Team-Owner", "example.org"), "1");
  EXPECT_EQ(draft_.route("team-other", "example.org"), "unknown mailbox");
  EXPECT_TRUE(may_send_as(draft_.now(), alice_, {.local_part = "team", .domain = "example.org"}));
  EXPECT_FALSE(may_send_as(draft_.now(), bob_, {.local_part = "team", .domain = "example.org"}));
}

TEST_F(ListTest, HasAnAddressOfItsOwnAndNoCircles) {
  EXPECT_EQ(put_list(team()), "done");
  EXPECT_EQ(words(draft_.alias("team@example.org", {"bob@example.org"})), "the address is taken");
  EXPECT_EQ(put_list({.address = "bob@example.org", .moderators = {"alice@example.org"}}), "the address is taken");
  EXPECT_EQ(put_list({.address = "x@example.org"}), "a list needs a moderator");
  auto list = team();
  list.members.emplace_back("team@example.org");
  EXPECT_EQ(put_list(list), "the alias would lead back to itself");
  list = team();
  list.moderators = {"team-owner@example.org"};
  EXPECT_EQ(put_list(list), "the alias would lead back to itself");
  list = team();
  list.members.emplace_back("nobody@example.org");
  EXPECT_EQ(put_list(list), "a target is nobody's address here");
}

TEST_F(ListTest, ChangesItsMembers) {
  EXPECT_EQ(put_list(team()), "done");
  const MembersChange change{.join = {"alice@example.org", "bob@example.org"},
                             .leave = {"X@elsewhere.test", "x@elsewhere.test"}};
  EXPECT_EQ(words(draft_.apply(plan_change_members(draft_.now(), "team@example.org", change))), "done");
  EXPECT_EQ(draft_.now().mail_list("team@example.org")->members,
            (std::vector<std::string>{"alice@example.org", "bob@example.org"}));
  EXPECT_EQ(words(draft_.apply(plan_change_members(draft_.now(), "none@example.org", change))), "no such list");
  EXPECT_EQ(words(draft_.apply(plan_delete_mail_list(draft_.now(), "team@example.org"))), "done");
  EXPECT_EQ(draft_.route("team", "example.org"), "unknown mailbox");
}

}  // namespace
}  // namespace veredus::state::directory
