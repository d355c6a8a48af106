#include "state/directory/rows.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/codec/hex.h"

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
  auto plain = domain();
  plain.subaddress_separator.reset();
  EXPECT_EQ(read_domain(DomainId(2), write_domain(plain)), plain);
}

TEST(DirectoryRows, AreRefusedWhenTheyAreTooShortTooLongOrOfAnotherFormat) {
  const std::string rows[] = {write_domain(domain()), write_account(account()), write_credentials(credentials()),
                              write_alias(alias()),   write_counters({1, 2}),   write_time(kThen)};
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
