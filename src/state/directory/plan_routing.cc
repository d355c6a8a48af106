#include <arpa/inet.h>

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/codec/utf8.h"
#include "base/crypto/seal.h"
#include "state/directory/address_form.h"
#include "state/directory/plan_parts.h"
#include "state/directory/routing_rows.h"
#include "state/directory/rows.h"
#include "state/directory/sealing.h"

namespace veredus::state::directory {

namespace {

using base::crypto::Secret;

constexpr std::size_t kMaxRouteNameOctets = 64;
constexpr std::size_t kMaxErrorOctets = 500;

std::expected<std::string, DirectoryError> route_name(std::string_view typed) {
  auto name = base::codec::to_lower_ascii(typed);
  const auto fits = [](char c) {
    return base::codec::is_alpha(c) || base::codec::is_digit(c) || c == '-' || c == '_' || c == '.';
  };
  if (name.empty() || name.size() > kMaxRouteNameOctets || !std::ranges::all_of(name, fits) || name == "mx")
    return std::unexpected(DirectoryError::kBadRouteName);
  return name;
}

bool is_ip_address(const std::string& host) {
  unsigned char octets[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), octets) == 1 || inet_pton(AF_INET6, host.c_str(), octets) == 1;
}

std::expected<HostPort, DirectoryError> checked_host(const HostPort& typed) {
  HostPort host = typed;
  if (host.port == 0) return std::unexpected(DirectoryError::kBadHost);
  if (is_ip_address(host.host)) return host;
  const auto name = normal_domain(host.host);
  if (!name) return std::unexpected(DirectoryError::kBadHost);
  host.host = *name;
  return host;
}

/// "example.org" or "*.example.org"
std::expected<std::string, DirectoryError> destination(std::string_view typed) {
  const bool below = typed.starts_with("*.");
  const auto domain = normal_domain(below ? typed.substr(2) : typed);
  if (!domain) return std::unexpected(DirectoryError::kBadPattern);
  return (below ? "*." : "") + *domain;
}

/// "alice@example.org" or "@example.org"
std::expected<std::string, DirectoryError> sender_pattern(std::string_view typed) {
  if (typed.starts_with('@')) {
    const auto domain = normal_domain(typed.substr(1));
    if (!domain) return std::unexpected(DirectoryError::kBadPattern);
    return "@" + *domain;
  }
  const auto address = parse_typed_address(typed);
  const auto domain = address ? normal_domain(address->domain) : std::nullopt;
  if (!domain) return std::unexpected(DirectoryError::kBadPattern);
  return join_address(normal_local_part(address->local_part), *domain);
}

template <class Normalise>
std::expected<std::vector<std::string>, DirectoryError> patterns(const std::vector<std::string>& typed,
                                                                 Normalise normalise) {
  if (typed.size() > RoutingLimits::route_patterns) return std::unexpected(DirectoryError::kTooManyPatterns);
  std::vector<std::string> out;
  for (const auto& one : typed) {
    VEREDUS_TRY(auto pattern, normalise(one));
    out.push_back(std::move(pattern));
  }
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
  return out;
}

std::expected<std::optional<RelayLogin>, DirectoryError> login_of(const NewRelay& request, const Relay* before,
                                                                  const Secret& sealing_key,
                                                                  std::string_view seal_context) {
  if (request.user.empty()) return std::nullopt;
  VEREDUS_TRY(check_name(request.user));
  const auto* had = before != nullptr && before->login ? &*before->login : nullptr;
  if (!request.secret) {
    if (had == nullptr || had->user != request.user) return std::unexpected(DirectoryError::kNoSecret);
    return RelayLogin{.user = had->user, .sealed_secret = had->sealed_secret, .kind = request.kind};
  }
  if (request.secret->empty()) return std::unexpected(DirectoryError::kNoSecret);
  if (request.secret->reveal().size() > RoutingLimits::secret_octets)
    return std::unexpected(DirectoryError::kSecretTooLong);
  if (sealing_key.empty()) return std::unexpected(DirectoryError::kNoSealingKey);
  auto sealed = base::crypto::seal(sealing_key, request.secret->reveal(), seal_context);
  return RelayLogin{.user = request.user, .sealed_secret = std::move(sealed), .kind = request.kind};
}

std::expected<Relay, DirectoryError> relay_of(const NewRelay& request, const Relay* before, const Secret& sealing_key,
                                              std::string_view seal_context) {
  if (request.hosts.empty()) return std::unexpected(DirectoryError::kNoHosts);
  if (request.hosts.size() > RoutingLimits::route_hosts) return std::unexpected(DirectoryError::kTooManyHosts);
  Relay relay{.tls = request.tls, .implicit_tls = request.implicit_tls, .protocol = request.protocol};
  for (const auto& typed : request.hosts) {
    VEREDUS_TRY(auto host, checked_host(typed));
    relay.hosts.push_back(std::move(host));
  }
  VEREDUS_TRY(relay.login, login_of(request, before, sealing_key, seal_context));
  return relay;
}

RowChange row_of(const SendingAccount& sending) {
  return {.key = sending_key(sending.account, sending.address), .value = write_sending_account(sending)};
}

/// An address elsewhere, in normal form.
std::expected<std::string, DirectoryError> outside_address(const Snapshot& now, std::string_view typed) {
  const auto address = parse_typed_address(typed);
  const auto domain = address ? normal_domain(address->domain) : std::nullopt;
  if (!domain) return std::unexpected(DirectoryError::kBadAddress);
  if (now.domain(std::string_view(*domain)) != nullptr) return std::unexpected(DirectoryError::kNotElsewhere);
  return join_address(normal_local_part(address->local_part), *domain);
}

/// A recipient of a relay domain: a local part or an address in it.
std::expected<std::string, DirectoryError> relay_recipient(std::string_view typed, const std::string& domain) {
  const auto address =
      parse_typed_address(typed.contains('@') ? std::string(typed) : std::string(typed).append("@").append(domain));
  if (!address || normal_domain(address->domain) != domain) return std::unexpected(DirectoryError::kBadAddress);
  return join_address(normal_local_part(address->local_part), domain);
}

const SendingAccount* sending_called(const Snapshot& now, AccountId id, std::string_view typed) {
  const auto address = outside_address(now, typed);
  return address ? now.routing().sending_account(id, *address) : nullptr;
}

}  // namespace

