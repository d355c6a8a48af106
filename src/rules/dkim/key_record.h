#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

#include "base/crypto/signing_key.h"

namespace veredus::rules::dkim {

enum class KeyRecordError : std::uint8_t {
  kSyntax,
  kVersion,   // v= is not DKIM1, or not first
  kHash,      // h= without sha256
  kService,   // s= without email
  kKind,      // k= unknown
  kRevoked,   // an empty p=
  kNoKey,     // p= is no key of that kind
  kTooShort,  // RSA below 1024 bits (RFC 8301 s3.2)
};
[[nodiscard]] std::string_view to_string(KeyRecordError error);

/// A key as published at selector._domainkey.domain. Source: RFC 6376 s3.6.1, RFC 8463 s4.
struct KeyRecord {
  base::crypto::PublicKey key;
  bool testing = false;        // t=y
  bool no_subdomains = false;  // t=s
};

std::expected<KeyRecord, KeyRecordError> parse_key_record(std::string_view text);

}  // namespace veredus::rules::dkim
