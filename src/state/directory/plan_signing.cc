#include <fmt/format.h>

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/crypto/seal.h"
#include "state/directory/plan_parts.h"
#include "state/directory/resolution.h"
#include "state/directory/sealing.h"
#include "state/directory/signing_rows.h"

namespace veredus::state::directory {

using base::crypto::KeyKind;
using base::crypto::Secret;

namespace {

RowChange row_of(const SigningKey& key) {
  return {.key = signing_key_key(key.domain, key.selector), .value = write_signing_key(key)};
}

/// selector = sub-domain *( "." sub-domain ) (RFC 6376 s3.1)
std::expected<std::string, DirectoryError> selector_of(std::string_view typed) {
  auto selector = base::codec::to_lower_ascii(typed);
  const auto fits = [](char c) { return base::codec::is_alpha(c) || base::codec::is_digit(c) || c == '-' || c == '.'; };
  const bool good = !selector.empty() && selector.size() <= kMaxSelectorOctets && std::ranges::all_of(selector, fits) &&
                    !selector.contains("..") && !selector.contains("-.") && !selector.contains(".-") &&
                    !std::string_view("-.").contains(selector.front()) &&
                    !std::string_view("-.").contains(selector.back());
  if (!good) return std::unexpected(DirectoryError::kBadSelector);
  return selector;
}

bool has(const std::vector<SigningKey>& keys, std::string_view selector) {
  return std::ranges::find(keys, selector, &SigningKey::selector) != keys.end();
}

/// "r202611221344": nobody's cache knows it from before.
std::string new_selector(KeyKind kind, SystemTime time, const std::vector<SigningKey>& taken) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const auto stem = fmt::format("{}{:04}{:02}{:02}{:02}{:02}", kind == KeyKind::kRsa ? 'r' : 'e',
                                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count());
  auto selector = stem;
  for (int i = 2; has(taken, selector); ++i) selector = fmt::format("{}-{}", stem, i);
  return selector;
}

struct Found {
  const Domain* domain = nullptr;
  const SigningKey* key = nullptr;
};

std::expected<Found, DirectoryError> find_key(const Snapshot& now, std::string_view domain, std::string_view selector) {
  Found found{.domain = find_domain(now, domain)};
  if (found.domain == nullptr) return std::unexpected(DirectoryError::kNoSuchDomain);
  found.key = now.signing_key(found.domain->id, base::codec::to_lower_ascii(selector));
  if (found.key == nullptr) return std::unexpected(DirectoryError::kNoSuchKey);
  return found;
}

}  // namespace

Planned<std::vector<SigningKey>> plan_add_signing_keys(const Snapshot& now, std::string_view domain,
                                                       const std::vector<MadeKey>& keys, const Secret& sealing_key,
                                                       SystemTime time) {
  const auto* owner = find_domain(now, domain);
  if (owner == nullptr) return std::unexpected(DirectoryError::kNoSuchDomain);
  if (sealing_key.empty()) return std::unexpected(DirectoryError::kNoSealingKey);
  const auto* had = now.signing_keys(owner->id);
  auto all = had != nullptr ? *had : std::vector<SigningKey>();
  if (all.size() + keys.size() > kMaxSigningKeys) return std::unexpected(DirectoryError::kTooManyKeys);
  Plan<std::vector<SigningKey>> plan;
  for (const auto& made : keys) {
    SigningKey key{.domain = owner->id, .kind = made.kind, .public_octets = made.public_octets};
    if (made.selector.empty()) {
      key.selector = new_selector(made.kind, time, all);
    } else {
      VEREDUS_TRY(key.selector, selector_of(made.selector));
    }
    if (has(all, key.selector)) return std::unexpected(DirectoryError::kSelectorTaken);
    key.sealed_private =
        base::crypto::seal(sealing_key, made.pem.reveal(), signing_seal_context(owner->id, key.selector));
    key.created = time;
    key.changed = time;
    plan.rows.push_back(row_of(key));
    all.push_back(key);
    plan.answer.push_back(std::move(key));
  }
  return plan;
}

Planned<SigningKey> plan_change_signing_key(const Snapshot& now, std::string_view domain, std::string_view selector,
                                            KeyState state, SystemTime time) {
  VEREDUS_TRY(const auto found, find_key(now, domain, selector));
  Plan<SigningKey> plan{.answer = *found.key, .rows = {}};
  if (plan.answer.state == state) return plan;
  if (plan.answer.state == KeyState::kGone) return std::unexpected(DirectoryError::kKeyGone);
  plan.answer.state = state;
  plan.answer.changed = time;
  if (state == KeyState::kGone) plan.answer.sealed_private.clear();
  plan.rows.push_back(row_of(plan.answer));
  if (state != KeyState::kActive) return plan;
  for (const auto& other : *now.signing_keys(found.domain->id)) {
    if (other.state != KeyState::kActive || other.kind != plan.answer.kind) continue;
    auto retired = other;
    retired.state = KeyState::kRetiring;
    retired.changed = time;
    plan.rows.push_back(row_of(retired));
  }
  return plan;
}

Planned<Nothing> plan_remove_signing_key(const Snapshot& now, std::string_view domain, std::string_view selector,
                                         Force force) {
  VEREDUS_TRY(const auto found, find_key(now, domain, selector));
  const bool in_use = found.key->state == KeyState::kActive || found.key->state == KeyState::kRetiring;
  if (in_use && force == Force::kNo) return std::unexpected(DirectoryError::kKeyInUse);
  return Plan<Nothing>{{}, {{signing_key_key(found.key->domain, found.key->selector), std::nullopt}}};
}

}  // namespace veredus::state::directory
