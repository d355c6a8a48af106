#include "doors/admin/relay_fields.h"

#include <algorithm>

#include "doors/admin/calls.h"

namespace veredus::doors::admin {

using state::directory::HostPort;
using state::directory::SecretKind;
using state::directory::TlsRule;
using state::directory::TransferProtocol;

namespace {

constexpr std::string_view kTlsNames[] = {"never", "opportunistic", "encrypt", "verify"};  // by TlsRule
constexpr std::string_view kProtocolNames[] = {"smtp", "lmtp"};                            // by TransferProtocol
constexpr std::uint64_t kMaxPort = 65'535;

template <class Enum, std::size_t n>
void take_choice(Fields& fields, std::string_view name, const std::string_view (&names)[n], Enum& to) {
  const auto text = fields.take_string(name);
  if (!text) return;
  const auto at = std::ranges::find(names, *text);
  if (at == std::end(names)) {
    std::string wants;
    for (const auto one : names) wants.append(wants.empty() ? "" : ", ").append(one);
    return fields.mistake(name, "one of " + wants);
  }
  to = static_cast<Enum>(at - std::begin(names));
}

}  // namespace

std::optional<HostPort> parse_host(std::string_view text, std::uint16_t default_port) {
  HostPort host{.host = {}, .port = default_port};
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host.host = text.substr(1, end - 1);
    const auto rest = text.substr(end + 1);
    if (!rest.empty() && !rest.starts_with(':')) return std::nullopt;
    if (!rest.empty()) port = rest.substr(1);
    if (!rest.empty() && port.empty()) return std::nullopt;
  } else {
    const auto colon = text.find(':');
    if (colon != text.rfind(':')) {  // an IPv6 address alone
      host.host = text;
      return host;
    }
    host.host = text.substr(0, colon);
    if (colon != std::string_view::npos) port = text.substr(colon + 1);
    if (colon != std::string_view::npos && port.empty()) return std::nullopt;
  }
  if (host.host.empty()) return std::nullopt;
  if (port.empty()) return host;
  const auto number = number_of(port);
  if (!number || *number == 0 || *number > kMaxPort) return std::nullopt;
  host.port = static_cast<std::uint16_t>(*number);
  return host;
}

std::string to_text(const HostPort& host) {
  const bool v6 = host.host.contains(':');
  return (v6 ? "[" + host.host + "]" : host.host) + ":" + std::to_string(host.port);
}

void take_relay(Fields& fields, state::directory::NewRelay& relay, std::uint16_t default_port) {
  take_choice(fields, "tls", kTlsNames, relay.tls);
  take_choice(fields, "protocol", kProtocolNames, relay.protocol);
  if (const auto hosts = fields.take_strings("hosts")) {
    relay.hosts.clear();
    for (const auto& text : *hosts) {
      if (auto host = parse_host(text, default_port))
        relay.hosts.push_back(*std::move(host));
      else
        fields.mistake("hosts", "\"host\", \"host:port\" or \"[IPv6 address]:port\"");
    }
  }
  relay.implicit_tls = fields.take_bool("implicit_tls").value_or(relay.implicit_tls);
  if (auto user = fields.take_string("user")) relay.user = *std::move(user);
  auto password = fields.take_string("password");
  auto token = fields.take_string("token");
  if (password && token) fields.mistake("token", "to stand without a password");
  if (password) relay.secret = base::crypto::Secret(*std::move(password));
  if (token) relay.secret = base::crypto::Secret(*std::move(token));
  if (token) relay.kind = SecretKind::kOAuthToken;
}

void put_relay(boost::json::object& object, const state::directory::Relay& relay) {
  boost::json::array hosts;
  for (const auto& host : relay.hosts) hosts.emplace_back(to_text(host));
  object["hosts"] = std::move(hosts);
  object["tls"] = kTlsNames[static_cast<std::size_t>(relay.tls)];
  object["implicit_tls"] = relay.implicit_tls;
  object["protocol"] = kProtocolNames[static_cast<std::size_t>(relay.protocol)];
  if (!relay.login) return;
  object["user"] = relay.login->user;
  object["login"] = relay.login->kind == SecretKind::kOAuthToken ? "token" : "password";
}

}  // namespace veredus::doors::admin
