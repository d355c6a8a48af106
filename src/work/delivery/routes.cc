#include "work/delivery/routes.h"

#include "state/directory/address_form.h"
#include "state/directory/directory.h"
#include "state/directory/snapshot.h"

namespace veredus::work::delivery {

using state::directory::Relay;

namespace {

NextHop hosts_of(std::string name, const Relay& relay, std::optional<base::crypto::Secret> secret) {
  NextHop hop{.kind = NextHop::Kind::kHosts,
              .name = std::move(name),
              .hosts = relay.hosts,
              .tls = relay.tls,
              .implicit_tls = relay.implicit_tls,
              .protocol = relay.protocol};
  // A secret that cannot be opened stays empty: the server's refusal then says what is wrong.
  if (relay.login)
    hop.login = NextHop::Login{.user = relay.login->user,
                               .secret = std::move(secret).value_or(base::crypto::Secret()),
                               .kind = relay.login->kind};
  return hop;
}

/// In normal form; empty for the null sender.
std::string normal_sender(std::string_view sender) {
  const auto [local_part, domain] = state::directory::split_address(sender);
  auto normal = state::directory::normal_domain(domain);
  if (!normal) return {};
  return state::directory::join_address(state::directory::normal_local_part(local_part), *normal);
}

}  // namespace

bool NextHop::same_way(const NextHop& other) const {
  const auto same_login = [](const std::optional<Login>& a, const std::optional<Login>& b) {
    if (a.has_value() != b.has_value()) return false;
    return !a || (a->user == b->user && a->kind == b->kind && a->secret.reveal() == b->secret.reveal());
  };
  return kind == other.kind && name == other.name && hosts == other.hosts && tls == other.tls &&
         implicit_tls == other.implicit_tls && protocol == other.protocol && relay_domain == other.relay_domain &&
         same_login(login, other.login);
}

NextHop Routes::next_hop(std::string_view domain, std::string_view sender, AccountId submitter,
                         std::string_view route) const {
  if (route == kMxRoute) return {};
  const auto snapshot = directory_.snapshot();
  const auto& table = snapshot->routing();
  const auto by = [&](const state::directory::Route& one) {
    return hosts_of(one.name, one.relay, directory_.open_login(one));
  };
  if (!route.empty())
    if (const auto* named = table.route(route)) return by(*named);
  if (submitter != AccountId() && !sender.empty() && table.sending_accounts(submitter) != nullptr) {
    const auto* sending = table.sending_account(submitter, normal_sender(sender));
    if (sending != nullptr && sending->verified)
      return hosts_of(sending->address, sending->relay, directory_.open_login(*sending));
  }
  if (const auto* claimed = table.route_to(domain)) return by(*claimed);
  if (table.relay_domain(domain) != nullptr) return {.relay_domain = true};
  if (table.has_sender_routes())
    if (const auto* claimed = table.route_of_sender(normal_sender(sender))) return by(*claimed);
  if (const auto* fallback = table.default_route()) return by(*fallback);
  return {};
}

}  // namespace veredus::work::delivery
