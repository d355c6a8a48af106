#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"

namespace veredus::state::directory {

/// How mail for other hosts leaves, as plain values. Domains are in A-labels, lower case.

struct RoutingLimits {
  static constexpr std::size_t routes = 10'000;
  static constexpr std::size_t route_hosts = 32;
  static constexpr std::size_t route_patterns = 10'000;  // destinations or senders of one route
  static constexpr std::size_t relay_domains = 100'000;
  static constexpr std::size_t relay_recipients = 20'000;  // of one relay domain
  static constexpr std::size_t forward_targets = 50;       // of one account
  static constexpr std::size_t sending_accounts = 50;      // of one account
  static constexpr std::size_t secret_octets = 16'384;     // an OAuth 2 token can be long
};

/// What TLS a connection to another host needs. On disk, do not renumber.
enum class TlsRule : std::uint8_t {
  kNever = 0,
  kOpportunistic = 1,  // when the host offers it, whatever its certificate
  kEncrypt = 2,        // always, whatever its certificate
  kVerify = 3,         // always, with a certificate for its name
};
/// On disk, do not renumber.
enum class TransferProtocol : std::uint8_t { kSmtp = 0, kLmtp = 1 };
/// On disk, do not renumber.
enum class SecretKind : std::uint8_t { kPassword = 0, kOAuthToken = 1 };

struct HostPort {
  std::string host;  // a name, or an IP address without brackets
  std::uint16_t port = 25;
  friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// How we log in at another host. The secret is sealed (sealing.h): the directory never holds it readable.
struct RelayLogin {
  std::string user;
  std::string sealed_secret;
  SecretKind kind = SecretKind::kPassword;
  friend bool operator==(const RelayLogin&, const RelayLogin&) = default;
};

/// The hosts some mail goes to, instead of its domain's MX.
struct Relay {
  std::vector<HostPort> hosts;  // in the order to try; 1..
  TlsRule tls = TlsRule::kOpportunistic;
  bool implicit_tls = false;  // TLS from the first octet (port 465)
  TransferProtocol protocol = TransferProtocol::kSmtp;
  std::optional<RelayLogin> login;
  friend bool operator==(const Relay&, const Relay&) = default;
};

/// A named way out, and the mail that takes it. What several routes claim goes, in this order, by: exact destination,
/// longest destination "*.…", exact sender, sender's domain, default; the first name where they are equal.
struct Route {
  std::string name;  // 1..64 letters, digits, '-', '_', '.'; never "mx", which means "by MX, whatever the routes say"
  Relay relay;
  std::vector<std::string> destinations;  // "example.org", or "*.example.org" for all below it; sorted
  std::vector<std::string> senders;       // "alice@demo.test" or "@demo.test", in normal form; sorted
  bool is_default = false;                // what no other route claims: a smart host
  SystemTime created;
  friend bool operator==(const Route&, const Route&) = default;
};

/// A domain we take mail for and hand on: we are its backup MX, or stand before its server. By default it goes to its
/// MX hosts of lower preference than ours; a route whose destinations name it says otherwise.
struct RelayDomain {
  std::string name;
  std::vector<std::string> recipients;  // who has mail there, as "local@domain" in normal form, sorted; empty: unknown,
                                        // all are taken
  SystemTime created;
  friend bool operator==(const RelayDomain&, const RelayDomain&) = default;
};

/// What an account does with mail for it besides keeping it.
struct Forward {
  AccountId account;
  std::vector<std::string> targets;  // addresses, here or elsewhere; never empty
  bool keep = true;                  // false: the account itself gets none
  SystemTime created;
  friend bool operator==(const Forward&, const Forward&) = default;
};

/// An address elsewhere that an account may send as, through the server of whoever keeps it.
struct SendingAccount {
  AccountId account;
  std::string address;     // in normal form
  std::string provider;    // a preset's name (provider_presets.h); empty: none
  Relay relay;             // its login is set
  bool verified = false;   // that server took a test message from us; nobody may send as it before
  std::string last_error;  // why the last test failed; empty: it did not
  SystemTime created;
  friend bool operator==(const SendingAccount&, const SendingAccount&) = default;
};

/// Signs and checks SRS addresses (rules/srs).
struct SrsSecret {
  std::string octets;  // 32
  SystemTime since;
  friend bool operator==(const SrsSecret&, const SrsSecret&) = default;
};

}  // namespace veredus::state::directory
