#include "state/directory/plan.h"

#include <gtest/gtest.h>

#include "support/directory_draft.h"

namespace veredus::state::directory {
namespace {

using test::DirectoryDraft;

TEST(PlanDomain, ChecksNamesAndSeparators) {
  DirectoryDraft draft;
  draft.domain("Example.ORG");
  const auto create = [&](std::string name, std::optional<char> separator) {
    return draft.apply(
        plan_create_domain(draft.now(), {.name = std::move(name), .subaddress_separator = separator}, {}));
  };
  EXPECT_EQ(create("example.org.", '+').error(), DirectoryError::kDomainExists);
  EXPECT_EQ(create("no domain", '+').error(), DirectoryError::kBadDomain);
  EXPECT_EQ(create("[192.0.2.1]", '+').error(), DirectoryError::kBadDomain);
  EXPECT_EQ(create("a.test", '@').error(), DirectoryError::kBadSeparator);
  EXPECT_EQ(create("a.test", 'x').error(), DirectoryError::kBadSeparator);
  EXPECT_EQ(create("a.test", '.').error(), DirectoryError::kBadSeparator);
  const auto domain = create(
      "B\xC3\xBC"
      "cher.test",
      std::nullopt);
  EXPECT_EQ(domain->name, "xn--bcher-kva.test");
  EXPECT_EQ(domain->name_utf8,
            "b\xC3\xBC"
            "cher.test");
  EXPECT_EQ(draft.now().domain(std::string_view("xn--bcher-kva.test"))->id, domain->id);
  DomainChange change;
  change.catch_all = std::optional(AccountId(99));
  EXPECT_EQ(plan_change_domain(draft.now(), "example.org", change).error(), DirectoryError::kNoSuchAccount);
  EXPECT_EQ(plan_change_domain(draft.now(), "other.test", {}).error(), DirectoryError::kNoSuchDomain);
}

TEST(PlanDomain, IsDeletedOnlyWhenEmptyAndItsIdNeverComesBack) {
  DirectoryDraft draft;
  const auto first = draft.domain("example.org");
  const auto alice = draft.account("alice@example.org");
  EXPECT_EQ(plan_delete_domain(draft.now(), "example.org").error(), DirectoryError::kDomainNotEmpty);
  ASSERT_TRUE(draft.alias("a@example.org", {"x@elsewhere.test"}));
  ASSERT_TRUE(draft.apply(plan_delete_account(draft.now(), alice, {})));
  EXPECT_EQ(plan_delete_domain(draft.now(), "example.org").error(), DirectoryError::kDomainNotEmpty);
  ASSERT_TRUE(draft.apply(plan_delete_alias(draft.now(), "A@example.org")));
  ASSERT_TRUE(draft.apply(plan_delete_domain(draft.now(), "EXAMPLE.org")));
  EXPECT_EQ(draft.now().domain_count(), 0U);
  EXPECT_NE(draft.domain("example.org"), first);
  EXPECT_NE(draft.account("alice@example.org"), alice);
}

TEST(PlanAccount, ChecksItsAddress) {
  DirectoryDraft draft;
  draft.domain("example.org");
  draft.account("alice@example.org");
  ASSERT_TRUE(draft.alias("info@example.org", {"alice@example.org"}));
  const auto create = [&](std::string address, std::string name = {}) {
    return plan_create_account(draft.now(),
                               {.address = std::move(address), .display_name = std::move(name), .password = {}},
                               std::nullopt, {});
  };
  EXPECT_EQ(create("ALICE@example.org").error(), DirectoryError::kAddressTaken);
  EXPECT_EQ(create("info@example.org").error(), DirectoryError::kAddressTaken);
  EXPECT_EQ(create("bob@elsewhere.test").error(), DirectoryError::kNoSuchDomain);
  EXPECT_EQ(create("bob").error(), DirectoryError::kBadAddress);
  EXPECT_EQ(create(std::string(65, 'b') + "@example.org").error(), DirectoryError::kBadAddress);
  EXPECT_EQ(create("bob@example.org", "a\nb").error(), DirectoryError::kBadName);
  EXPECT_EQ(create("bob@example.org", std::string(256, 'b')).error(), DirectoryError::kBadName);
  EXPECT_EQ(create("J\xC3\x96rg@example.org", "J\xC3\xB6rg")->answer.address, "j\xC3\xB6rg@example.org");
}

TEST(PlanAccount, IsRenamedWithAllThatLeadsToIt) {
  DirectoryDraft draft;
  draft.domain("example.org");
  draft.domain("other.test");
  const auto alice = draft.account("alice@example.org");
  draft.account("bob@example.org");
  ASSERT_TRUE(draft.alias("info@example.org", {"alice@example.org", "bob@example.org"}));
  ASSERT_TRUE(draft.alias("filed@example.org", {"alice+work@example.org"}));
  const auto rename = [&](std::string_view address, OldAddress old_address) {
    return draft.apply(plan_rename_account(draft.now(), alice, address, old_address, {}));
  };
  EXPECT_EQ(rename("bob@example.org", OldAddress::kFree).error(), DirectoryError::kAddressTaken);
  EXPECT_EQ(rename("info@example.org", OldAddress::kFree).error(), DirectoryError::kAddressTaken);
  ASSERT_TRUE(rename("Alicia@other.test", OldAddress::kAsAlias));
  EXPECT_EQ(draft.route("alicia", "other.test"), "1");
  EXPECT_EQ(draft.route("alice", "example.org"), "1");
  EXPECT_EQ(draft.route("info", "example.org"), "1 2");
  EXPECT_EQ(draft.route("filed", "example.org"), "1+work");
  EXPECT_EQ(draft.now().members(DomainId(2))->accounts, std::vector{alice});

  ASSERT_TRUE(rename("alice@example.org", OldAddress::kFree)) << "back onto its own alias";
  EXPECT_EQ(draft.route("alicia", "other.test"), "unknown mailbox");
  EXPECT_EQ(draft.now().alias("alice@example.org"), nullptr);
  EXPECT_EQ(rename("ALICE@example.org", OldAddress::kAsAlias)->address_shown, "ALICE@example.org");
  EXPECT_EQ(draft.now().alias("alice@example.org"), nullptr) << "only the writing has changed";
}

TEST(PlanAccount, IsDeletedWithItsPlaceInEverything) {
  DirectoryDraft draft;
  draft.domain("example.org");
  const auto alice = draft.account("alice@example.org");
  const auto bob = draft.account("bob@example.org");
  ASSERT_TRUE(draft.alias("info@example.org", {"alice@example.org"}));
  ASSERT_TRUE(draft.alias("more@example.org", {"info@example.org", "alice+x@example.org"}));
  ASSERT_TRUE(draft.alias("both@example.org", {"more@example.org", "bob@example.org"}));
  DomainChange change;
  change.catch_all = std::optional(alice);
  change.postmaster = std::optional(alice);
  ASSERT_TRUE(draft.apply(plan_change_domain(draft.now(), "example.org", change)));
  Credentials credentials;
  credentials.revision = 1;
  ASSERT_TRUE(draft.apply(plan_credentials(draft.now(), alice, 0, credentials)));
  EXPECT_EQ(plan_credentials(draft.now(), alice, 0, credentials).error(), DirectoryError::kBusy);

  ASSERT_TRUE(draft.apply(plan_delete_account(draft.now(), alice, {})));
  EXPECT_EQ(draft.now().credentials(alice), nullptr);
  EXPECT_EQ(draft.now().alias("info@example.org"), nullptr);
  EXPECT_EQ(draft.now().alias("more@example.org"), nullptr);
  EXPECT_EQ(draft.route("both", "example.org"), "2");
  EXPECT_EQ(draft.route("nobody", "example.org"), "unknown mailbox");
  EXPECT_EQ(draft.now().domain(DomainId(1))->postmaster, std::nullopt);
  ASSERT_EQ(draft.now().deleted_accounts().size(), 1U);
  EXPECT_EQ(draft.now().deleted_accounts()[0].id, alice);
  EXPECT_EQ(draft.now().deleted_accounts()[0].address, "alice@example.org");
  EXPECT_EQ(plan_forget_deleted(draft.now(), bob).error(), DirectoryError::kNoSuchAccount);
  ASSERT_TRUE(draft.apply(plan_forget_deleted(draft.now(), alice)));
  EXPECT_TRUE(draft.now().deleted_accounts().empty());
  EXPECT_EQ(plan_delete_account(draft.now(), alice, {}).error(), DirectoryError::kNoSuchAccount);
}

TEST(PlanAlias, RefusesWhatWouldNotLeadAnywhere) {
  DirectoryDraft draft;
  draft.domain("example.org");
  draft.account("alice@example.org");
  ASSERT_TRUE(draft.alias("a@example.org", {"alice@example.org"}));
  ASSERT_TRUE(draft.alias("b@example.org", {"a@example.org"}));
  struct Case {
    std::string address;
    std::vector<std::string> targets;
    DirectoryError want;
  };
  const Case cases[] = {
      {"alice@example.org", {"x@elsewhere.test"}, DirectoryError::kAddressTaken},
      {"c@elsewhere.test", {"alice@example.org"}, DirectoryError::kNoSuchDomain},
      {"c@example.org", {}, DirectoryError::kNoTargets},
      {"c@example.org", {"nobody@example.org"}, DirectoryError::kUnknownTarget},
      {"c@example.org", {"no address"}, DirectoryError::kBadAddress},
      {"c@example.org", {"x@[192.0.2.1]"}, DirectoryError::kBadAddress},
      {"c@example.org", {"c@example.org"}, DirectoryError::kLoop},
      {"a@example.org", {"b@example.org"}, DirectoryError::kLoop},
      {"a@example.org", {"b+tag@example.org", "alice@example.org"}, DirectoryError::kLoop},
      {"c@example.org", std::vector<std::string>(1001, "x@elsewhere.test"), DirectoryError::kTooManyTargets},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.address + " -> " + (c.targets.empty() ? "" : c.targets[0]));
    const auto alias = draft.alias(c.address, c.targets);
    ASSERT_FALSE(alias);
    EXPECT_EQ(alias.error(), c.want);
  }
  EXPECT_EQ(plan_delete_alias(draft.now(), "c@example.org").error(), DirectoryError::kNoSuchAlias);
  ASSERT_TRUE(draft.alias("a@example.org", {"x@elsewhere.test", "X@elsewhere.test", "x@ELSEWHERE.test"}));
  EXPECT_EQ(draft.route("b", "example.org"), "x@elsewhere.test X@elsewhere.test");
  ASSERT_TRUE(draft.apply(plan_delete_alias(draft.now(), "a@example.org")));
  EXPECT_EQ(draft.now().alias("b@example.org"), nullptr) << "it led nowhere else";
}

TEST(Snapshot, SharesWhatIsEqualAndNeverChangesUnderItsReaders) {
  DirectoryDraft draft;
  draft.domain("example.org");
  for (int i = 0; i < 500; ++i) draft.account("user" + std::to_string(i) + "@example.org");
  const Snapshot before = draft.now();
  draft.account("new@example.org");
  ASSERT_TRUE(draft.apply(plan_delete_account(draft.now(), AccountId(7), {})));
  EXPECT_EQ(before.account_count(), 500U);
  EXPECT_EQ(draft.now().account_count(), 500U);
  EXPECT_NE(before.account(AccountId(7)), nullptr);
  EXPECT_EQ(draft.now().account(AccountId(7)), nullptr);
  EXPECT_EQ(before.account(AccountId(8)), draft.now().account(AccountId(8))) << "the same object";
  EXPECT_EQ(draft.now().accounts(DomainId(1)).size(), 500U);
}

TEST(Snapshot, RefusesRowsThatAreNone) {
  Snapshot snapshot;
  EXPECT_FALSE(snapshot.apply("", std::nullopt));
  EXPECT_FALSE(snapshot.apply("z12345678", std::nullopt));
  EXPECT_FALSE(snapshot.apply("d1234567", "x"));
  EXPECT_FALSE(snapshot.apply("d12345678", "x"));
  EXPECT_FALSE(snapshot.apply("lx@example.org", "x"));
  EXPECT_FALSE(snapshot.apply("n", "x"));
}

}  // namespace
}  // namespace veredus::state::directory
