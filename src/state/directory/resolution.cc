#include "state/directory/resolution.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "state/directory/address_form.h"
#include "state/directory/snapshot.h"

namespace veredus::state::directory {

namespace {

const Domain* domain_of(const Snapshot& snapshot, std::string_view name, std::string_view default_domain) {
  if (!name.empty()) return find_domain(snapshot, name);
  return default_domain.empty() ? snapshot.oldest_domain() : find_domain(snapshot, default_domain);
}

/// `name-bounces` of a list called `name`; empty: no such suffix.
std::string_view without_suffix(std::string_view local_part, std::string_view suffix) {
  return local_part.size() > suffix.size() && local_part.ends_with(suffix)
             ? local_part.substr(0, local_part.size() - suffix.size())
             : std::string_view();
}

/// One resolution on its way through aliases, lists and forwards.
class Expansion {
 public:
  Expansion(const Snapshot& snapshot, Purpose purpose, Poster poster)
      : snapshot_(snapshot), purpose_(purpose), poster_(poster) {}

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
    if (const auto* list = list_served(normal, domain)) return expand_moderators(*list, depth);
    if (normal == "postmaster" || normal == "abuse") {  // RFC 5321 s4.5.1, RFC 2142 s2
      if (const auto* account = postmaster(domain)) return deliver(*account, tag, depth);
    }
    if (domain.catch_all) {
      if (const auto* account = snapshot_.account(*domain.catch_all)) return deliver(*account, tag, depth);
    }
    fail(ResolveError::kUnknownMailbox);
  }

  /// Follows an address that an account, an alias or a list has. False: none has.
  bool known(const std::string& address, std::string_view tag, int depth) {
    if (const auto* account = snapshot_.account(std::string_view(address))) {
      deliver(*account, tag, depth);
      return true;
    }
    if (const auto* alias = snapshot_.alias(address)) {
      expand(alias->address, alias->targets, tag, depth);
      return true;
    }
    if (const auto* list = snapshot_.mail_list(address)) {
      post(*list, depth);
      return true;
    }
    return false;
  }

  /// The list whose bounces or owner address this is.
  const MailList* list_served(std::string_view normal, const Domain& domain) const {
    for (const auto suffix : {kBouncesSuffix, kOwnerSuffix}) {
      const auto name = without_suffix(normal, suffix);
      if (name.empty()) continue;
      if (const auto* list = snapshot_.mail_list(join_address(name, domain.name))) return list;
    }
    return nullptr;
  }

  /// Leads on to all targets of an alias, a list or an account that forwards, whose `address` is. Both live in the
  /// snapshot; who comes by the same targets twice has gone in a circle.
  void expand(const std::string& address, const std::vector<std::string>& targets, std::string_view tag, int depth) {
    if (std::ranges::find(path_, &targets, &Leg::targets) != path_.end()) return fail(ResolveError::kLoop);
    if (std::ranges::find(done_, &targets) != done_.end()) return;  // another way to the same people
    if (depth >= Limits::alias_depth || ++expanded_ > Limits::expanded_targets) {
      too_many_ = true;
      return;
    }
    path_.push_back({.address = &address, .targets = &targets});
    for (const auto& target : targets) {
      if (too_many_) break;
      if (is_suspended(targets, target)) continue;
      const auto [local_part, domain_name] = split_address(target);
      if (const auto* domain = snapshot_.domain(domain_name)) {
        follow(local_part, *domain, tag, depth + 1);
      } else {
        relay(local_part, domain_name);
      }
    }
    path_.pop_back();
    done_.push_back(&targets);
  }

  void post(const MailList& list, int depth) {
    if (purpose_ == Purpose::kSending) return expand_moderators(list, depth);
    const bool allowed = may_post(list);
    if (!allowed && !list.moderated) return fail(ResolveError::kPostingDenied);
    const bool outer = std::exchange(moderation_, !allowed);
    const auto* before = std::exchange(list_, &list);
    expand(list.address, allowed ? list.members : list.moderators, {}, depth);
    list_ = before;
    moderation_ = outer;
  }

  /// A member of the list whose members these are, and whose mail came back too often.
  bool is_suspended(const std::vector<std::string>& targets, const std::string& target) const {
    if (list_ == nullptr || &targets != &list_->members || list_->troubles.empty()) return false;
    const auto* trouble = trouble_of(*list_, target);
    return trouble != nullptr && trouble->suspended;
  }

  /// What is written to the people behind a list is no post.
  void expand_moderators(const MailList& list, int depth) { expand(list.address, list.moderators, {}, depth); }

  bool may_post(const MailList& list) const {
    if (poster_.approved) return true;
    // Automatic answers and reports never go to a list.
    if (poster_.sender == nullptr && !poster_.account) return false;
    switch (list.posting) {
      case Posting::kAnyone:
        return true;
      case Posting::kMembers:
        return is_poster_among(list.members) || is_poster_among(list.moderators);
      case Posting::kModerators:
        return is_poster_among(list.moderators);
    }
    return false;
  }

  /// Whether the poster, by the sender's address or as who has authenticated, is one of these.
  bool is_poster_among(const std::vector<std::string>& addresses) const {
    const auto has = [&](std::string_view address) { return std::ranges::binary_search(addresses, address); };
    if (poster_.account) {
      const auto* account = snapshot_.account(*poster_.account);
      if (account != nullptr && has(account->address)) return true;
    }
    if (poster_.sender == nullptr) return false;
    const auto domain = normal_domain(poster_.sender->domain);
    if (!domain) return false;
    const bool ours = snapshot_.domain(std::string_view(*domain)) != nullptr;
    // An address elsewhere is compared as it was entered; people write theirs in one way, but for the case.
    return has(join_address(normal_local_part(poster_.sender->local_part), *domain)) ||
           (!ours && has(join_address(poster_.sender->local_part, *domain)));
  }

