#include "state/directory/rows.h"

#include "base/types/bytes.h"
#include "state/directory/row_fields.h"

namespace veredus::state::directory {

namespace {

// Bits of an account's flags. On disk, do not renumber.
constexpr std::uint64_t kDisabledBit = 1;
constexpr std::uint64_t kNoSendBit = 2;
constexpr std::uint64_t kNoReceiveBit = 4;
constexpr std::uint64_t kKnownAccountBits = 7;

}  // namespace

std::string id_key(RowKind kind, std::uint64_t id) {
  std::string key(1, static_cast<char>(kind));
  put_be(key, id);
  return key;
}

std::string alias_key(std::string_view address) {
  std::string key(1, static_cast<char>(RowKind::kAlias));
  return key.append(address);
}

std::string counters_key() { return std::string(1, static_cast<char>(RowKind::kCounters)); }

std::string last_used_key(AccountId account, std::uint64_t app_password) {
  std::string key = id_key(RowKind::kLastUsed, account.value);
  put_be(key, app_password);
  return key;
}

std::optional<std::uint64_t> id_of_key(std::string_view key) {
  if (key.size() != 9) return std::nullopt;
  return ByteReader(key.substr(1)).take_be<std::uint64_t>();
}

std::string write_domain(const Domain& domain) {
  std::string out = begin_row();
  put_string(out, domain.name);
  put_string(out, domain.name_utf8);
  put_string(out, domain.subaddress_separator ? std::string(1, *domain.subaddress_separator) : std::string());
  put_varint(out, domain.catch_all.value_or(AccountId()).value);
  put_varint(out, domain.postmaster.value_or(AccountId()).value);
  put_time(out, domain.created);
  return out;
}

std::optional<Domain> read_domain(DomainId id, std::string_view value) {
  RowFields in(value);
  Domain domain{.id = id, .name = in.text(), .name_utf8 = in.text()};
  const auto separator = in.text();
  domain.subaddress_separator = separator.empty() ? std::nullopt : std::optional(separator.front());
  domain.catch_all = in.account();
  domain.postmaster = in.account();
  domain.created = in.time();
  if (!in.complete() || separator.size() > 1) return std::nullopt;
  return domain;
}

std::string write_account(const Account& account) {
  std::string out = begin_row();
  put_varint(out, account.domain.value);
  put_string(out, account.address);
  put_string(out, account.address_shown);
  put_string(out, account.display_name);
  put_varint(out, account.quota.octets);
  put_varint(out, account.quota.messages);
  put_varint(out, static_cast<std::uint8_t>(account.role));
  put_varint(out, (account.disabled ? kDisabledBit : 0) | (account.can_send ? 0 : kNoSendBit) |
                      (account.can_receive ? 0 : kNoReceiveBit));
  put_time(out, account.created);
  return out;
}

std::optional<Account> read_account(AccountId id, std::string_view value) {
  RowFields in(value);
  Account account{.id = id,
                  .domain = DomainId(in.number()),
                  .address = in.text(),
                  .address_shown = in.text(),
                  .display_name = in.text()};
  account.quota.octets = in.number();
  account.quota.messages = in.number();
  const auto role = in.number();
  const auto flags = in.number();
  account.created = in.time();
  if (!in.complete() || role > 1 || (flags & ~kKnownAccountBits) != 0) return std::nullopt;
  account.role = static_cast<Role>(role);
  account.disabled = (flags & kDisabledBit) != 0;
  account.can_send = (flags & kNoSendBit) == 0;
  account.can_receive = (flags & kNoReceiveBit) == 0;
  return account;
}

std::string write_credentials(const Credentials& credentials) {
  std::string out = begin_row();
  put_varint(out, credentials.revision);
  put_string(out, credentials.password_hash);
  put_string(out, credentials.scram_salt);
  put_varint(out, static_cast<std::uint64_t>(credentials.scram_iterations));
  put_string(out, credentials.stored_key);
  put_string(out, credentials.server_key);
  put_varint(out, credentials.next_app_password);
  put_varint(out, credentials.app_passwords.size());
  for (const auto& app : credentials.app_passwords) {
    put_varint(out, app.id);
    put_string(out, app.name);
    put_time(out, app.created);
    put_string(out, app.stored_key);
    put_string(out, app.server_key);
  }
  return out;
}

std::optional<Credentials> read_credentials(std::string_view value) {
  RowFields in(value);
  Credentials credentials;
  credentials.revision = in.number();
  credentials.password_hash = in.text();
  credentials.scram_salt = in.text();
  credentials.scram_iterations = static_cast<int>(in.number());
  credentials.stored_key = in.text();
  credentials.server_key = in.text();
  credentials.next_app_password = in.number();
  const auto count = in.number();
  for (std::uint64_t i = 0; i < count && in.good(); ++i)
    credentials.app_passwords.push_back(
        {.id = in.number(), .name = in.text(), .created = in.time(), .stored_key = in.text(), .server_key = in.text()});
  if (!in.complete()) return std::nullopt;
  return credentials;
}

std::string write_alias(const Alias& alias) {
  std::string out = begin_row();
  put_varint(out, alias.domain.value);
  put_varint(out, alias.senders ? 1 : 0);
  put_time(out, alias.created);
  put_varint(out, alias.targets.size());
  for (const auto& target : alias.targets) put_string(out, target);
  return out;
}

std::optional<Alias> read_alias(std::string_view address, std::string_view value) {
  RowFields in(value);
  Alias alias{.address = std::string(address), .domain = DomainId(in.number()), .targets = {}};
  const auto senders = in.number();
  alias.created = in.time();
  const auto count = in.number();
  for (std::uint64_t i = 0; i < count && in.good(); ++i) alias.targets.push_back(in.text());
  if (!in.complete() || senders > 1) return std::nullopt;
  alias.senders = senders == 1;
  return alias;
}

std::string write_deleted(const DeletedAccount& account) {
  std::string out = begin_row();
  put_string(out, account.address);
  put_time(out, account.deleted);
  return out;
}

std::optional<DeletedAccount> read_deleted(AccountId id, std::string_view value) {
  RowFields in(value);
  DeletedAccount account{.id = id, .address = in.text(), .deleted = in.time()};
  if (!in.complete()) return std::nullopt;
  return account;
}

std::string write_counters(Counters counters) {
  std::string out = begin_row();
  put_varint(out, counters.last_domain);
  put_varint(out, counters.last_account);
  return out;
}

std::optional<Counters> read_counters(std::string_view value) {
  RowFields in(value);
  const Counters counters{.last_domain = in.number(), .last_account = in.number()};
  if (!in.complete()) return std::nullopt;
  return counters;
}

std::string write_time(SystemTime time) {
  std::string out = begin_row();
  put_time(out, time);
  return out;
}

std::optional<SystemTime> read_time(std::string_view value) {
  RowFields in(value);
  const auto time = in.time();
  if (!in.complete()) return std::nullopt;
  return time;
}

}  // namespace veredus::state::directory
