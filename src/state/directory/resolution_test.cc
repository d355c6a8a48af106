#include "state/directory/resolution.h"

#include <gtest/gtest.h>

#include "support/directory_draft.h"

namespace veredus::state::directory {
namespace {

using test::DirectoryDraft;

class ResolveTest : public testing::Test {
 protected:
  ResolveTest() {
    draft.domain("example.org");
    draft.domain(
        "b\xC3\xBC"
        "cher.test",
        '-');
    draft.domain("plain.test", std::nullopt);
    alice = draft.account("Alice@example.org");
    bob = draft.account("bob@example.org");
    carol = draft.account(
        "carol@b\xC3\xBC"
        "cher.test");
    draft.account("dave@plain.test");
  }
  void change_domain(std::string_view name, std::optional<std::optional<AccountId>> DomainChange::* field,
                     std::optional<AccountId> value) {
    DomainChange change;
    change.*field = value;
    ASSERT_TRUE(draft.apply(plan_change_domain(draft.now(), name, change)));
  }
  void change_account(AccountId id, AccountChange change) {
    ASSERT_TRUE(draft.apply(plan_change_account(draft.now(), id, change)));
  }
  DirectoryDraft draft;
  AccountId alice, bob, carol;
};

TEST_F(ResolveTest, FindsAccountsHoweverTheirAddressIsWritten) {
  struct Case {
    const char* local_part;
    const char* domain;
    const char* want;
  };
  const Case cases[] = {
      {"alice", "example.org", "1"},
      {"ALICE", "EXAMPLE.org", "1"},
      {"carol", "xn--bcher-kva.test", "3"},
      {"Carol",
       "B\xC3\xBC"
       "cher.TEST",
       "3"},
      {"nobody", "example.org", "unknown mailbox"},
      {"alice", "elsewhere.test", "not one of our domains"},
      {"alice", "[192.0.2.1]", "bad address"},
      {"", "example.org", "unknown mailbox"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.local_part) + "@" + c.domain);
    EXPECT_EQ(draft.route(c.local_part, c.domain), c.want);
  }
}

TEST_F(ResolveTest, ReadsSubaddressesByTheSeparatorOfTheDomain) {
  EXPECT_EQ(draft.route("alice+Lists", "example.org"), "1+Lists");
  EXPECT_EQ(draft.route("alice+a+b", "example.org"), "1+a+b");
  EXPECT_EQ(draft.route("alice+", "example.org"), "1");
  EXPECT_EQ(draft.route("+alice", "example.org"), "unknown mailbox");
  EXPECT_EQ(draft.route("alice-lists", "example.org"), "unknown mailbox");
  EXPECT_EQ(draft.route("carol-lists",
                        "b\xC3\xBC"
                        "cher.test"),
            "3+lists");
  EXPECT_EQ(draft.route("dave+lists", "plain.test"), "unknown mailbox");
  draft.account("alice+own@example.org");
  EXPECT_EQ(draft.route("alice+own", "example.org"), "5");
}

TEST_F(ResolveTest, FollowsAliasesToEachTargetOnce) {
  ASSERT_TRUE(draft.alias("sales@example.org", {"alice@example.org", "Bob@EXAMPLE.org", "Eve@Elsewhere.test"}));
  ASSERT_TRUE(draft.alias(
      "all@example.org", {"sales@example.org", "alice@example.org", "carol@xn--bcher-kva.test", "Eve@elsewhere.test"}));
  EXPECT_EQ(draft.route("sales", "example.org"), "1 2 Eve@elsewhere.test");
  EXPECT_EQ(draft.route("ALL", "example.org"), "1 2 3 Eve@elsewhere.test");
  EXPECT_EQ(draft.route("sales+x", "example.org"), "1+x 2+x Eve@elsewhere.test");
  ASSERT_TRUE(draft.alias("filed@example.org", {"alice+work@example.org"}));
  EXPECT_EQ(draft.route("filed", "example.org"), "1+work");
}

TEST_F(ResolveTest, SendsPostmasterAndAbuseToSomebodyOfTheDomain) {  // RFC 5321 s4.5.1
  EXPECT_EQ(draft.route("Postmaster", "example.org"), "1");
  EXPECT_EQ(draft.route("abuse",
                        "b\xC3\xBC"
                        "cher.test"),
            "3");
  EXPECT_EQ(draft.route("postmaster", ""), "1") << "the oldest domain's";
  change_account(bob, {.role = Role::kAdministrator});
  EXPECT_EQ(draft.route("postmaster", "example.org"), "2");
  change_domain("example.org", &DomainChange::postmaster, carol);
  EXPECT_EQ(draft.route("postmaster", "example.org"), "3");
  change_account(carol, {.disabled = true});
  EXPECT_EQ(draft.route("postmaster", "example.org"), "2");
  draft.domain("empty.test");
  EXPECT_EQ(draft.route("abuse", "empty.test"), "2") << "any administrator";
  ASSERT_TRUE(draft.alias("postmaster@example.org", {"alice@example.org"}));
  EXPECT_EQ(draft.route("postmaster", "example.org"), "1");
  EXPECT_EQ(draft.route("info", "example.org"), "unknown mailbox");
}

TEST_F(ResolveTest, GivesTheCatchAllWhatNobodyHas) {
  change_domain("example.org", &DomainChange::catch_all, bob);
  EXPECT_EQ(draft.route("nobody", "example.org"), "2");
  EXPECT_EQ(draft.route("alice", "example.org"), "1");
  EXPECT_EQ(draft.route("postmaster", "example.org"), "1");
  change_domain("example.org", &DomainChange::catch_all, std::nullopt);
  EXPECT_EQ(draft.route("nobody", "example.org"), "unknown mailbox");
}

TEST_F(ResolveTest, LeavesOutWhoMayNotReceiveWhileOthersRemain) {
  ASSERT_TRUE(draft.alias("both@example.org", {"alice@example.org", "bob@example.org"}));
  change_account(alice, {.disabled = true});
  EXPECT_EQ(draft.route("both", "example.org"), "2");
  EXPECT_EQ(draft.route("alice", "example.org"), "account may not receive");
  change_account(bob, {.can_receive = false});
  EXPECT_EQ(draft.route("both", "example.org"), "account may not receive");
}

/// Plans refuse loops; rows written by other means must not hang the server all the same.
void put_raw_alias(Snapshot& snapshot, const std::string& address, std::vector<std::string> targets) {
  const Alias alias{.address = address, .domain = DomainId(1), .targets = std::move(targets)};
  ASSERT_TRUE(snapshot.apply(alias_key(address), write_alias(alias)));
}

TEST_F(ResolveTest, EndsInLoopsAndAtItsBounds) {
  Snapshot now = draft.now();
  put_raw_alias(now, "a@example.org", {"b@example.org"});
  put_raw_alias(now, "b@example.org", {"a@example.org"});
  put_raw_alias(now, "c@example.org", {"a@example.org", "alice@example.org"});
  for (int i = 0; i < 20; ++i)
    put_raw_alias(now, "deep" + std::to_string(i) + "@example.org",
                  {i == 19 ? "alice@example.org" : "deep" + std::to_string(i + 1) + "@example.org"});
  std::vector<std::string> many;
  for (std::size_t i = 0; i <= Limits::expanded_targets; ++i)
    many.push_back("x" + std::to_string(i) + "@elsewhere.test");
  put_raw_alias(now, "many@example.org", many);
  many.pop_back();
  put_raw_alias(now, "fits@example.org", many);
  const auto route = [&](const char* local_part) {
    return resolve(now, {.local_part = local_part, .domain = "example.org"}, {}, Purpose::kDelivery);
  };
  EXPECT_EQ(route("a").error(), ResolveError::kLoop);
  EXPECT_EQ(route("c")->local.front().account, alice);
  EXPECT_EQ(route("deep0").error(), ResolveError::kTooManyTargets);
  EXPECT_EQ(route("deep4")->local.front().account, alice);
  EXPECT_EQ(route("many").error(), ResolveError::kTooManyTargets);
  EXPECT_EQ(route("fits")->remote.size(), Limits::expanded_targets);
}

TEST_F(ResolveTest, SaysWhoMaySendAsWhat) {
  ASSERT_TRUE(draft.alias("info@example.org", {"alice@example.org"}));
  ASSERT_TRUE(draft.alias("team@example.org", {"alice@example.org", "bob@example.org"}));
  ASSERT_TRUE(draft.alias("press@example.org", {"alice@example.org", "bob@example.org", "x@elsewhere.test"}, true));
  change_domain("plain.test", &DomainChange::catch_all, bob);
  struct Case {
    AccountId who;
    const char* local_part;
    const char* domain;
    bool want;
  };
  const Case cases[] = {
      {alice, "ALICE", "Example.org", true},      {alice, "alice+tag", "example.org", true},
      {alice, "bob", "example.org", false},       {alice, "info", "example.org", true},
      {bob, "info", "example.org", false},        {alice, "team", "example.org", false},
      {alice, "press", "example.org", true},      {bob, "press+x", "example.org", true},
      {carol, "press", "example.org", false},     {bob, "anything", "plain.test", true},
      {bob, "dave", "plain.test", false},         {alice, "anything", "plain.test", false},
      {alice, "postmaster", "example.org", true}, {bob, "postmaster", "example.org", false},
      {alice, "alice", "elsewhere.test", false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::to_string(c.who.value) + " as " + c.local_part + "@" + c.domain);
    EXPECT_EQ(may_send_as(draft.now(), c.who, {.local_part = c.local_part, .domain = c.domain}), c.want);
  }
  change_account(alice, {.can_receive = false});
  EXPECT_TRUE(may_send_as(draft.now(), alice, {.local_part = "alice", .domain = "example.org"}));
  change_account(alice, {.can_send = false});
  EXPECT_FALSE(may_send_as(draft.now(), alice, {.local_part = "alice", .domain = "example.org"}));
}

TEST_F(ResolveTest, KnowsWhoLogsInUnderAName) {
  ASSERT_TRUE(draft.alias("info@example.org", {"alice@example.org"}));
  ASSERT_TRUE(draft.alias("team@example.org", {"alice@example.org", "bob@example.org"}));
  const auto id = [&](std::string_view user, std::string_view default_domain) {
    const auto* account = find_login(draft.now(), user, default_domain);
    return account != nullptr ? account->id.value : 0;
  };
  EXPECT_EQ(id("Alice@EXAMPLE.org", ""), 1U);
  EXPECT_EQ(id("alice", ""), 1U);
  EXPECT_EQ(id("carol",
               "b\xC3\xBC"
               "cher.test"),
            3U);
  EXPECT_EQ(id("info@example.org", ""), 1U);
  EXPECT_EQ(id("team@example.org", ""), 0U);
  EXPECT_EQ(id("alice+tag@example.org", ""), 0U);
  EXPECT_EQ(id("postmaster@example.org", ""), 0U);
  EXPECT_EQ(id("", ""), 0U);
  EXPECT_EQ(id("@example.org", ""), 0U);
}

}  // namespace
}  // namespace veredus::state::directory
