#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "work/acme/acme_error.h"
#include "work/acme/options.h"

struct evp_pkey_st;

namespace veredus::work::acme {

/// The key an account is known by: EC P-256, for ES256. Immutable; thread-safe.
class AccountKey {
 public:
  static Expected<AccountKey> make();
  /// PKCS #8, PEM, without a passphrase.
  static Expected<AccountKey> read(const std::string& pem);

  [[nodiscard]] std::string pem() const;
  /// The public half as a JSON Web Key: `{"crv":…,"kty":…,"x":…,"y":…}`, in that order and without spaces. RFC 7638 s3.
  [[nodiscard]] std::string jwk() const;
  /// RFC 7638: SHA-256 of jwk(), in base64url.
  [[nodiscard]] std::string thumbprint() const;
  /// ES256: R and S, 32 octets each (RFC 7518 s3.4). Empty: OpenSSL refused.
  [[nodiscard]] std::string sign(std::string_view octets) const;

 private:
  explicit AccountKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

/// Who a request is from, and what keeps it from being sent twice.
struct Envelope {
  std::string url;
  std::string nonce;
  std::string account;  // its URL; empty: the key itself is told (RFC 8555 s6.2)
};
/// A request's body: `{"protected":…,"payload":…,"signature":…}`. An empty payload is POST-as-GET (RFC 8555 s6.3).
[[nodiscard]] std::string signed_request(const AccountKey& key, const Envelope& envelope, std::string_view payload);

/// `externalAccountBinding` for this key: signed by the other account's. Source: RFC 8555 s7.3.4.
[[nodiscard]] std::string binding_of(const AccountKey& key, const Binding& binding, const std::string& url);

/// What answers a challenge: RFC 8555 s8.1.
[[nodiscard]] std::string key_authorization(const AccountKey& key, std::string_view token);

}  // namespace veredus::work::acme
