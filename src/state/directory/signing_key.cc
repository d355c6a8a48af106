#include "state/directory/signing_key.h"

#include "base/codec/base64.h"

namespace veredus::state::directory {

std::string_view to_string(KeyState state) {
  switch (state) {
    case KeyState::kPending:
      return "pending";
    case KeyState::kActive:
      return "active";
    case KeyState::kRetiring:
      return "retiring";
    case KeyState::kGone:
      return "gone";
  }
  return "unknown";
}

std::string record_text(const SigningKey& key) {
  const std::string_view kind = key.kind == base::crypto::KeyKind::kRsa ? "rsa" : "ed25519";
  return std::string("v=DKIM1; k=").append(kind).append("; p=").append(base::codec::base64_encode(key.public_octets));
}

}  // namespace veredus::state::directory
