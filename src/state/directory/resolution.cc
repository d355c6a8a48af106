#include "state/directory/resolution.h"

#include <algorithm>
#include <optional>

#include "state/directory/address_form.h"
#include "state/directory/snapshot.h"

namespace veredus::state::directory {

namespace {

const Domain* domain_of(const Snapshot& snapshot, std::string_view name, std::string_view default_domain) {
  if (!name.empty()) return find_domain(snapshot, name);
  return default_domain.empty() ? snapshot.oldest_domain() : find_domain(snapshot, default_domain);
}

/// One resolution on its way through aliases.
class Expansion {
 public:
  Expansion(const Snapshot& snapshot, Purpose purpose) : snapshot_(snapshot), purpose_(purpose) {}

  std::expected<Resolution, ResolveError> run(std::string_view local_part, const Domain& domain) {
    follow(local_part, domain, {}, 0);
    if (too_many_) return std::unexpected(ResolveError::kTooManyTargets);
    if (!found_.local.empty() || !found_.remote.empty()) return std::move(found_);
    return std::unexpected(failure_.value_or(ResolveError::kUnknownMailbox));
  }

 private:
  /// `local_part` as sent. `tag` is handed down from a subaddress of an alias.
  void follow(std::string_view local_part, const Domain& domain, std::string_view tag, int depth) {
    const std::string normal = normal_local_part(local_part);
    std::string address = join_address(normal, domain.name);
    if (known(address, tag, depth)) return;
    if (domain.subaddress_separator) {
      const auto cut = local_part.find(*domain.subaddress_separator);
      if (cut != std::string_view::npos && cut != 0 &&
          known(join_address(normal_local_part(local_part.substr(0, cut)), domain.name), local_part.substr(cut + 1),
                depth))
        return;
    }
    if (normal == "postmaster" || normal == "abuse") {  // RFC 5321 s4.5.1, RFC 2142 s2
      if (const auto* account = postmaster(domain)) return deliver(*account, tag);
    }
    if (domain.catch_all) {
      if (const auto* account = snapshot_.account(*domain.catch_all)) return deliver(*account, tag);
    }
    fail(ResolveError::kUnknownMailbox);
  }

  /// Follows an address that an account or an alias has. False: none has.
  bool known(const std::string& address, std::string_view tag, int depth) {
    if (const auto* account = snapshot_.account(std::string_view(address))) {
      deliver(*account, tag);
      return true;
    }
    if (const auto* alias = snapshot_.alias(address)) {
      expand(*alias, tag, depth);
      return true;
    }
    return false;
  }

  void expand(const Alias& alias, std::string_view tag, int depth) {
    if (std::ranges::find(path_, &alias) != path_.end()) return fail(ResolveError::kLoop);
    if (std::ranges::find(done_, &alias) != done_.end()) return;  // another way to the same people
    if (depth >= Limits::alias_depth || ++aliases_followed_ > Limits::expanded_targets) {
      too_many_ = true;
      return;
    }
    path_.push_back(&alias);
    for (const auto& target : alias.targets) {
      if (too_many_) break;
      const auto [local_part, domain_name] = split_address(target);
      if (const auto* domain = snapshot_.domain(domain_name)) {
        follow(local_part, *domain, tag, depth + 1);
      } else {
        relay(local_part, domain_name);
      }
    }
    path_.pop_back();
    done_.push_back(&alias);
  }

  void deliver(const Account& account, std::string_view tag) {
    if (purpose_ == Purpose::kDelivery && (account.disabled || !account.can_receive))
      return fail(ResolveError::kDisabled);
    if (std::ranges::find(found_.local, account.id, &LocalTarget::account) != found_.local.end()) return;
    if (room()) found_.local.push_back({.account = account.id, .tag = std::string(tag)});
  }

  void relay(std::string_view local_part, std::string_view domain) {
    wire::smtp::Address address{.local_part = std::string(local_part), .domain = std::string(domain)};
    if (std::ranges::find(found_.remote, address) != found_.remote.end()) return;
    if (room()) found_.remote.push_back(std::move(address));
  }

  bool room() {
    too_many_ = too_many_ || found_.local.size() + found_.remote.size() >= Limits::expanded_targets;
    return !too_many_;
  }

