#include "state/directory/routing_table.h"

#include <algorithm>

#include "state/directory/routing_rows.h"
#include "state/directory/rows.h"

namespace veredus::state::directory {

namespace {

void insert_sorted(std::vector<std::string>& names, const std::string& name) {
  const auto at = std::ranges::lower_bound(names, name);
  if (at == names.end() || *at != name) names.insert(at, name);
}

void erase_sorted(std::vector<std::string>& names, const std::string& name) {
  const auto at = std::ranges::lower_bound(names, name);
  if (at != names.end() && *at == name) names.erase(at);
}

}  // namespace

std::optional<std::expected<void, DirectoryError>> RoutingTable::apply(std::string_view key,
                                                                       const std::optional<std::string>& value) {
  const auto name = key.substr(1);
  const auto take = [&](auto read, auto&& keep) -> std::expected<void, DirectoryError> {
    auto row = value ? read(*value) : std::nullopt;
    if (value && !row) return std::unexpected(DirectoryError::kCorrupt);
    keep(std::move(row));
    return {};
  };
  switch (static_cast<RowKind>(key.front())) {
    case RowKind::kRoute:
      return take([&](std::string_view text) { return read_route(name, text); },
                  [&](std::optional<Route> row) { take_route(name, std::move(row)); });
    case RowKind::kRelayDomain:
      return take([&](std::string_view text) { return read_relay_domain(name, text); },
                  [&](std::optional<RelayDomain> row) {
                    if (!value) relay_domains_.erase(std::string(name));
                    if (row) relay_domains_.put(std::string(name), *std::move(row));
                  });
    case RowKind::kForward: {
      const auto id = id_of_key(key);
      if (!id) return std::unexpected(DirectoryError::kCorrupt);
      return take([&](std::string_view text) { return read_forward(AccountId(*id), text); },
                  [&](std::optional<Forward> row) {
                    if (!value) forwards_.erase(AccountId(*id));
                    if (row) forwards_.put(AccountId(*id), *std::move(row));
                  });
    }
    case RowKind::kSending: {
      const auto which = parse_sending_key(key);
      if (!which) return std::unexpected(DirectoryError::kCorrupt);
      return take(
          [&](std::string_view text) { return read_sending_account(which->account, which->address, text); },
          [&](std::optional<SendingAccount> row) { take_sending(which->account, which->address, std::move(row)); });
    }
    case RowKind::kSrsSecrets:
      return take([](std::string_view text) { return read_srs_secrets(text); },
                  [&](std::optional<std::vector<SrsSecret>> row) {
                    srs_secrets_ = std::make_shared<const std::vector<SrsSecret>>(
                        std::move(row).value_or(std::vector<SrsSecret>()));
                  });
    default:
      return std::nullopt;
  }
}

void RoutingTable::claim(ByText<Names>& claims, const std::string& pattern, const std::string& name, bool claimed) {
  const auto* had = claims.find(pattern);
  Names names = had != nullptr ? *had : Names();
  if (claimed) {
    insert_sorted(names, name);
  } else {
    erase_sorted(names, name);
  }
  if (names.empty()) {
    claims.erase(pattern);
  } else {
    claims.put(pattern, std::move(names));
  }
}

void RoutingTable::take_route(std::string_view name, std::optional<Route> route) {
  const auto note = [this](const Route& one, bool claimed) {
    for (const auto& pattern : one.destinations) claim(destinations_, pattern, one.name, claimed);
    for (const auto& pattern : one.senders) claim(senders_, pattern, one.name, claimed);
    if (one.is_default && claimed) insert_sorted(defaults_, one.name);
    if (one.is_default && !claimed) erase_sorted(defaults_, one.name);
  };
  if (const auto* before = routes_.find(name)) {
    note(Route(*before), false);
    routes_.erase(std::string(name));
  }
  if (!route) return;
  note(*route, true);
  routes_.put(std::string(name), *std::move(route));
}

void RoutingTable::take_sending(AccountId account, std::string_view address, std::optional<SendingAccount> sending) {
  const auto* had = sending_.find(account);
  std::vector<SendingAccount> all = had != nullptr ? *had : std::vector<SendingAccount>();
  std::erase_if(all, [&](const SendingAccount& one) { return one.address == address; });
  if (sending) {
    const auto at = std::ranges::lower_bound(all, sending->address, {}, &SendingAccount::address);
    all.insert(at, *std::move(sending));
  }
  if (all.empty()) {
    sending_.erase(account);
  } else {
    sending_.put(account, std::move(all));
  }
}

const SendingAccount* RoutingTable::sending_account(AccountId account, std::string_view address) const {
  const auto* all = sending_.find(account);
  if (all == nullptr) return nullptr;
  const auto at = std::ranges::find(*all, address, &SendingAccount::address);
  return at == all->end() ? nullptr : &*at;
}

const Route* RoutingTable::first_of(const ByText<Names>& claims, std::string_view pattern) const {
  const auto* names = claims.find(pattern);
  return names != nullptr ? routes_.find(names->front()) : nullptr;
}

const Route* RoutingTable::route_to(std::string_view domain) const {
  if (destinations_.size() == 0) return nullptr;
  if (const auto* route = first_of(destinations_, domain)) return route;
  for (auto dot = domain.find('.'); dot != std::string_view::npos; dot = domain.find('.', dot + 1)) {
    const auto pattern = std::string("*").append(domain.substr(dot));
    if (const auto* route = first_of(destinations_, pattern)) return route;
  }
  return nullptr;
}

const Route* RoutingTable::route_of_sender(std::string_view sender) const {
  if (senders_.size() == 0 || sender.empty()) return nullptr;
  if (const auto* route = first_of(senders_, sender)) return route;
  const auto at = sender.rfind('@');
  return at == std::string_view::npos ? nullptr : first_of(senders_, sender.substr(at));
}

const Route* RoutingTable::default_route() const {
  return defaults_.empty() ? nullptr : routes_.find(std::string_view(defaults_.front()));
}

std::vector<Route> RoutingTable::routes() const {
  std::vector<Route> out;
  routes_.for_each([&](const auto&, const Route& route) { out.push_back(route); });
  std::ranges::sort(out, {}, &Route::name);
  return out;
}

std::vector<RelayDomain> RoutingTable::relay_domains() const {
  std::vector<RelayDomain> out;
  relay_domains_.for_each([&](const auto&, const RelayDomain& domain) { out.push_back(domain); });
  std::ranges::sort(out, {}, &RelayDomain::name);
  return out;
}

}  // namespace veredus::state::directory
