#include <gtest/gtest.h>

#include "base/crypto/seal.h"
#include "state/directory/plan.h"
#include "state/directory/sealing.h"

namespace veredus::state::directory {
namespace {

using namespace std::chrono_literals;
using base::crypto::KeyKind;
using base::crypto::Secret;

const SystemTime kThen{std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 13h + 44min};
const Secret kSealingKey{std::string(32, 'k')};

template <class T>
T done(Snapshot& snapshot, Planned<T> plan) {
  EXPECT_TRUE(plan) << to_string(plan.error());
  if (!plan) return {};
  Snapshot next = snapshot;
  for (const auto& row : plan->rows) EXPECT_TRUE(next.apply(row.key, row.value));
  snapshot = std::move(next);
  return std::move(plan->answer);
}

template <class T>
DirectoryError error_of(const Planned<T>& plan) {
  return plan ? DirectoryError::kCorrupt : plan.error();
}

MadeKey made(KeyKind kind, std::string selector = "") {
  return {.selector = std::move(selector), .kind = kind, .public_octets = "public", .pem = Secret(std::string("pem"))};
}

class SigningPlans : public ::testing::Test {
 protected:
  SigningPlans() {
    done(now_, plan_create_domain(now_, {.name = "example.org"}, kThen));
    domain_ = now_.domain(std::string_view("example.org"))->id;
  }
  auto add(std::vector<MadeKey> keys, SystemTime time = kThen) {
    return plan_add_signing_keys(now_, "example.org", keys, kSealingKey, time);
  }
  SigningKey change(const std::string& selector, KeyState state, SystemTime time = kThen) {
    return done(now_, plan_change_signing_key(now_, "example.org", selector, state, time));
  }
  KeyState state_of(const std::string& selector) { return now_.signing_key(domain_, selector)->state; }

  Snapshot now_;
  DomainId domain_;
};

TEST_F(SigningPlans, NameKeysByKindAndTimeAndSealThem) {
  const auto keys = done(now_, add({made(KeyKind::kRsa), made(KeyKind::kEd25519), made(KeyKind::kRsa)}));
  ASSERT_EQ(keys.size(), 3U);
  EXPECT_EQ(keys[0].selector, "r202611221344");
  EXPECT_EQ(keys[1].selector, "e202611221344");
  EXPECT_EQ(keys[2].selector, "r202611221344-2");
  ASSERT_EQ(now_.signing_keys(domain_)->size(), 3U);
  const auto* key = now_.signing_key(domain_, "r202611221344");
  EXPECT_EQ(key->state, KeyState::kPending);
  const auto opened =
      base::crypto::unseal(kSealingKey, key->sealed_private, signing_seal_context(domain_, key->selector));
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->reveal(), "pem");
  EXPECT_FALSE(base::crypto::unseal(kSealingKey, key->sealed_private, signing_seal_context(domain_, "other")));
}

TEST_F(SigningPlans, RefuseWhatCannotBe) {
  EXPECT_EQ(error_of(plan_add_signing_keys(now_, "example.net", {made(KeyKind::kRsa)}, kSealingKey, kThen)),
            DirectoryError::kNoSuchDomain);
  EXPECT_EQ(error_of(plan_add_signing_keys(now_, "example.org", {made(KeyKind::kRsa)}, Secret(), kThen)),
            DirectoryError::kNoSealingKey);
  for (const char* selector : {".", "a..b", "-a", "a-", "a_b", "a b", "\xC3\xBC"}) {
    SCOPED_TRACE(selector);
    EXPECT_EQ(error_of(add({made(KeyKind::kRsa, selector)})), DirectoryError::kBadSelector);
  }
  EXPECT_EQ(error_of(add({made(KeyKind::kRsa, std::string(64, 'a'))})), DirectoryError::kBadSelector);
  EXPECT_EQ(error_of(add({made(KeyKind::kRsa, "s1"), made(KeyKind::kRsa, "S1")})), DirectoryError::kSelectorTaken);
  EXPECT_EQ(error_of(add(std::vector<MadeKey>(kMaxSigningKeys + 1, made(KeyKind::kRsa)))),
            DirectoryError::kTooManyKeys);
}

TEST_F(SigningPlans, TheNewKeySignsAndTheOldOfItsKindRetires) {
  done(now_, add({made(KeyKind::kRsa, "r1"), made(KeyKind::kEd25519, "e1")}));
  change("r1", KeyState::kActive);
  change("e1", KeyState::kActive);
  done(now_, add({made(KeyKind::kRsa, "r2")}));
  EXPECT_EQ(state_of("r1"), KeyState::kActive);  // until the new one is to be found
  change("R2", KeyState::kActive, kThen + 1h);
  EXPECT_EQ(state_of("r2"), KeyState::kActive);
  EXPECT_EQ(state_of("r1"), KeyState::kRetiring);
  EXPECT_EQ(now_.signing_key(domain_, "r1")->changed, kThen + 1h);
  EXPECT_EQ(state_of("e1"), KeyState::kActive);
  const auto gone = change("r1", KeyState::kGone, kThen + 200h);
  EXPECT_TRUE(gone.sealed_private.empty());
  EXPECT_EQ(error_of(plan_change_signing_key(now_, "example.org", "r1", KeyState::kActive, kThen)),
            DirectoryError::kKeyGone);
  EXPECT_EQ(error_of(plan_change_signing_key(now_, "example.org", "r9", KeyState::kActive, kThen)),
            DirectoryError::kNoSuchKey);
}

TEST_F(SigningPlans, AKeyInUseIsTakenAwayOnlyByForce) {
  done(now_, add({made(KeyKind::kRsa, "r1"), made(KeyKind::kRsa, "r2")}));
  done(now_, plan_remove_signing_key(now_, "example.org", "r2", Force::kNo));
  change("r1", KeyState::kActive);
  EXPECT_EQ(error_of(plan_remove_signing_key(now_, "example.org", "r1", Force::kNo)), DirectoryError::kKeyInUse);
  done(now_, plan_remove_signing_key(now_, "example.org", "r1", Force::kYes));
  EXPECT_FALSE(now_.has_signing_keys());
}

TEST_F(SigningPlans, KeysGoWithTheirDomain) {
  done(now_, add({made(KeyKind::kRsa), made(KeyKind::kEd25519)}));
  done(now_, plan_delete_domain(now_, "example.org"));
  EXPECT_FALSE(now_.has_signing_keys());
}

TEST(RecordText, IsWhatDnsMustHave) {
  SigningKey key{.kind = KeyKind::kEd25519, .public_octets = std::string(32, '\0')};
  EXPECT_EQ(record_text(key), "v=DKIM1; k=ed25519; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
}

}  // namespace
}  // namespace veredus::state::directory