  /// Who gets postmaster@ and abuse@ of a domain where nobody has these addresses.
  const Account* postmaster(const Domain& domain) {
    if (domain.postmaster)
      if (const auto* account = usable(*domain.postmaster)) return account;
    if (const auto* members = snapshot_.members(domain.id)) {
      if (const auto* account = first_usable(members->administrators)) return account;
      if (const auto* account = first_usable(members->accounts)) return account;
    }
    return first_usable(snapshot_.administrators());
  }

  const Account* first_usable(const std::vector<AccountId>& ids) {
    for (const auto id : ids)
      if (const auto* account = usable(id)) return account;
    return nullptr;
  }

  const Account* usable(AccountId id) {
    const auto* account = snapshot_.account(id);
    return account != nullptr && !account->disabled && account->can_receive ? account : nullptr;
  }

  /// The first failure is the one told when nothing is left.
  void fail(ResolveError error) {
    if (!failure_) failure_ = error;
  }

  const Snapshot& snapshot_;
  Purpose purpose_;
  Resolution found_;
  std::optional<ResolveError> failure_;
  std::vector<const Alias*> path_;
  std::vector<const Alias*> done_;
  std::size_t aliases_followed_ = 0;
  bool too_many_ = false;
};

}  // namespace

const Domain* find_domain(const Snapshot& snapshot, std::string_view name) {
  if (const auto* domain = snapshot.domain(name)) return domain;  // most senders write it as we keep it
  const auto normal = normal_domain(name);
  return normal ? snapshot.domain(*normal) : nullptr;
}

const Alias* find_alias(const Snapshot& snapshot, std::string_view local_part, const Domain& domain) {
  const auto address = join_address(normal_local_part(local_part), domain.name);
  if (const auto* alias = snapshot.alias(address)) return alias;
  if (!domain.subaddress_separator || snapshot.account(std::string_view(address)) != nullptr) return nullptr;
  const auto cut = local_part.find(*domain.subaddress_separator);
  if (cut == std::string_view::npos || cut == 0) return nullptr;
  return snapshot.alias(join_address(normal_local_part(local_part.substr(0, cut)), domain.name));
}

const Account* find_login(const Snapshot& snapshot, std::string_view user, std::string_view default_domain) {
  const auto [local_part, domain_name] = split_address(user);
  const Domain* domain = domain_of(snapshot, domain_name, default_domain);
  if (domain == nullptr || local_part.empty()) return nullptr;
  const auto address = join_address(normal_local_part(local_part), domain->name);
  if (const auto* account = snapshot.account(std::string_view(address))) return account;
  if (snapshot.alias(address) == nullptr) return nullptr;
  const auto found = Expansion(snapshot, Purpose::kSending).run(local_part, *domain);
  if (!found || found->local.size() != 1 || !found->remote.empty()) return nullptr;
  return snapshot.account(found->local.front().account);
}

std::expected<Resolution, ResolveError> resolve(const Snapshot& snapshot, const wire::smtp::Address& address,
                                                std::string_view default_domain, Purpose purpose) {
  // RFC 5321 s4.5.1: <postmaster> needs no domain.
  const Domain* domain = domain_of(snapshot, address.domain, default_domain);
  if (domain == nullptr)
    return std::unexpected(normal_domain(address.domain) ? ResolveError::kNotOurs : ResolveError::kBadAddress);
  return Expansion(snapshot, purpose).run(address.local_part, *domain);
}

bool may_send_as(const Snapshot& snapshot, AccountId account, const wire::smtp::Address& address) {
  const auto* sender = snapshot.account(account);
  if (sender == nullptr || sender->disabled || !sender->can_send) return false;
  const auto* domain = find_domain(snapshot, address.domain);
  if (domain == nullptr) return false;
  const auto found = Expansion(snapshot, Purpose::kSending).run(address.local_part, *domain);
  if (!found || std::ranges::find(found->local, account, &LocalTarget::account) == found->local.end()) return false;
  if (found->local.size() == 1 && found->remote.empty()) return true;
  const auto* alias = find_alias(snapshot, address.local_part, *domain);
  return alias != nullptr && alias->senders;
}

}  // namespace veredus::state::directory
