#include "state/directory/routing_rows.h"

#include "state/directory/row_fields.h"
#include "state/directory/rows.h"

namespace veredus::state::directory {

namespace {

constexpr std::uint64_t kMaxPort = 65'535;

std::string named_key(RowKind kind, std::string_view name) {
  std::string key(1, static_cast<char>(kind));
  return key.append(name);
}

void put_relay(std::string& out, const Relay& relay) {
  put_varint(out, relay.hosts.size());
  for (const auto& [host, port] : relay.hosts) {
    put_string(out, host);
    put_varint(out, port);
  }
  put_varint(out, static_cast<std::uint8_t>(relay.tls));
  put_varint(out, relay.implicit_tls ? 1 : 0);
  put_varint(out, static_cast<std::uint8_t>(relay.protocol));
  put_varint(out, relay.login ? 1 : 0);
  if (!relay.login) return;
  put_string(out, relay.login->user);
  put_string(out, relay.login->sealed_secret);
  put_varint(out, static_cast<std::uint8_t>(relay.login->kind));
}

Relay take_relay(RowFields& in) {
  Relay relay;
  const auto hosts = in.number();
  for (std::uint64_t i = 0; i < hosts && in.good(); ++i) {
    HostPort host{.host = in.text()};
    host.port = static_cast<std::uint16_t>(in.number(kMaxPort));
    relay.hosts.push_back(std::move(host));
  }
  relay.tls = static_cast<TlsRule>(in.number(static_cast<std::uint8_t>(TlsRule::kVerify)));
  relay.implicit_tls = in.flag();
  relay.protocol = static_cast<TransferProtocol>(in.number(static_cast<std::uint8_t>(TransferProtocol::kLmtp)));
  if (!in.flag()) return relay;
  RelayLogin login{.user = in.text(), .sealed_secret = in.text()};
  login.kind = static_cast<SecretKind>(in.number(static_cast<std::uint8_t>(SecretKind::kOAuthToken)));
  relay.login = std::move(login);
  return relay;
}

}  // namespace

std::string route_key(std::string_view name) { return named_key(RowKind::kRoute, name); }
std::string relay_domain_key(std::string_view domain) { return named_key(RowKind::kRelayDomain, domain); }
std::string mail_list_key(std::string_view address) { return named_key(RowKind::kMailList, address); }
std::string srs_secrets_key() { return named_key(RowKind::kSrsSecrets, {}); }

std::string sending_key(AccountId account, std::string_view address) {
  return id_key(RowKind::kSending, account.value).append(address);
}

std::optional<SendingKey> parse_sending_key(std::string_view key) {
  constexpr std::size_t kPrefix = 9;  // kind and account
  const auto account = id_of_key(key.substr(0, kPrefix));
  if (!account || key.size() == kPrefix) return std::nullopt;
  return SendingKey{.account = AccountId(*account), .address = key.substr(kPrefix)};
}

std::string write_route(const Route& route) {
  std::string out = begin_row();
  put_relay(out, route.relay);
  put_strings(out, route.destinations);
  put_strings(out, route.senders);
  put_varint(out, route.is_default ? 1 : 0);
  put_time(out, route.created);
  return out;
}

std::optional<Route> read_route(std::string_view name, std::string_view value) {
  RowFields in(value);
  Route route{.name = std::string(name), .relay = take_relay(in), .destinations = in.texts(), .senders = in.texts()};
  route.is_default = in.flag();
  route.created = in.time();
  if (!in.complete()) return std::nullopt;
  return route;
}

std::string write_relay_domain(const RelayDomain& domain) {
  std::string out = begin_row();
  put_strings(out, domain.recipients);
  put_time(out, domain.created);
  return out;
}

std::optional<RelayDomain> read_relay_domain(std::string_view name, std::string_view value) {
  RowFields in(value);
  RelayDomain domain{.name = std::string(name), .recipients = in.texts(), .created = in.time()};
  if (!in.complete()) return std::nullopt;
  return domain;
}

std::string write_forward(const Forward& forward) {
  std::string out = begin_row();
  put_strings(out, forward.targets);
  put_varint(out, forward.keep ? 1 : 0);
  put_time(out, forward.created);
  return out;
}

std::optional<Forward> read_forward(AccountId account, std::string_view value) {
  RowFields in(value);
  Forward forward{.account = account, .targets = in.texts(), .keep = in.flag(), .created = in.time()};
  if (!in.complete()) return std::nullopt;
  return forward;
}

std::string write_sending_account(const SendingAccount& sending) {
  std::string out = begin_row();
  put_string(out, sending.provider);
  put_relay(out, sending.relay);
  put_varint(out, sending.verified ? 1 : 0);
  put_string(out, sending.last_error);
  put_time(out, sending.created);
  return out;
}

std::optional<SendingAccount> read_sending_account(AccountId account, std::string_view address,
                                                   std::string_view value) {
  RowFields in(value);
  SendingAccount sending{
      .account = account, .address = std::string(address), .provider = in.text(), .relay = take_relay(in)};
  sending.verified = in.flag();
  sending.last_error = in.text();
  sending.created = in.time();
  if (!in.complete()) return std::nullopt;
  return sending;
}

namespace {

void put_trouble(std::string& out, const MemberTrouble& trouble) {
  put_string(out, trouble.member);
  put_varint(out, trouble.hard);
  put_varint(out, trouble.soft);
  put_varint(out, trouble.complaints);
  put_time(out, trouble.last);
  put_string(out, trouble.reason);
  put_varint(out, trouble.suspended ? 1 : 0);
}

MemberTrouble take_trouble(RowFields& in) {
  MemberTrouble trouble{.member = in.text()};
  trouble.hard = static_cast<std::uint32_t>(in.number(UINT32_MAX));
  trouble.soft = static_cast<std::uint32_t>(in.number(UINT32_MAX));
  trouble.complaints = static_cast<std::uint32_t>(in.number(UINT32_MAX));
  trouble.last = in.time();
  trouble.reason = in.text();
  trouble.suspended = in.flag();
  return trouble;
}

}  // namespace

std::string write_mail_list(const MailList& list) {
  std::string out = begin_row();
  put_varint(out, list.domain.value);
  put_string(out, list.name);
  put_strings(out, list.members);
  put_strings(out, list.moderators);
  put_varint(out, static_cast<std::uint8_t>(list.posting));
  put_varint(out, list.moderated ? 1 : 0);
  put_time(out, list.created);
  if (list.troubles.empty()) return out;
  put_varint(out, list.troubles.size());
  for (const auto& trouble : list.troubles) put_trouble(out, trouble);
  return out;
}

std::optional<MailList> read_mail_list(std::string_view address, std::string_view value) {
  RowFields in(value);
  MailList list{.address = std::string(address),
                .domain = DomainId(in.number()),
                .name = in.text(),
                .members = in.texts(),
                .moderators = in.texts()};
  list.posting = static_cast<Posting>(in.number(static_cast<std::uint8_t>(Posting::kModerators)));
  list.moderated = in.flag();
  list.created = in.time();
  const auto troubles = in.good() && !in.at_end() ? in.number(ListLimits::members) : 0;
  for (std::uint64_t i = 0; i < troubles && in.good(); ++i) list.troubles.push_back(take_trouble(in));
  if (!in.complete()) return std::nullopt;
  return list;
}

std::string write_srs_secrets(const std::vector<SrsSecret>& secrets) {
  std::string out = begin_row();
  put_varint(out, secrets.size());
  for (const auto& [octets, since] : secrets) {
    put_string(out, octets);
    put_time(out, since);
  }
  return out;
}

std::optional<std::vector<SrsSecret>> read_srs_secrets(std::string_view value) {
  RowFields in(value);
  std::vector<SrsSecret> secrets;
  const auto count = in.number();
  for (std::uint64_t i = 0; i < count && in.good(); ++i) secrets.push_back({.octets = in.text(), .since = in.time()});
  if (!in.complete()) return std::nullopt;
  return secrets;
}

}  // namespace veredus::state::directory
