#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/crypto/secret.h"
#include "io/net/endpoint.h"
#include "io/net/tls_context.h"
#include "wire/smtp/capabilities.h"

namespace veredus::work::smtpclient {

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
  std::string tls_failure;    // why an opportunistic handshake failed before this connection went in the clear
  std::string authenticated;  // the SASL mechanism; empty: none
};

}  // namespace veredus::work::smtpclient
