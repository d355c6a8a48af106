#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/directory/cow_map.h"
#include "state/directory/directory_error.h"
#include "state/directory/routing_model.h"
#include "state/directory/text_hash.h"

namespace veredus::state::directory {

/// How mail is led on, at one version: the part of a Snapshot that says which way it takes. Immutable once published,
/// like the Snapshot. Pointers are good as long as it is.
class RoutingTable {
 public:
  /// Takes one row of its kinds (rows.h), or its absence. nullopt: not one of its kinds. Errors: kCorrupt.
  std::optional<std::expected<void, DirectoryError>> apply(std::string_view key,
                                                           const std::optional<std::string>& value);

  [[nodiscard]] const Route* route(std::string_view name) const { return routes_.find(name); }
  [[nodiscard]] const RelayDomain* relay_domain(std::string_view name) const { return relay_domains_.find(name); }
  [[nodiscard]] const Forward* forward(AccountId account) const {
    return forwards_.size() == 0 ? nullptr : forwards_.find(account);
  }
  [[nodiscard]] const SendingAccount* sending_account(AccountId account, std::string_view address) const;
  /// By address.
  [[nodiscard]] const std::vector<SendingAccount>* sending_accounts(AccountId account) const {
    return sending_.find(account);
  }
  /// The newest first; empty before the first was made.
  [[nodiscard]] const std::vector<SrsSecret>& srs_secrets() const { return *srs_secrets_; }

  /// The route that claims mail for `domain` (A-labels, lower case), exactly or by the longest "*.…"; nullptr: none.
  [[nodiscard]] const Route* route_to(std::string_view domain) const;
  /// The route that claims mail from `sender` (normal form), or from its domain; nullptr: none.
  [[nodiscard]] const Route* route_of_sender(std::string_view sender) const;
  [[nodiscard]] const Route* default_route() const;
  [[nodiscard]] bool has_sender_routes() const { return senders_.size() != 0; }

  // Lists, sorted; for people.
  [[nodiscard]] std::vector<Route> routes() const;
  [[nodiscard]] std::vector<RelayDomain> relay_domains() const;
  template <class F>
  void for_each_forward(F&& visit) const {
    forwards_.for_each([&](AccountId, const Forward& forward) { visit(forward); });
  }
  [[nodiscard]] std::size_t route_count() const { return routes_.size(); }
  [[nodiscard]] std::size_t relay_domain_count() const { return relay_domains_.size(); }

 private:
  using Names = std::vector<std::string>;  // sorted
  template <class V>
  using ByText = CowMap<std::string, V, TextHash, std::equal_to<>>;

  void take_route(std::string_view name, std::optional<Route> route);
  void take_sending(AccountId account, std::string_view address, std::optional<SendingAccount> sending);
  static void claim(ByText<Names>& claims, const std::string& pattern, const std::string& name, bool claimed);
  [[nodiscard]] const Route* first_of(const ByText<Names>& claims, std::string_view pattern) const;

  ByText<Route> routes_;
  ByText<Names> destinations_;  // pattern -> routes that claim it
  ByText<Names> senders_;
  Names defaults_;
  ByText<RelayDomain> relay_domains_;
  CowMap<AccountId, Forward> forwards_;
  CowMap<AccountId, std::vector<SendingAccount>> sending_;
  std::shared_ptr<const std::vector<SrsSecret>> srs_secrets_ = std::make_shared<const std::vector<SrsSecret>>();
};

}  // namespace veredus::state::directory
