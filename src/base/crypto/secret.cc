#include "base/crypto/secret.h"

#include <openssl/crypto.h>

namespace veredus::base::crypto {

void wipe(std::string& secret) {
  secret.resize(secret.capacity());
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

// A short string lives inside the object, so moving it leaves the octets behind.
Secret::Secret(Secret&& other) noexcept : octets_(std::move(other.octets_)) { wipe(other.octets_); }

Secret& Secret::operator=(const Secret& other) {
  if (this == &other) return *this;
  wipe(octets_);
  octets_ = other.octets_;
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe(octets_);
  octets_ = std::move(other.octets_);
  wipe(other.octets_);
  return *this;
}

}  // namespace veredus::base::crypto
