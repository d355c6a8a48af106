#include "state/directory/plan_parts.h"

#include <algorithm>
#include <map>

#include "base/codec/utf8.h"
#include "state/directory/address_form.h"
#include "state/directory/resolution.h"
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

}  // namespace

void drop_target(const Snapshot& now, std::string_view address, std::vector<RowChange>& rows) {
  std::map<std::string, Alias> touched;
  std::vector<std::string> gone{std::string(address)};
  while (!gone.empty()) {
    const auto target = std::move(gone.back());
    gone.pop_back();
    now.for_each_alias([&](const Alias& alias) {
      const auto earlier = touched.find(alias.address);
      const Alias& current = earlier != touched.end() ? earlier->second : alias;
      Alias less = current;
      if (std::erase_if(less.targets, [&](const auto& other) { return leads_to(now, other, target); }) == 0) return;
      if (less.targets.empty()) gone.push_back(less.address);
      touched.insert_or_assign(alias.address, std::move(less));
    });
  }
  for (const auto& [name, alias] : touched)
    rows.push_back(
        {.key = alias_key(name), .value = alias.targets.empty() ? std::nullopt : std::optional(write_alias(alias))});
}

void replace_target(const Snapshot& now, std::string_view from, std::string_view to, std::vector<RowChange>& rows) {
  const auto separator = separator_of(now, from);
  now.for_each_alias([&](const Alias& alias) {
    Alias changed = alias;
    for (auto& target : changed.targets)
      if (auto other = replaced(target, from, to, separator)) target = *std::move(other);
    if (changed != alias) rows.push_back({.key = alias_key(alias.address), .value = write_alias(changed)});
  });
}

}  // namespace veredus::state::directory
