#include "work/delivery/router.h"

#include <algorithm>
#include <utility>

#include "state/directory/directory.h"
#include "state/directory/snapshot.h"
#include "state/mailbox/mailboxes.h"

namespace veredus::work::delivery {

using state::directory::ResolveError;
using state::mailbox::QuotaLimits;

namespace {

Refusal refusal_for(ResolveError error, Asker asker) {
  switch (error) {
    case ResolveError::kBadAddress:
    case ResolveError::kNotOurs:
      return asker == Asker::kAuthenticated ? Refusal::kRemoteNotAvailable : Refusal::kRelayingDenied;
    case ResolveError::kUnknownMailbox:
      return Refusal::kUnknownMailbox;
    case ResolveError::kDisabled:
      return Refusal::kDisabled;
    case ResolveError::kLoop:
      return Refusal::kLoop;
    case ResolveError::kTooManyTargets:
      return Refusal::kTooManyTargets;
  }
  return Refusal::kUnavailable;
}

Targets targets_of(const state::directory::Resolution& resolution, const state::directory::Snapshot& snapshot) {
  Targets targets;
  targets.local.reserve(resolution.local.size());
  for (const auto& [id, tag] : resolution.local) {
    Target target{.account = id, .detail = tag, .quota = {}};
    if (const auto* account = snapshot.account(id))
      target.quota = {.octets = account->quota.octets, .messages = account->quota.messages};
    targets.local.push_back(std::move(target));
  }
  return targets;
}

bool is_limited(const Target& target) { return target.quota.octets != 0 || target.quota.messages != 0; }

std::optional<Refusal> check(const QuotaLimits& quota, const state::mailbox::QuotaUsage& usage, std::uint64_t octets) {
  if (quota.octets != 0 && octets > quota.octets) return Refusal::kLargerThanQuota;
  if (quota.octets != 0 && (usage.octets >= quota.octets || usage.octets + octets > quota.octets))
    return Refusal::kOverQuota;
  if (quota.messages != 0 && usage.messages >= quota.messages) return Refusal::kOverQuota;
  return std::nullopt;
}

}  // namespace

asio::awaitable<Verdict> Router::route(RouteQuery query) {
  auto resolution = directory_.resolve_now(query.recipient);
  if (!resolution) co_return std::unexpected(refusal_for(resolution.error(), query.asker));
  if (!resolution->remote.empty() || resolution->local.empty()) co_return std::unexpected(Refusal::kRemoteNotAvailable);
  if (resolution->local.size() > options_.max_targets) co_return std::unexpected(Refusal::kTooManyTargets);
  auto targets = targets_of(*resolution, *directory_.snapshot());
  if (wire::smtp::is_postmaster(query.recipient)) {  // RFC 5321 s4.5.1: mail to it is always taken
    for (auto& target : targets.local) target.quota = {};
    co_return targets;
  }
  if (std::ranges::none_of(targets.local, is_limited)) co_return targets;
  co_return co_await check_quotas(std::move(targets), query.declared_octets);
}

/// Refuses only when no target has room: the others get the message beyond their quota rather than not at all.
asio::awaitable<Verdict> Router::check_quotas(Targets targets, std::uint64_t declared_octets) {
  std::optional<Refusal> first;
  for (const auto& target : targets.local) {
    if (!is_limited(target)) co_return targets;
    const auto usage = co_await mailboxes_.usage(target.account);
    if (!usage) co_return std::unexpected(Refusal::kUnavailable);
    const auto refusal = check(target.quota, *usage, declared_octets);
    if (!refusal) co_return targets;
    if (!first) first = refusal;
  }
  co_return std::unexpected(first.value_or(Refusal::kOverQuota));
}

}  // namespace veredus::work::delivery
