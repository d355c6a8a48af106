#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/crypto/secret.h"
#include "io/net/endpoint.h"
#include "io/net/tls_context.h"
#include "wire/smtp/capabilities.h"

namespace veredus::work::smtpclient {

struct HostDane;
struct StsStanding;
enum class StsHost : std::uint8_t;

enum class TlsRule : std::uint8_t {
  kNever,          // STARTTLS is not used even where it is offered
  kOpportunistic,  // RFC 7435: TLS where it works, else in the clear
  kEncrypt,        // TLS or no mail; any certificate
  kVerify,         // TLS with a certificate of the host's name that chains to a trusted root, or no mail
};
[[nodiscard]] std::string_view to_string(TlsRule rule);

enum class Protocol : std::uint8_t { kSmtp, kLmtp };  // RFC 5321, RFC 2033

/// Who we are to a relay that asks.
struct Credentials {
  enum class Kind : std::uint8_t { kPassword, kOAuthToken };
  std::string user;
  base::crypto::Secret secret;
  Kind kind = Kind::kPassword;
};

/// What others than this server's configuration ask of TLS with a host, as far as it is known. Source: RFC 7672, RFC
/// 8461.
struct PublishedTls {
  std::string domain;                      // the recipients', in A-labels; empty: nobody publishes anything
  bool of_route = false;                   // `domain` is a smart host's name; its route says what TLS must be
  std::shared_ptr<const HostDane> dane;    // null: DNSSEC says nothing of the host
  StsHost sts_host = {};                   // what the policy that is enforced says of it
  std::shared_ptr<const StsStanding> sts;  // null: it was not looked for
  bool ignored = false;                    // by configuration, or RFC 8689 s3: "TLS-Required: No"
  bool dane_required = false;              // by configuration
  /// Nobody can have forged the host's name: DNSSEC or MTA-STS vouches for it, or it was configured (RFC 8689 s4.2.1).
  bool name_proven = true;
};

/// Whom to talk to, and how.
struct Peer {
  std::string host_name;  // as the site names it; SNI, and the name a certificate must have
  io::net::Endpoint address;
  std::optional<io::net::IpAddress> source;  // nullopt: the system chooses
  std::string hello_name;                    // what we call ourselves; A-labels or an address literal
  TlsRule tls = TlsRule::kOpportunistic;
  bool implicit_tls = false;  // RFC 8314 s3.3: TLS from the first octet (port 465)
  Protocol protocol = Protocol::kSmtp;
  std::optional<Credentials> credentials;
  std::optional<unsigned> most_messages = std::nullopt;  // over one connection
  PublishedTls published;
  // What settle_tls() makes of the rule and what is published.
  std::shared_ptr<io::net::TlsContext> tls_context = nullptr;  // null: that of the rule
  std::string tls_policy;  // for the journal: "dane: …", "sts: …", "opportunistic: …", "configured: …"
};

/// Peers with one key can share a connection.
[[nodiscard]] std::string connection_key(const Peer& peer);

/// What is known of the other side of an open connection, for the journal.
struct PeerDetails {
  std::string host_name;
  io::net::Endpoint address;
  io::net::Endpoint local;
  std::string greeting;  // the text of its 220
  wire::smtp::Capabilities capabilities;
  std::optional<io::net::TlsDetails> tls;
  std::string tls_policy;     // Peer::tls_policy
  bool name_proven = true;    // PublishedTls::name_proven
  std::string tls_failure;    // why an opportunistic handshake failed before this connection went in the clear
  std::string authenticated;  // the SASL mechanism; empty: none
};

}  // namespace veredus::work::smtpclient
