#include "state/directory/plan_parts.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/codec/utf8.h"
#include "state/directory/address_form.h"
#include "state/directory/resolution.h"
#include "state/directory/routing_rows.h"
#include "state/directory/rows.h"

namespace veredus::state::directory {

std::expected<OurAddress, DirectoryError> our_address(const Snapshot& now, std::string_view typed) {
  const auto parsed = parse_typed_address(typed);
  if (!parsed || parsed->local_part.size() > kMaxLocalPartOctets) return std::unexpected(DirectoryError::kBadAddress);
  const auto* domain = find_domain(now, parsed->domain);
  if (domain == nullptr) return std::unexpected(DirectoryError::kNoSuchDomain);
  return OurAddress{.address = join_address(normal_local_part(parsed->local_part), domain->name),
                    .shown = shown_address(*parsed),
                    .domain = domain};
}

std::expected<void, DirectoryError> check_name(std::string_view name) {
  const bool control = std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (name.size() > Limits::name_octets || control || !base::codec::is_valid_utf8(name))
    return std::unexpected(DirectoryError::kBadName);
  return {};
}

namespace {

/// `to` in place of `from`, with the tag that `target` has behind it; nullopt: `target` is another address.
std::optional<std::string> replaced(std::string_view target, std::string_view from, std::string_view to,
                                    std::optional<char> separator) {
  if (target == from) return std::string(to);
  const auto [old_local, old_domain] = split_address(from);
  const auto [local, domain] = split_address(target);
  if (!separator || domain != old_domain || local.size() <= old_local.size() || !local.starts_with(old_local) ||
      local[old_local.size()] != *separator)
    return std::nullopt;
  const auto [new_local, new_domain] = split_address(to);
  return join_address(std::string(new_local).append(local.substr(old_local.size())), new_domain);
}

std::optional<char> separator_of(const Snapshot& now, std::string_view address) {
  const auto* domain = now.domain(split_address(address).domain);
  return domain != nullptr ? domain->subaddress_separator : std::nullopt;
}

/// Whether `target` is `address` or a subaddress of it.
bool leads_to(const Snapshot& now, std::string_view target, std::string_view address) {
  return replaced(target, address, address, separator_of(now, address)).has_value();
}

/// An alias, list or forward in whose targets one is replaced or left out; `gone` gets what leads nowhere then.
class Retargeting {
 public:
  explicit Retargeting(const Snapshot& now) : now_(now) {}

  /// `edit(targets)` answers whether it changed something.
  template <class Edit>
  void apply(const Edit& edit, std::vector<std::string>* gone) {
    now_.for_each_alias([&](const Alias& alias) {
      Alias changed = current(aliases_, alias.address, alias);
      if (!edit(changed.targets)) return;
      if (changed.targets.empty() && gone != nullptr) gone->push_back(changed.address);
      aliases_.insert_or_assign(alias.address, std::move(changed));
    });
    now_.for_each_mail_list([&](const MailList& list) {
      MailList changed = current(lists_, list.address, list);
      const bool members = edit(changed.members);
      auto moderators = changed.moderators;
      const bool others = edit(moderators) && !moderators.empty();
      if (!members && !others) return;
      if (others) changed.moderators = std::move(moderators);
      std::ranges::sort(changed.members);
      std::ranges::sort(changed.moderators);
      lists_.insert_or_assign(list.address, std::move(changed));
    });
    now_.routing().for_each_forward([&](const Forward& forward) {
      Forward changed = current(forwards_, forward.account, forward);
      if (edit(changed.targets)) forwards_.insert_or_assign(forward.account, std::move(changed));
    });
  }

  void write(std::vector<RowChange>& rows) const {
    const auto unless_empty = [](const auto& targets, std::string row) {
      return targets.empty() ? std::nullopt : std::optional(std::move(row));
    };
    for (const auto& [name, alias] : aliases_)
      rows.push_back({.key = alias_key(name), .value = unless_empty(alias.targets, write_alias(alias))});
    for (const auto& [name, list] : lists_)
      rows.push_back({.key = mail_list_key(name), .value = write_mail_list(list)});
    for (const auto& [account, forward] : forwards_)
      rows.push_back({.key = id_key(RowKind::kForward, account.value),
                      .value = unless_empty(forward.targets, write_forward(forward))});
  }

 private:
  template <class K, class V>
  static const V& current(const std::map<K, V>& touched, const K& key, const V& as_it_was) {
    const auto at = touched.find(key);
    return at == touched.end() ? as_it_was : at->second;
  }

  const Snapshot& now_;
  std::map<std::string, Alias> aliases_;
  std::map<std::string, MailList> lists_;
  std::map<AccountId, Forward> forwards_;
};

}  // namespace

std::expected<std::string, DirectoryError> normal_target(const Snapshot& now, std::string_view typed) {
  const auto parsed = parse_typed_address(typed);
  if (!parsed) return std::unexpected(DirectoryError::kBadAddress);
  const auto domain = normal_domain(parsed->domain);
  if (!domain) return std::unexpected(DirectoryError::kBadAddress);
  const bool ours = now.domain(std::string_view(*domain)) != nullptr;
  return join_address(ours ? normal_local_part(parsed->local_part) : parsed->local_part, *domain);
}

std::expected<std::vector<std::string>, DirectoryError> normal_targets(const Snapshot& now,
                                                                       const std::vector<std::string>& typed) {
  std::vector<std::string> out;
  std::set<std::string> seen;
  for (const auto& one : typed) {
    VEREDUS_TRY(auto target, normal_target(now, one));
    if (seen.insert(target).second) out.push_back(std::move(target));
  }
  return out;
}

bool is_taken(const Snapshot& now, std::string_view address) {
  return now.account(address) != nullptr || now.alias(address) != nullptr || now.mail_list(address) != nullptr;
}

std::expected<void, DirectoryError> check_targets(const Snapshot& then, const std::vector<std::string>& targets) {
  for (const auto& target : targets) {
    const auto [local_part, domain_name] = split_address(target);
    if (then.domain(domain_name) == nullptr) continue;
    const wire::smtp::Address address{.local_part = std::string(local_part), .domain = std::string(domain_name)};
    const auto found = resolve(then, address, {}, Purpose::kSending);
    if (!found && found.error() == ResolveError::kTooManyTargets)
      return std::unexpected(DirectoryError::kTooManyTargets);
    if (!found) return std::unexpected(DirectoryError::kUnknownTarget);
  }
  return {};
}

void drop_target(const Snapshot& now, std::string_view address, std::vector<RowChange>& rows) {
  Retargeting retargeting(now);
  std::vector<std::string> gone{std::string(address)};
  while (!gone.empty()) {
    const auto target = std::move(gone.back());
    gone.pop_back();
    const auto leave_out = [&](std::vector<std::string>& targets) {
      return std::erase_if(targets, [&](const auto& other) { return leads_to(now, other, target); }) != 0;
    };
    retargeting.apply(leave_out, &gone);
  }
  retargeting.write(rows);
}

void replace_target(const Snapshot& now, std::string_view from, std::string_view to, std::vector<RowChange>& rows) {
  Retargeting retargeting(now);
  const auto separator = separator_of(now, from);
  const auto replace = [&](std::vector<std::string>& targets) {
    bool changed = false;
    for (auto& target : targets)
      if (auto other = replaced(target, from, to, separator)) {
        target = *std::move(other);
        changed = true;
      }
    return changed;
  };
  retargeting.apply(replace, nullptr);
  retargeting.write(rows);
}

}  // namespace veredus::state::directory
