#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"

namespace veredus::state::directory {

/// What the directory holds, as plain values. Addresses are in their normal form (address_form.h) unless a comment says
/// otherwise.

struct Limits {
  static constexpr std::size_t domains = 1'000'000;
  static constexpr std::size_t alias_targets = 1'000;     // of one alias, as stored
  static constexpr std::size_t expanded_targets = 6'000;  // of one address, after all aliases and lists
  static constexpr int alias_depth = 16;                  // aliases that lead to aliases
  static constexpr std::size_t app_passwords = 64;        // of one account
  static constexpr std::size_t name_octets = 255;
};

constexpr std::size_t kMaxPasswordOctets = 1024;

/// A domain this server takes mail for.
struct Domain {
  DomainId id;
  std::string name;       // A-labels, lower case: "xn--bcher-kva.test"
  std::string name_utf8;  // U-labels: "bücher.test"
  std::optional<char> subaddress_separator = '+';
  std::optional<AccountId> catch_all;   // who gets what nobody else has
  std::optional<AccountId> postmaster;  // who gets postmaster@ and abuse@ when nobody has those addresses; nullopt: the
                                        // domain's first administrator, or its first account
  SystemTime created;
  friend bool operator==(const Domain&, const Domain&) = default;
};

/// 0: no limit.
struct Quota {
  std::uint64_t octets = 0;
  std::uint64_t messages = 0;
  friend bool operator==(Quota, Quota) = default;
};

enum class Role : std::uint8_t { kUser = 0, kAdministrator = 1 };  // on disk, do not renumber

/// One person's mailboxes and the right to use them.
struct Account {
  AccountId id;
  DomainId domain;
  std::string address;        // the primary one
  std::string address_shown;  // as it was written: "Alice@Bücher.test"
  std::string display_name;   // UTF-8
  Quota quota;
  Role role = Role::kUser;
  bool disabled = false;  // neither logs in nor sends nor receives
  bool can_send = true;
  bool can_receive = true;
  SystemTime created;
  friend bool operator==(const Account&, const Account&) = default;
};

/// An address that leads to others.
struct Alias {
  std::string address;
  DomainId domain;
  std::vector<std::string> targets;  // addresses, here or elsewhere; never empty
  bool senders = false;              // each account it leads to may send as it; else only the one it leads to alone
  SystemTime created;
  friend bool operator==(const Alias&, const Alias&) = default;
};

/// A password of an account for one program or device, made here and shown once.
struct AppPassword {
  std::uint64_t id = 0;  // within its account; never reused
  std::string name;
  SystemTime created;
  std::optional<SystemTime> last_used;  // within the hour
};

/// An account that is no more; its mailboxes may still lie in the engine.
struct DeletedAccount {
  AccountId id;
  std::string address;
  SystemTime deleted;
};

}  // namespace veredus::state::directory
