#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "base/crypto/secret.h"

struct evp_pkey_st;

/// Keys that sign a SHA-256 digest, as DKIM and ARC use them: RSA after PKCS #1 v1.5 (RFC 8017 s8.2), and Ed25519 over
/// the 32 octets of the digest (RFC 8463 s3).
namespace veredus::base::crypto {

enum class KeyKind : std::uint8_t { kRsa, kEd25519 };

enum class KeyError : std::uint8_t {
  kMalformed,  // no key at all
  kWrongKind,  // a key of another kind
  kTooLong,    // RSA above 8192 bits: a verification would cost too much
};
[[nodiscard]] std::string_view to_string(KeyError error);

struct FreeKey {
  void operator()(evp_pkey_st* key) const;
};
using KeyPointer = std::unique_ptr<evp_pkey_st, FreeKey>;

/// Immutable; may be used by several threads at once.
class PublicKey {
 public:
  /// DER: a SubjectPublicKeyInfo, or the bare RSAPublicKey that some publish (RFC 6376 s3.6.1 with its erratum).
  static std::expected<PublicKey, KeyError> rsa(std::string_view der);
  /// 32 octets. Source: RFC 8463 s4.
  static std::expected<PublicKey, KeyError> ed25519(std::string_view octets);

  [[nodiscard]] KeyKind kind() const { return kind_; }
  [[nodiscard]] unsigned bits() const;
  /// `digest` has 32 octets.
  [[nodiscard]] bool verify(std::string_view digest, std::string_view signature) const;

 private:
  struct Check;
  PublicKey(KeyKind kind, KeyPointer key);

  KeyKind kind_;
  std::shared_ptr<Check> check_;
};

/// Immutable; may be used by several threads at once. RSA of 2048 bits takes a millisecond: not on a reactor.
class PrivateKey {
 public:
  /// PKCS #8 or PKCS #1, PEM, without a passphrase; or 32 octets of base64 for Ed25519.
  static std::expected<PrivateKey, KeyError> read(const Secret& text);
  static PrivateKey make_rsa(unsigned bits);
  static PrivateKey make_ed25519();

  [[nodiscard]] KeyKind kind() const { return kind_; }
  [[nodiscard]] unsigned bits() const;
  /// PKCS #8, PEM.
  [[nodiscard]] Secret pem() const;
  /// What PublicKey::rsa (a SubjectPublicKeyInfo) or PublicKey::ed25519 takes.
  [[nodiscard]] std::string public_octets() const;
  /// `digest` has 32 octets.
  [[nodiscard]] std::string sign(std::string_view digest) const;

 private:
  PrivateKey(KeyKind kind, KeyPointer key) : kind_(kind), key_(std::move(key)) {}

  KeyKind kind_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace veredus::base::crypto
