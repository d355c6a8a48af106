#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace veredus::work::acme {

/// How a name is proven. RFC 8555 s8.3, RFC 8737.
enum class ChallengeKind : std::uint8_t { kHttp01, kTlsAlpn01 };
[[nodiscard]] std::string_view to_string(ChallengeKind kind);

/// An account that somebody has with the authority already, by which the new one is known. RFC 8555 s7.3.4.
struct Binding {
  std::string id;   // empty: none
  std::string key;  // octets, for HS256
};

struct Options {
  std::string directory;              // the server's directory URL; empty: no certificates are asked for
  std::vector<std::string> contacts;  // "mailto:hostmaster@example.org"
  Binding binding;
  std::vector<std::string> names;  // DNS names, in A-labels
  ChallengeKind challenge = ChallengeKind::kHttp01;
  std::vector<std::string> addresses;  // where challenges are answered
  std::string folder;                  // for the account key and the certificate
  std::chrono::seconds look_every = std::chrono::hours(6);
  std::chrono::seconds first_retry = std::chrono::minutes(5);  // doubled each time
  std::chrono::seconds last_retry = std::chrono::hours(12);

  /// The certificate, its chain and its key, in one file: so that they change together.
  [[nodiscard]] std::string certificate_file() const { return folder + "/certificate.pem"; }
  [[nodiscard]] std::string account_file() const { return folder + "/account.key"; }
  [[nodiscard]] std::string renewal_file() const { return folder + "/renewal"; }
};

}  // namespace veredus::work::acme
