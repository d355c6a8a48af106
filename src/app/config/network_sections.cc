#include <algorithm>
#include <array>

#include "app/config/lists.h"
#include "app/config/sections.h"

namespace veredus::app::config {
namespace {

struct ProtocolName {
  Protocol protocol;
  std::string_view name;
};
constexpr std::array<ProtocolName, 8> kProtocols{{{Protocol::kSmtp, "smtp"},
                                                  {Protocol::kSubmission, "submission"},
                                                  {Protocol::kSubmissions, "submissions"},
                                                  {Protocol::kLmtp, "lmtp"},
                                                  {Protocol::kPop3, "pop3"},
                                                  {Protocol::kPop3s, "pop3s"},
                                                  {Protocol::kImap, "imap"},
                                                  {Protocol::kImaps, "imaps"}}};

/// Octal in quotes, as people write modes: "0660".
void read_mode(TableReader& in, const toml::node* node, unsigned& target) {
  if (node == nullptr) return;
  std::string text;
  in.read(node, text);
  if (text.size() != 4 || text.front() != '0' || text.find_first_not_of("01234567") != std::string::npos)
    return in.fail(node, "wants permissions as four octal digits in quotes, such as \"0660\"");
  target = static_cast<unsigned>(std::stoul(text, nullptr, 8));
}

void read_listener(const toml::table& table, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(&table, "listener.", place.file, errors);
  ListenerSettings listener;
  std::vector<std::string_view> names;
  for (const auto& known : kProtocols) names.push_back(known.name);
  const auto* protocol = in.key("listener.protocol");
  if (protocol == nullptr)
    errors.push_back({place.file, table.source().begin.line, "a [[listener]] without 'protocol'"});
  if (const auto choice = in.read_choice(protocol, names)) listener.protocol = kProtocols[*choice].protocol;

  const auto* address = in.key("listener.address");
  std::string text;
  in.read(address, text);
  const auto endpoint = io::net::Endpoint::parse(text);
  if (address == nullptr)
    errors.push_back({place.file, table.source().begin.line, "a [[listener]] without 'address'"});
  else if (!endpoint)
    in.fail(
        address,
        "wants an address with a port or a socket, such as \"0.0.0.0:25\", \"[::]:25\" or \"/run/veredus/lmtp.sock\"");
  else if (endpoint->port != 0 || endpoint->is_unix())
    if (std::ranges::any_of(to.listeners, [&](const auto& other) { return other.endpoint == *endpoint; }))
      in.fail(address, "is the address of another [[listener]] already");
  if (endpoint) listener.endpoint = *endpoint;

  read_networks(in, in.key("listener.proxy_from"), listener.proxy_from);
  read_mode(in, in.key("listener.mode"), listener.unix_mode);
  const auto* check_senders = in.key("listener.check_senders");
  in.read(check_senders, listener.check_senders);
  if (check_senders != nullptr && listener.protocol != Protocol::kSmtp)
    in.fail(check_senders, "is for listeners with the protocol \"smtp\": others serve people we know");
  in.finish();
  to.listeners.push_back(std::move(listener));
}

}  // namespace

std::string_view to_string(Protocol protocol) {
  for (const auto& known : kProtocols)
    if (known.protocol == protocol) return known.name;
  return "unknown";
}

bool is_implicit_tls(Protocol protocol) {
  return protocol == Protocol::kSubmissions || protocol == Protocol::kPop3s || protocol == Protocol::kImaps;
}

const toml::table* table_of(const toml::table& file, std::string_view name, const Place& place,
                            std::vector<ConfigError>& errors) {
  const toml::node* node = file.get(name);
  if (node == nullptr) return nullptr;
  if (const auto* table = node->as_table()) return table;
  errors.push_back({place.file, node->source().begin.line,
                    "'" + std::string(name) + "' is a table: write [" + std::string(name) + "]"});
  return nullptr;
}

void read_listeners(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  const toml::node* node = file.get("listener");
  if (node == nullptr) return;
  const toml::array* all = node->as_array();
  if (all == nullptr || !all->is_homogeneous<toml::table>()) {
    errors.push_back({place.file, node->source().begin.line,
                      "listeners are written as [[listener]], one for each place to listen at"});
    return;
  }
  for (const auto& one : *all) read_listener(*one.as_table(), place, to, errors);
}

void read_tls(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  const toml::table* tls = table_of(file, "tls", place, errors);
  TableReader in(tls, "tls.", place.file, errors);
  using Minimum = io::net::TlsContext::MinimumVersion;
  if (const auto choice = in.read_choice(in.key("tls.minimum_version"), {"1.2", "1.3"}))
    to.tls_minimum = *choice == 0 ? Minimum::kTls12 : Minimum::kTls13;
  const toml::node* certificates = in.key("tls.certificate");
  in.finish();
  for (const auto* one : tables_of(in, certificates, "tls.certificate")) {
    TableReader certificate(one, "tls.certificate.", place.file, errors);
    io::net::TlsContext::Certificate files;
    certificate.read(certificate.key("tls.certificate.chain"), files.chain_file);
    certificate.read(certificate.key("tls.certificate.key"), files.key_file);
    if (files.chain_file.empty() || files.key_file.empty())
      errors.push_back({place.file, one->source().begin.line, "a [[tls.certificate]] needs 'chain' and 'key'"});
    certificate.finish();
    to.certificates.push_back(std::move(files));
  }
}

void read_admin(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(table_of(file, "admin", place, errors), "admin.", place.file, errors);
  in.read(in.key("admin.socket"), to.admin_socket);
  read_mode(in, in.key("admin.mode"), to.admin_socket_mode);
  const auto* metrics = in.key("admin.metrics_address");
  in.read(metrics, to.metrics_address);
  if (!to.metrics_address.empty() && !io::net::Endpoint::parse(to.metrics_address))
    in.fail(metrics, "wants an address with a port, such as \"127.0.0.1:9469\"");
  in.finish();
}

void read_sessions(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(table_of(file, "sessions", place, errors), "sessions.", place.file, errors);
  in.read(in.key("sessions.in_all"), to.sessions.in_all, 1, 10'000'000);
  in.read(in.key("sessions.per_address"), to.sessions.per_address, 1, 10'000'000);
  in.finish();
}

}  // namespace veredus::app::config
