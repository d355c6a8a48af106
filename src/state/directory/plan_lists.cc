#include <algorithm>

#include "state/directory/address_form.h"
#include "state/directory/plan_parts.h"
#include "state/directory/resolution.h"
#include "state/directory/routing_rows.h"
#include "state/directory/rows.h"

namespace veredus::state::directory {

namespace {

constexpr std::size_t kReasonOctets = 200;

RowChange row_of(const MailList& list) { return {.key = mail_list_key(list.address), .value = write_mail_list(list)}; }

const MailList* list_called(const Snapshot& now, std::string_view typed) {
  const auto ours = our_address(now, typed);
  return ours ? now.mail_list(ours->address) : nullptr;
}

/// A list among its own members would be a loop at once; nobody else can make one before the other list is there.
std::expected<void, DirectoryError> check_list(const Snapshot& now, const MailList& list) {
  if (list.members.size() > ListLimits::members) return std::unexpected(DirectoryError::kTooManyMembers);
  if (list.moderators.size() > ListLimits::moderators) return std::unexpected(DirectoryError::kTooManyModerators);
  if (list.moderators.empty()) return std::unexpected(DirectoryError::kNoModerators);
  Snapshot then = now;
  VEREDUS_TRY(then.apply(mail_list_key(list.address), write_mail_list(list)));
  const auto is_itself = [&](const std::string& address) {
    const auto [local_part, domain] = split_address(address);
    const auto name = split_address(list.address).local_part;
    const bool suffixed = local_part.starts_with(name) && (local_part.substr(name.size()) == kBouncesSuffix ||
                                                           local_part.substr(name.size()) == kOwnerSuffix);
    return address == list.address || (suffixed && domain == split_address(list.address).domain);
  };
  if (std::ranges::any_of(list.members, is_itself) || std::ranges::any_of(list.moderators, is_itself))
    return std::unexpected(DirectoryError::kLoop);
  VEREDUS_TRY(check_targets(then, list.members));
  VEREDUS_TRY(check_targets(then, list.moderators));
  if (list.members.empty()) return {};
  const auto [local_part, domain] = split_address(list.address);
  const wire::smtp::Address address{.local_part = std::string(local_part), .domain = std::string(domain)};
  const auto found = resolve(then, address, {}, Purpose::kDelivery, {.approved = true});
  if (found) return {};
  if (found.error() == ResolveError::kLoop) return std::unexpected(DirectoryError::kLoop);
  if (found.error() == ResolveError::kTooManyTargets) return std::unexpected(DirectoryError::kTooManyTargets);
  return {};
}

std::expected<std::vector<std::string>, DirectoryError> sorted_targets(const Snapshot& now,
                                                                       const std::vector<std::string>& typed) {
  VEREDUS_TRY(auto targets, normal_targets(now, typed));
  std::ranges::sort(targets);
  return targets;
}

}  // namespace

const MemberTrouble* trouble_of(const MailList& list, std::string_view member) {
  const auto at = std::ranges::lower_bound(list.troubles, member, {}, &MemberTrouble::member);
  return at != list.troubles.end() && at->member == member ? &*at : nullptr;
}

Planned<MailList> plan_put_mail_list(const Snapshot& now, const NewMailList& request, SystemTime time) {
  VEREDUS_TRY(const auto ours, our_address(now, request.address));
  VEREDUS_TRY(check_name(request.name));
  const auto* before = now.mail_list(ours.address);
  if (before == nullptr && is_taken(now, ours.address)) return std::unexpected(DirectoryError::kAddressTaken);
  VEREDUS_TRY(auto members, sorted_targets(now, request.members));
  VEREDUS_TRY(auto moderators, sorted_targets(now, request.moderators));
  MailList list{.address = ours.address,
                .domain = ours.domain->id,
                .name = request.name,
                .members = std::move(members),
                .moderators = std::move(moderators),
                .posting = request.posting,
                .moderated = request.moderated,
                .created = before != nullptr ? before->created : time};
  if (before != nullptr) list.troubles = before->troubles;
  std::erase_if(list.troubles, [&](const auto& one) { return !std::ranges::binary_search(list.members, one.member); });
  VEREDUS_TRY(check_list(now, list));
  auto row = row_of(list);
  return Plan<MailList>{std::move(list), {std::move(row)}};
}

Planned<MailList> plan_note_trouble(const Snapshot& now, std::string_view address, const NewTrouble& trouble,
                                    SystemTime time) {
  const auto* before = list_called(now, address);
  if (before == nullptr) return std::unexpected(DirectoryError::kNoSuchList);
  if (!std::ranges::binary_search(before->members, trouble.member))
    return std::unexpected(DirectoryError::kNoSuchAccount);
  MailList list = *before;
  auto at = std::ranges::lower_bound(list.troubles, trouble.member, {}, &MemberTrouble::member);
  if (at == list.troubles.end() || at->member != trouble.member)
    at = list.troubles.insert(at, MemberTrouble{.member = trouble.member});
  if (!at->suspended && trouble.forget_after.count() > 0 && at->last + trouble.forget_after < time)
    *at = MemberTrouble{.member = trouble.member};
  switch (trouble.kind) {
    case NewTrouble::Kind::kHard:
      ++at->hard;
      break;
    case NewTrouble::Kind::kSoft:
      ++at->soft;
      break;
    case NewTrouble::Kind::kComplaint:
      ++at->complaints;
      break;
  }
  at->last = time;
  at->reason = trouble.reason.substr(0, kReasonOctets);
  at->suspended = at->suspended || (trouble.suspend_after > 0 && at->hard >= trouble.suspend_after) ||
                  (trouble.suspend_on_complaint && at->complaints > 0);
  auto row = row_of(list);
  return Plan<MailList>{std::move(list), {std::move(row)}};
}

Planned<MailList> plan_change_members(const Snapshot& now, std::string_view address, const MembersChange& change) {
  const auto* before = list_called(now, address);
  if (before == nullptr) return std::unexpected(DirectoryError::kNoSuchList);
  MailList list = *before;
  VEREDUS_TRY(const auto leaving, sorted_targets(now, change.leave));
  VEREDUS_TRY(const auto joining, normal_targets(now, change.join));
  std::erase_if(list.members, [&](const auto& member) { return std::ranges::binary_search(leaving, member); });
  std::erase_if(list.troubles, [&](const auto& one) {
    return std::ranges::binary_search(leaving, one.member) || std::ranges::find(joining, one.member) != joining.end();
  });
  list.members.insert(list.members.end(), joining.begin(), joining.end());
  std::ranges::sort(list.members);
  const auto repeated = std::ranges::unique(list.members);
  list.members.erase(repeated.begin(), repeated.end());
  VEREDUS_TRY(check_list(now, list));
  auto row = row_of(list);
  return Plan<MailList>{std::move(list), {std::move(row)}};
}

Planned<Nothing> plan_delete_mail_list(const Snapshot& now, std::string_view address) {
  const auto* list = list_called(now, address);
  if (list == nullptr) return std::unexpected(DirectoryError::kNoSuchList);
  Plan<Nothing> plan{{}, {}};
  drop_target(now, list->address, plan.rows);
  plan.rows.push_back({mail_list_key(list->address), std::nullopt});
  return plan;
}

Planned<Forward> plan_put_forward(const Snapshot& now, AccountId id, const NewForward& request, SystemTime time) {
  const auto* account = now.account(id);
  if (account == nullptr) return std::unexpected(DirectoryError::kNoSuchAccount);
  if (request.targets.empty()) return std::unexpected(DirectoryError::kNoTargets);
  if (request.targets.size() > RoutingLimits::forward_targets) return std::unexpected(DirectoryError::kTooManyTargets);
  VEREDUS_TRY(auto targets, normal_targets(now, request.targets));
  const auto* before = now.routing().forward(id);
  Forward forward{.account = id,
                  .targets = std::move(targets),
                  .keep = request.keep,
                  .created = before != nullptr ? before->created : time};
  if (std::ranges::find(forward.targets, account->address) != forward.targets.end())
    return std::unexpected(DirectoryError::kLoop);
  Snapshot then = now;
  RowChange row{id_key(RowKind::kForward, id.value), write_forward(forward)};
  VEREDUS_TRY(then.apply(row.key, row.value));
  VEREDUS_TRY(check_targets(then, forward.targets));
  const auto [local_part, domain] = split_address(account->address);
  const wire::smtp::Address address{.local_part = std::string(local_part), .domain = std::string(domain)};
  const auto found = resolve(then, address, {}, Purpose::kDelivery, {.approved = true});
  if (!found && found.error() == ResolveError::kLoop) return std::unexpected(DirectoryError::kLoop);
  if (!found && found.error() == ResolveError::kTooManyTargets) return std::unexpected(DirectoryError::kTooManyTargets);
  return Plan<Forward>{std::move(forward), {std::move(row)}};
}

Planned<Nothing> plan_delete_forward(const Snapshot& now, AccountId id) {
  if (now.routing().forward(id) == nullptr) return std::unexpected(DirectoryError::kNoSuchForward);
  return Plan<Nothing>{{}, {{id_key(RowKind::kForward, id.value), std::nullopt}}};
}

}  // namespace veredus::state::directory
