#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/crypto/signing_key.h"
#include "base/types/clock.h"
#include "base/types/ids.h"

namespace veredus::state::directory {

/// How far a signing key has come. On disk, do not renumber.
enum class KeyState : std::uint8_t {
  kPending = 0,   // made, and DNS does not have it yet: nothing is signed with it
  kActive = 1,    // signs
  kRetiring = 2,  // signs no more; its record must stay, for mail under way is still checked with it
  kGone = 3,      // its record may be taken out of DNS; the private part is no more
};
/// "pending", "active", "retiring", "gone"
[[nodiscard]] std::string_view to_string(KeyState state);

constexpr std::size_t kMaxSigningKeys = 32;  // of one domain, those gone included
constexpr std::size_t kMaxSelectorOctets = 63;

/// A key that signs mail of a domain (RFC 6376, RFC 8463), published at selector._domainkey.domain.
struct SigningKey {
  DomainId domain;
  std::string selector;  // one label or several, lower case
  base::crypto::KeyKind kind = base::crypto::KeyKind::kRsa;
  std::string public_octets;   // base::crypto::PrivateKey::public_octets: what p= says in base64
  std::string sealed_private;  // PEM, sealed (sealing.h); empty: gone
  KeyState state = KeyState::kPending;
  SystemTime created;
  SystemTime changed;  // when it came to its state
  friend bool operator==(const SigningKey&, const SigningKey&) = default;
};

/// "v=DKIM1; k=rsa; p=…": what its TXT record says. Source: RFC 6376 s3.6.1, RFC 8463 s4.
[[nodiscard]] std::string record_text(const SigningKey& key);

}  // namespace veredus::state::directory
