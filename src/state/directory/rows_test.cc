#include "state/directory/rows.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/codec/hex.h"
#include "state/directory/routing_rows.h"
#include "state/directory/signing_rows.h"

namespace veredus::state::directory {
namespace {

using namespace std::chrono_literals;

const SystemTime kThen{std::chrono::milliseconds(1'790'000'000'123)};

Domain domain() {
  return {.id = DomainId(2),
          .name = "xn--bcher-kva.test",
          .name_utf8 =
              "b\xC3\xBC"
              "cher.test",
          .subaddress_separator = '-',
          .catch_all = AccountId(7),
          .postmaster = std::nullopt,
          .created = kThen};
}

Account account() {
  return {.id = AccountId(7),
          .domain = DomainId(2),
          .address = "alice@xn--bcher-kva.test",
          .address_shown =
              "Alice@b\xC3\xBC"
              "cher.test",
          .display_name = "Alice",
          .quota = {.octets = 1ULL << 30, .messages = 1000},
          .role = Role::kAdministrator,
          .disabled = true,
          .can_send = false,
          .can_receive = true,
          .created = kThen};
}

Credentials credentials() {
  Credentials out{.password_hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
                  .scram_salt = std::string(16, 's'),
                  .scram_iterations = 10000,
                  .stored_key = std::string(32, 'k'),
                  .server_key = std::string(32, 'v'),
                  .revision = 3,
                  .next_app_password = 2,
                  .app_passwords = {}};
  out.app_passwords.push_back({.id = 1,
                               .name = "phone",
                               .created = kThen,
                               .stored_key = std::string(32, 'a'),
                               .server_key = std::string(32, 'b')});
  return out;
}

Alias alias() {
  return {.address = "sales@example.org",
          .domain = DomainId(1),
          .targets = {"alice@example.org", "bob@elsewhere.test"},
          .senders = true,
          .created = kThen};
}

Relay relay() {
  return {.hosts = {{.host = "smtp.example.net", .port = 587}, {.host = "2001:db8::1", .port = 465}},
          .tls = TlsRule::kVerify,
          .implicit_tls = true,
          .protocol = TransferProtocol::kLmtp,
          .login = RelayLogin{.user = "user", .sealed_secret = "sealed", .kind = SecretKind::kOAuthToken}};
}

Route route() {
  return {.name = "smart",
          .relay = relay(),
          .destinations = {"*.example.net", "example.net"},
          .senders = {"@example.org"},
          .is_default = true,
          .created = kThen};
}

RelayDomain relay_domain() { return {.name = "backup.test", .recipients = {"alice@backup.test"}, .created = kThen}; }

Forward forward() {
  return {.account = AccountId(7), .targets = {"alice@elsewhere.test"}, .keep = true, .created = kThen};
}

SendingAccount sending() {
  return {.account = AccountId(7),
          .address = "alice@gmail.test",
          .provider = "gmail",
          .relay = relay(),
          .verified = true,
          .last_error = "535 no",
          .created = kThen};
}

MailList mail_list() {
  return {.address = "team@example.org",
          .domain = DomainId(1),
          .name = "The team",
          .members = {"alice@example.org", "bob@elsewhere.test"},
          .moderators = {"alice@example.org"},
          .posting = Posting::kModerators,
          .moderated = true,
          .created = kThen};
}

std::vector<SrsSecret> srs_secrets() {
  return {{.octets = std::string(32, 'n'), .since = kThen}, {.octets = std::string(32, 'o'), .since = SystemTime()}};
}

SigningKey signing_key() {
  return {.domain = DomainId(2),
          .selector = "e202611221344",
          .kind = base::crypto::KeyKind::kEd25519,
          .public_octets = std::string(32, 'p'),
          .sealed_private = "sealed",
          .state = KeyState::kRetiring,
          .created = kThen,
          .changed = kThen};
}

/// The rows as they were first written: today's code must write the same, and read it.
std::string rows_as_hex() {
  using base::codec::hex_encode;
  std::string out;
  const auto add = [&](std::string_view name, std::string_view key, std::string_view value) {
    out.append(name).append(" ").append(hex_encode(key)).append(" ").append(hex_encode(value)).append("\n");
  };
  add("domain", id_key(RowKind::kDomain, 2), write_domain(domain()));
  add("account", id_key(RowKind::kAccount, 7), write_account(account()));
  add("credentials", id_key(RowKind::kCredentials, 7), write_credentials(credentials()));
  add("alias", alias_key(alias().address), write_alias(alias()));
  add("deleted", id_key(RowKind::kDeleted, 9), write_deleted({AccountId(9), "gone@example.org", kThen}));
  add("counters", counters_key(), write_counters({.last_domain = 2, .last_account = 300}));
  add("last_used", last_used_key(AccountId(7), 1), write_time(kThen));
  add("route", route_key("smart"), write_route(route()));
  add("relay_domain", relay_domain_key("backup.test"), write_relay_domain(relay_domain()));
  add("forward", id_key(RowKind::kForward, 7), write_forward(forward()));
  add("sending", sending_key(AccountId(7), sending().address), write_sending_account(sending()));
  add("mail_list", mail_list_key(mail_list().address), write_mail_list(mail_list()));
  add("signing_key", signing_key_key(DomainId(2), signing_key().selector), write_signing_key(signing_key()));
  add("srs_secrets", srs_secrets_key(), write_srs_secrets(srs_secrets()));
  return out;
}

TEST(DirectoryRows, AreTheGoldenOnes) {
  std::ifstream file(VEREDUS_SOURCE_DIR "/test/data/directory/rows.1.txt");
  const std::string golden((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(rows_as_hex(), golden);
}

TEST(DirectoryRows, ReadBackAsTheyWereWritten) {
  EXPECT_EQ(read_domain(DomainId(2), write_domain(domain())), domain());
  EXPECT_EQ(read_account(AccountId(7), write_account(account())), account());
  EXPECT_EQ(read_credentials(write_credentials(credentials())), credentials());
  EXPECT_EQ(read_alias(alias().address, write_alias(alias())), alias());
  const Counters counters{.last_domain = 2, .last_account = 300};
  EXPECT_EQ(read_counters(write_counters(counters)), counters);
  EXPECT_EQ(read_time(write_time(kThen)), kThen);
  EXPECT_EQ(read_route("smart", write_route(route())), route());
  EXPECT_EQ(read_relay_domain("backup.test", write_relay_domain(relay_domain())), relay_domain());
  EXPECT_EQ(read_forward(AccountId(7), write_forward(forward())), forward());
  EXPECT_EQ(read_sending_account(AccountId(7), sending().address, write_sending_account(sending())), sending());
  EXPECT_EQ(read_mail_list(mail_list().address, write_mail_list(mail_list())), mail_list());
  auto troubled = mail_list();
  troubled.troubles = {{.member = "bob@elsewhere.test",
                        .hard = 3,
                        .soft = 1,
                        .complaints = 1,
                        .last = kThen,
                        .reason = "no such mailbox",
                        .suspended = true}};
  EXPECT_EQ(read_mail_list(troubled.address, write_mail_list(troubled)), troubled);
  const auto long_row = write_mail_list(troubled);
  for (std::size_t cut = 1; cut + write_mail_list(mail_list()).size() < long_row.size(); ++cut)
    EXPECT_FALSE(read_mail_list(troubled.address, long_row.substr(0, long_row.size() - cut))) << cut;
  EXPECT_EQ(read_srs_secrets(write_srs_secrets(srs_secrets())), srs_secrets());
  EXPECT_EQ(read_signing_key(DomainId(2), signing_key().selector, write_signing_key(signing_key())), signing_key());
  const auto key = signing_key_key(DomainId(2), "s");
  EXPECT_EQ(parse_signing_key(key)->selector, "s");
  EXPECT_FALSE(parse_signing_key(std::string_view(key).substr(0, 9)));
  auto plain = domain();
  plain.subaddress_separator.reset();
  EXPECT_EQ(read_domain(DomainId(2), write_domain(plain)), plain);
}

TEST(DirectoryRows, AreRefusedWhenTheyAreTooShortTooLongOrOfAnotherFormat) {
  const std::string rows[] = {write_domain(domain()),
                              write_account(account()),
                              write_credentials(credentials()),
                              write_alias(alias()),
                              write_counters({1, 2}),
                              write_time(kThen),
                              write_route(route()),
                              write_relay_domain(relay_domain()),
                              write_forward(forward()),
                              write_sending_account(sending()),
                              write_mail_list(mail_list()),
                              write_srs_secrets(srs_secrets()),
                              write_signing_key(signing_key())};
  const auto readable = [](std::size_t which, const std::string& value) {
    switch (which) {
      case 0:
        return read_domain(DomainId(2), value).has_value();
      case 1:
        return read_account(AccountId(7), value).has_value();
      case 2:
        return read_credentials(value).has_value();
      case 3:
        return read_alias("a@b.test", value).has_value();
      case 4:
        return read_counters(value).has_value();
      case 6:
        return read_route("smart", value).has_value();
      case 7:
        return read_relay_domain("backup.test", value).has_value();
      case 8:
        return read_forward(AccountId(7), value).has_value();
      case 9:
        return read_sending_account(AccountId(7), "a@b.test", value).has_value();
      case 10:
        return read_mail_list("a@b.test", value).has_value();
      case 11:
        return read_srs_secrets(value).has_value();
      case 12:
        return read_signing_key(DomainId(2), "s", value).has_value();
      default:
        return read_time(value).has_value();
    }
  };
  for (std::size_t which = 0; which < std::size(rows); ++which) {
    SCOPED_TRACE(which);
    const auto& row = rows[which];
    EXPECT_TRUE(readable(which, row));
    for (std::size_t octets = 0; octets < row.size(); ++octets) EXPECT_FALSE(readable(which, row.substr(0, octets)));
    EXPECT_FALSE(readable(which, row + "x"));
    EXPECT_FALSE(readable(which, "\x02" + row.substr(1)));
  }
}

}  // namespace
}  // namespace veredus::state::directory