  void deliver(const Account& account, std::string_view tag, int depth) {
    if (purpose_ == Purpose::kDelivery && (account.disabled || !account.can_receive))
      return fail(ResolveError::kDisabled);
    const auto* forward = purpose_ == Purpose::kDelivery ? snapshot_.routing().forward(account.id) : nullptr;
    if (forward == nullptr || forward->keep) {
      found_.own_mailbox = found_.own_mailbox || path_.empty();
      keep(account, tag);
    }
    if (forward != nullptr) expand(account.address, forward->targets, tag, depth);
  }

  void keep(const Account& account, std::string_view tag) {
    if (std::ranges::find(found_.local, account.id, &LocalTarget::account) != found_.local.end()) return;
    if (!room()) return;
    const auto via = list_ != nullptr ? via_of(list_->address) : 0;
    found_.local.push_back({.account = account.id, .tag = std::string(tag), .via = via});
  }

  void relay(std::string_view local_part, std::string_view domain) {
    wire::smtp::Address address{.local_part = std::string(local_part), .domain = std::string(domain)};
    if (std::ranges::find(found_.remote, address, &OutsideTarget::address) != found_.remote.end()) return;
    if (room()) found_.remote.push_back({.address = std::move(address), .via = via_of(*path_.back().address)});
  }

  std::uint32_t via_of(const std::string& address) {
    Via via{.address = address, .list = list_, .moderation = moderation_};
    auto& vias = found_.vias;
    const auto at = std::ranges::find(vias, via);
    if (at != vias.end()) return static_cast<std::uint32_t>(at - vias.begin()) + 1;
    vias.push_back(std::move(via));
    return static_cast<std::uint32_t>(vias.size());
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

  /// What leads on: something of the snapshot.
  struct Leg {
    const std::string* address;
    const std::vector<std::string>* targets;
  };

  const Snapshot& snapshot_;
  Purpose purpose_;
  Poster poster_;
  Resolution found_;
  std::optional<ResolveError> failure_;
  std::vector<Leg> path_;
  std::vector<const std::vector<std::string>*> done_;
  const MailList* list_ = nullptr;  // the one on the path next to where we are
  bool moderation_ = false;
  std::size_t expanded_ = 0;
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

const MailList* find_mail_list(const Snapshot& snapshot, std::string_view local_part, const Domain& domain) {
  return snapshot.mail_list(join_address(normal_local_part(local_part), domain.name));
}

const Account* find_login(const Snapshot& snapshot, std::string_view user, std::string_view default_domain) {
  const auto [local_part, domain_name] = split_address(user);
  const Domain* domain = domain_of(snapshot, domain_name, default_domain);
  if (domain == nullptr || local_part.empty()) return nullptr;
  const auto address = join_address(normal_local_part(local_part), domain->name);
  if (const auto* account = snapshot.account(std::string_view(address))) return account;
  if (snapshot.alias(address) == nullptr) return nullptr;
  const auto found = Expansion(snapshot, Purpose::kSending, {}).run(local_part, *domain);
  if (!found || found->local.size() != 1 || !found->remote.empty()) return nullptr;
  return snapshot.account(found->local.front().account);
}

std::expected<Resolution, ResolveError> resolve(const Snapshot& snapshot, const wire::smtp::Address& address,
                                                std::string_view default_domain, Purpose purpose, Poster poster) {
  // RFC 5321 s4.5.1: <postmaster> needs no domain.
  const Domain* domain = domain_of(snapshot, address.domain, default_domain);
  if (domain == nullptr)
    return std::unexpected(normal_domain(address.domain) ? ResolveError::kNotOurs : ResolveError::kBadAddress);
  return Expansion(snapshot, purpose, poster).run(address.local_part, *domain);
}

namespace {

bool may_send_elsewhere(const Snapshot& snapshot, AccountId account, const wire::smtp::Address& address) {
  if (snapshot.routing().sending_accounts(account) == nullptr) return false;
  const auto domain = normal_domain(address.domain);
  if (!domain) return false;
  const auto* sending =
      snapshot.routing().sending_account(account, join_address(normal_local_part(address.local_part), *domain));
  return sending != nullptr && sending->verified;
}

}  // namespace

bool may_send_as(const Snapshot& snapshot, AccountId account, const wire::smtp::Address& address) {
  const auto* sender = snapshot.account(account);
  if (sender == nullptr || sender->disabled || !sender->can_send) return false;
  const auto* domain = find_domain(snapshot, address.domain);
  if (domain == nullptr) return may_send_elsewhere(snapshot, account, address);
  const auto found = Expansion(snapshot, Purpose::kSending, {}).run(address.local_part, *domain);
  if (!found || std::ranges::find(found->local, account, &LocalTarget::account) == found->local.end()) return false;
  if (found->local.size() == 1 && found->remote.empty()) return true;
  if (find_mail_list(snapshot, address.local_part, *domain) != nullptr) return true;
  const auto* alias = find_alias(snapshot, address.local_part, *domain);
  return alias != nullptr && alias->senders;
}

}  // namespace veredus::state::directory
