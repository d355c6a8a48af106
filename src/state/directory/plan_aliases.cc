#include <algorithm>

#include "state/directory/address_form.h"
#include "state/directory/plan_parts.h"
#include "state/directory/resolution.h"
#include "state/directory/rows.h"

namespace veredus::state::directory {

namespace {

const Alias* alias_behind(const Snapshot& now, std::string_view target) {
  const auto [local_part, domain_name] = split_address(target);
  const auto* domain = now.domain(domain_name);
  return domain != nullptr ? find_alias(now, local_part, *domain) : nullptr;
}

/// Whether following `targets` comes to `address`. `now` holds the new alias already.
bool comes_back(const Snapshot& now, const std::vector<std::string>& targets, const Alias* address) {
  std::vector<const Alias*> seen;
  std::vector<std::string> ahead = targets;
  while (!ahead.empty()) {
    const auto* alias = alias_behind(now, ahead.back());
    ahead.pop_back();
    if (alias == nullptr || std::ranges::find(seen, alias) != seen.end()) continue;
    if (alias == address) return true;
    seen.push_back(alias);
    ahead.insert(ahead.end(), alias->targets.begin(), alias->targets.end());
  }
  return false;
}

/// Looks at the directory as it would be with the alias in it.
std::expected<void, DirectoryError> check_expansion(const Snapshot& now, const Alias& alias) {
  Snapshot then = now;
  VEREDUS_TRY(then.apply(alias_key(alias.address), write_alias(alias)));
  if (comes_back(then, alias.targets, then.alias(alias.address))) return std::unexpected(DirectoryError::kLoop);
  VEREDUS_TRY(check_targets(then, alias.targets));
  const auto [local_part, domain_name] = split_address(alias.address);
  const wire::smtp::Address address{.local_part = std::string(local_part), .domain = std::string(domain_name)};
  const auto found = resolve(then, address, {}, Purpose::kSending);
  if (!found && found.error() == ResolveError::kTooManyTargets) return std::unexpected(DirectoryError::kTooManyTargets);
  return {};
}

}  // namespace

Planned<Alias> plan_put_alias(const Snapshot& now, const NewAlias& request, SystemTime time) {
  VEREDUS_TRY(const auto ours, our_address(now, request.address));
  const bool other = now.account(std::string_view(ours.address)) != nullptr || now.mail_list(ours.address) != nullptr;
  if (other) return std::unexpected(DirectoryError::kAddressTaken);
  if (request.targets.empty()) return std::unexpected(DirectoryError::kNoTargets);
  if (request.targets.size() > Limits::alias_targets) return std::unexpected(DirectoryError::kTooManyTargets);
  VEREDUS_TRY(auto targets, normal_targets(now, request.targets));
  const auto* before = now.alias(ours.address);
  Alias alias{.address = ours.address,
              .domain = ours.domain->id,
              .targets = std::move(targets),
              .senders = request.senders,
              .created = before != nullptr ? before->created : time};
  VEREDUS_TRY(check_expansion(now, alias));
  RowChange row{alias_key(alias.address), write_alias(alias)};
  return Plan<Alias>{std::move(alias), {std::move(row)}};
}

Planned<Nothing> plan_delete_alias(const Snapshot& now, std::string_view address) {
  const auto ours = our_address(now, address);
  if (!ours || now.alias(ours->address) == nullptr) return std::unexpected(DirectoryError::kNoSuchAlias);
  Plan<Nothing> plan{{}, {}};
  drop_target(now, ours->address, plan.rows);
  plan.rows.push_back({alias_key(ours->address), std::nullopt});
  return plan;
}

}  // namespace veredus::state::directory
