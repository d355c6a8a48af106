#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/crypto/secret.h"
#include "base/crypto/signing_key.h"
#include "state/directory/mail_list.h"
#include "state/directory/model.h"
#include "state/directory/routing_model.h"

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

/// Whether a thing in use may be taken away.
enum class Force : std::uint8_t { kNo, kYes };

enum class OldAddress : std::uint8_t { kFree, kAsAlias };

struct NewAlias {
  std::string address;
  std::vector<std::string> targets;
  bool senders = false;
};

/// Creates the list, or replaces all but its age.
struct NewMailList {
  std::string address;
  std::string name;
  std::vector<std::string> members;
  std::vector<std::string> moderators;
  Posting posting = Posting::kMembers;
  bool moderated = false;
};

/// Something of a list's that came back from a member.
struct NewTrouble {
  enum class Kind : std::uint8_t { kHard, kSoft, kComplaint };
  std::string member;  // as the list has it
  Kind kind = Kind::kSoft;
  std::string reason;
  unsigned suspend_after = 0;  // hard bounces; 0: never
  bool suspend_on_complaint = false;
  std::chrono::hours forget_after{};  // without a bounce: what was before counts no more
};

/// Who joins and who leaves; who is there already, or is not, is no error. Who joins again is suspended no more.
struct MembersChange {
  std::vector<std::string> join;
  std::vector<std::string> leave;
};

struct NewForward {
  std::vector<std::string> targets;
  bool keep = true;
};

/// The hosts of a route or sending account, and the login there.
struct NewRelay {
  std::vector<HostPort> hosts;
  TlsRule tls = TlsRule::kOpportunistic;
  bool implicit_tls = false;
  TransferProtocol protocol = TransferProtocol::kSmtp;
  std::string user;                            // empty: no login
  std::optional<base::crypto::Secret> secret;  // nullopt: the one that is there stays, if the user does
  SecretKind kind = SecretKind::kPassword;
};

/// Creates the route, or replaces all but its age.
struct NewRoute {
  std::string name;
  NewRelay relay;
  std::vector<std::string> destinations;
  std::vector<std::string> senders;
  bool is_default = false;
};

/// Creates the relay domain, or replaces all but its age.
struct NewRelayDomain {
  std::string name;
  std::vector<std::string> recipients;  // local parts or addresses; empty: all are taken
};

/// A key to sign a domain's mail with, made here or brought along.
struct NewSigningKey {
  std::string selector;  // empty: made of kind and time
  base::crypto::KeyKind kind = base::crypto::KeyKind::kRsa;
  std::optional<base::crypto::Secret> pem;  // nullopt: a new one of `kind` is made; RSA with 2048 bits
};

/// One of each kind, to be made: who cannot check Ed25519 yet finds RSA (RFC 8463 s3).
[[nodiscard]] std::vector<NewSigningKey> pair_of_keys();

/// Creates the sending account or replaces it; it is to be verified again.
struct NewSendingAccount {
  std::string address;
  std::string provider;
  NewRelay relay;
};

}  // namespace veredus::state::directory
