#include <algorithm>

#include "base/codec/idna.h"
#include "state/directory/address_form.h"
#include "state/directory/plan_parts.h"
#include "state/directory/resolution.h"
#include "state/directory/rows.h"
#include "state/directory/signing_rows.h"

namespace veredus::state::directory {

namespace {

/// What may stand in a dot-string (RFC 5321 s4.1.2 atext), without letters, digits and what people cannot see.
constexpr std::string_view kSeparators = "!#$%&*+-/=?_~|";

std::expected<void, DirectoryError> check_separator(std::optional<char> separator) {
  if (separator && !kSeparators.contains(*separator)) return std::unexpected(DirectoryError::kBadSeparator);
  return {};
}

std::expected<void, DirectoryError> check_account(const Snapshot& now, std::optional<AccountId> id) {
  if (id && now.account(*id) == nullptr) return std::unexpected(DirectoryError::kNoSuchAccount);
  return {};
}

RowChange row_of(const Domain& domain) {
  return {.key = id_key(RowKind::kDomain, domain.id.value), .value = write_domain(domain)};
}

}  // namespace

Planned<Domain> plan_create_domain(const Snapshot& now, const NewDomain& request, SystemTime time) {
  VEREDUS_TRY(check_separator(request.subaddress_separator));
  auto name = normal_domain(request.name);
  if (!name) return std::unexpected(DirectoryError::kBadDomain);
  if (now.domain(std::string_view(*name)) != nullptr || now.routing().relay_domain(*name) != nullptr)
    return std::unexpected(DirectoryError::kDomainExists);
  if (now.domain_count() >= Limits::domains) return std::unexpected(DirectoryError::kTooManyDomains);
  Domain domain{.id = DomainId(now.last_domain_id() + 1),
                .name = *name,
                .name_utf8 = base::codec::to_unicode(*name).value_or(*name),
                .subaddress_separator = request.subaddress_separator,
                .catch_all = {},
                .postmaster = {},
                .created = time};
  const Counters counters{.last_domain = domain.id.value, .last_account = now.last_account_id()};
  auto row = row_of(domain);
  return Plan<Domain>{std::move(domain), {std::move(row), {counters_key(), write_counters(counters)}}};
}

Planned<Domain> plan_change_domain(const Snapshot& now, std::string_view name, const DomainChange& change) {
  const auto* before = find_domain(now, name);
  if (before == nullptr) return std::unexpected(DirectoryError::kNoSuchDomain);
  Domain domain = *before;
  if (change.subaddress_separator) domain.subaddress_separator = *change.subaddress_separator;
  if (change.catch_all) domain.catch_all = *change.catch_all;
  if (change.postmaster) domain.postmaster = *change.postmaster;
  VEREDUS_TRY(check_separator(domain.subaddress_separator));
  VEREDUS_TRY(check_account(now, domain.catch_all));
  VEREDUS_TRY(check_account(now, domain.postmaster));
  auto row = row_of(domain);
  return Plan<Domain>{std::move(domain), {std::move(row)}};
}

Planned<Nothing> plan_delete_domain(const Snapshot& now, std::string_view name) {
  const auto* domain = find_domain(now, name);
  if (domain == nullptr) return std::unexpected(DirectoryError::kNoSuchDomain);
  if (const auto* members = now.members(domain->id);
      members != nullptr && (!members->accounts.empty() || members->aliases != 0 || members->lists != 0))
    return std::unexpected(DirectoryError::kDomainNotEmpty);
  Plan<Nothing> plan{{}, {{id_key(RowKind::kDomain, domain->id.value), std::nullopt}}};
  if (const auto* keys = now.signing_keys(domain->id))
    for (const auto& key : *keys) plan.rows.push_back({signing_key_key(domain->id, key.selector), std::nullopt});
  return plan;
}

}  // namespace veredus::state::directory
