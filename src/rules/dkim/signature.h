#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/signing_key.h"
#include "rules/dkim/canonical_body.h"

namespace veredus::rules::dkim {

class TagList;

/// Why a signature field cannot be checked at all.
enum class SignatureError : std::uint8_t {
  kSyntax,
  kVersion,
  kMissingTag,
  kAlgorithm,  // unknown, or rsa-sha1, which RFC 8301 s3.1 ended
  kCanonical,
  kBase64,
  kDomain,    // d= or s= is no name
  kIdentity,  // i= is not at or below d=
  kFromUnsigned,
  kNumber,  // t=, x= or l=
  kExpiry,  // x= before t=
  kQuery,   // q= without dns/txt
  kFields,  // h= has over kMostSignedFields names
};
[[nodiscard]] std::string_view to_string(SignatureError error);

constexpr std::size_t kMostSignedFields = 300;  // named in h=; each is looked for among all fields

/// A DKIM-Signature, or an ARC-Message-Signature, which has the same tags. Source: RFC 6376 s3.5, RFC 8617 s4.1.2.
struct Signature {
  base::crypto::KeyKind algorithm = base::crypto::KeyKind::kRsa;  // with SHA-256
  Canonical header = Canonical::kSimple;
  Canonical body = Canonical::kSimple;
  std::string domain;    // d=, A-labels, lower case
  std::string selector;  // s=, the same
  std::string identity;  // i=, as written; "@domain" when it is left out
  std::string identity_domain;
  std::string signature;                     // octets of b=
  std::string body_hash;                     // octets of bh=
  std::vector<std::string> fields;           // h=, in order
  std::optional<std::uint64_t> body_octets;  // l=
  std::optional<std::chrono::sys_seconds> signed_at;
  std::optional<std::chrono::sys_seconds> expires_at;
};

/// `value`: of the field, folds and all.
std::expected<Signature, SignatureError> parse_signature(std::string_view value);
std::expected<Signature, SignatureError> parse_signature(const TagList& tags);
/// i= is the instance there (the caller reads it), v= may be missing, and From need not be signed.
std::expected<Signature, SignatureError> parse_arc_message_signature(std::string_view value);

}  // namespace veredus::rules::dkim