Planned<Route> plan_put_route(const Snapshot& now, const NewRoute& request, const Secret& sealing_key,
                              SystemTime time) {
  VEREDUS_TRY(auto name, route_name(request.name));
  const auto* before = now.routing().route(name);
  if (before == nullptr && now.routing().route_count() >= RoutingLimits::routes)
    return std::unexpected(DirectoryError::kTooManyRoutes);
  Route route{.is_default = request.is_default, .created = before != nullptr ? before->created : time};
  VEREDUS_TRY(route.relay, relay_of(request.relay, before != nullptr ? &before->relay : nullptr, sealing_key,
                                    route_seal_context(name)));
  VEREDUS_TRY(route.destinations, patterns(request.destinations, destination));
  VEREDUS_TRY(route.senders, patterns(request.senders, sender_pattern));
  route.name = std::move(name);
  RowChange row{route_key(route.name), write_route(route)};
  return Plan<Route>{std::move(route), {std::move(row)}};
}

Planned<Nothing> plan_delete_route(const Snapshot& now, std::string_view name) {
  const auto lower = base::codec::to_lower_ascii(name);
  if (now.routing().route(lower) == nullptr) return std::unexpected(DirectoryError::kNoSuchRoute);
  return Plan<Nothing>{{}, {{route_key(lower), std::nullopt}}};
}

