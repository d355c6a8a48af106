#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/crypto/secret.h"
#include "state/directory/model.h"

namespace veredus::state::directory {

/// What a change of the directory is asked for with. Names and addresses as people write them.

struct NewDomain {
  std::string name;
  std::optional<char> subaddress_separator = '+';
};

/// Only what is set is changed; an inner nullopt takes the setting away.
struct DomainChange {
  std::optional<std::optional<char>> subaddress_separator;
  std::optional<std::optional<AccountId>> catch_all;
  std::optional<std::optional<AccountId>> postmaster;
};

struct NewAccount {
  std::string address;
  std::string display_name;
  Quota quota;
  Role role = Role::kUser;
  std::optional<base::crypto::Secret> password;  // nullopt: nobody can log in yet
};

struct AccountChange {
  std::optional<std::string> display_name;
  std::optional<Quota> quota;
  std::optional<Role> role;
  std::optional<bool> disabled;
  std::optional<bool> can_send;
  std::optional<bool> can_receive;
};

enum class OldAddress : std::uint8_t { kFree, kAsAlias };

struct NewAlias {
  std::string address;
  std::vector<std::string> targets;
  bool senders = false;
};

}  // namespace veredus::state::directory