Planned<RelayDomain> plan_put_relay_domain(const Snapshot& now, const NewRelayDomain& request, SystemTime time) {
  const auto name = normal_domain(request.name);
  if (!name) return std::unexpected(DirectoryError::kBadDomain);
  if (now.domain(std::string_view(*name)) != nullptr) return std::unexpected(DirectoryError::kDomainExists);
  const auto* before = now.routing().relay_domain(*name);
  if (before == nullptr && now.routing().relay_domain_count() >= RoutingLimits::relay_domains)
    return std::unexpected(DirectoryError::kTooManyRelayDomains);
  if (request.recipients.size() > RoutingLimits::relay_recipients)
    return std::unexpected(DirectoryError::kTooManyRecipients);
  RelayDomain domain{.name = *name, .created = before != nullptr ? before->created : time};
  for (const auto& typed : request.recipients) {
    VEREDUS_TRY(auto recipient, relay_recipient(typed, *name));
    domain.recipients.push_back(std::move(recipient));
  }
  std::ranges::sort(domain.recipients);
  const auto repeated = std::ranges::unique(domain.recipients);
  domain.recipients.erase(repeated.begin(), repeated.end());
  RowChange row{relay_domain_key(domain.name), write_relay_domain(domain)};
  return Plan<RelayDomain>{std::move(domain), {std::move(row)}};
}

Planned<Nothing> plan_delete_relay_domain(const Snapshot& now, std::string_view name) {
  const auto normal = normal_domain(name);
  if (!normal || now.routing().relay_domain(*normal) == nullptr)
    return std::unexpected(DirectoryError::kNoSuchRelayDomain);
  return Plan<Nothing>{{}, {{relay_domain_key(*normal), std::nullopt}}};
}

Planned<SendingAccount> plan_put_sending_account(const Snapshot& now, AccountId id, const NewSendingAccount& request,
                                                 const Secret& sealing_key, SystemTime time) {
  if (now.account(id) == nullptr) return std::unexpected(DirectoryError::kNoSuchAccount);
  VEREDUS_TRY(auto address, outside_address(now, request.address));
  VEREDUS_TRY(check_name(request.provider));
  const auto* before = now.routing().sending_account(id, address);
  const auto* all = now.routing().sending_accounts(id);
  if (before == nullptr && all != nullptr && all->size() >= RoutingLimits::sending_accounts)
    return std::unexpected(DirectoryError::kTooManySendingAccounts);
  if (request.relay.user.empty()) return std::unexpected(DirectoryError::kNoSecret);
  SendingAccount sending{.account = id, .provider = request.provider};
  VEREDUS_TRY(sending.relay, relay_of(request.relay, before != nullptr ? &before->relay : nullptr, sealing_key,
                                      sending_seal_context(id, address)));
  sending.address = std::move(address);
  sending.created = before != nullptr ? before->created : time;
  auto row = row_of(sending);
  return Plan<SendingAccount>{std::move(sending), {std::move(row)}};
}

Planned<SendingAccount> plan_note_sending_test(const Snapshot& now, AccountId id, std::string_view address,
                                               std::string_view failure) {
  const auto* before = sending_called(now, id, address);
  if (before == nullptr) return std::unexpected(DirectoryError::kNoSuchSendingAccount);
  SendingAccount sending = *before;
  sending.verified = failure.empty();
  sending.last_error = base::codec::is_valid_utf8(failure) ? failure.substr(0, kMaxErrorOctets) : "unreadable reply";
  while (!base::codec::is_valid_utf8(sending.last_error)) sending.last_error.pop_back();
  auto row = row_of(sending);
  return Plan<SendingAccount>{std::move(sending), {std::move(row)}};
}

Planned<Nothing> plan_delete_sending_account(const Snapshot& now, AccountId id, std::string_view address) {
  const auto* sending = sending_called(now, id, address);
  if (sending == nullptr) return std::unexpected(DirectoryError::kNoSuchSendingAccount);
  return Plan<Nothing>{{}, {{sending_key(id, sending->address), std::nullopt}}};
}

Planned<Nothing> plan_rotate_srs_secret(const Snapshot& now, std::string fresh, std::chrono::milliseconds step,
                                        std::chrono::milliseconds life, SystemTime time) {
  const auto& before = now.routing().srs_secrets();
  if (!before.empty() && before.front().since + step > time) return Plan<Nothing>{};
  std::vector<SrsSecret> secrets{{.octets = std::move(fresh), .since = time}};
  // A secret signs until the one before it in the list came.
  for (const auto& secret : before)
    if (secrets.back().since + life > time) secrets.push_back(secret);
  return Plan<Nothing>{{}, {{srs_secrets_key(), write_srs_secrets(secrets)}}};
}

}  // namespace veredus::state::directory
