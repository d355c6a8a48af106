#include "base/crypto/password.h"

#include <argon2.h>

#include <cstdint>
#include <new>
#include <optional>

#include "base/crypto/random.h"
#include "base/types/result.h"

namespace veredus::base::crypto {
namespace {

// OWASP's and RFC 9106 s4's small-memory choice, with one lane: a login holds 19 MiB for some 20 ms.
constexpr std::uint32_t kMemoryKib = 19456;
constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kLanes = 1;
constexpr std::size_t kSaltOctets = 16;
constexpr std::size_t kHashOctets = 32;

// Whoever could write a row into the store must not be able to stop the server with it.
constexpr std::uint32_t kMaxMemoryKib = 1u << 20;
constexpr std::uint32_t kMaxPasses = 64;
constexpr std::uint32_t kMaxLanes = 64;
constexpr std::size_t kMaxPhcOctets = 512;

struct Cost {
  std::uint32_t memory_kib = 0;
  std::uint32_t passes = 0;
  std::uint32_t lanes = 0;
};

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

bool take_number(std::string_view& text, std::uint32_t& value) {
  std::size_t digits = 0;
  value = 0;
  for (; digits < text.size() && digits < 9 && text[digits] >= '0' && text[digits] <= '9'; ++digits)
    value = value * 10 + static_cast<std::uint32_t>(text[digits] - '0');
  text.remove_prefix(digits);
  return digits > 0;
}

// "$argon2id$v=19$m=19456,t=2,p=1$…"
std::optional<Cost> cost_of(std::string_view phc) {
  Cost cost;
  if (phc.size() > kMaxPhcOctets || phc.contains('\0')) return std::nullopt;
  if (!take(phc, "$argon2id$v=19$m=") || !take_number(phc, cost.memory_kib)) return std::nullopt;
  if (!take(phc, ",t=") || !take_number(phc, cost.passes)) return std::nullopt;
  if (!take(phc, ",p=") || !take_number(phc, cost.lanes) || !take(phc, "$")) return std::nullopt;
  return cost;
}

}  // namespace

std::string hash_password(std::string_view password) {
  const std::string salt = random_octets(kSaltOctets);
  std::string phc(argon2_encodedlen(kPasses, kMemoryKib, kLanes, kSaltOctets, kHashOctets, Argon2_id), '\0');
  const int status = argon2id_hash_encoded(kPasses, kMemoryKib, kLanes, password.data(), password.size(), salt.data(),
                                           salt.size(), kHashOctets, phc.data(), phc.size());
  if (status == ARGON2_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
  VEREDUS_CHECK(status == ARGON2_OK);
  phc.resize(phc.find('\0'));
  return phc;
}

bool verify_password(std::string_view phc, std::string_view password) {
  const auto cost = cost_of(phc);
  if (!cost || cost->memory_kib > kMaxMemoryKib || cost->passes > kMaxPasses || cost->lanes > kMaxLanes) return false;
  const int status = argon2id_verify(std::string(phc).c_str(), password.data(), password.size());
  if (status == ARGON2_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
  return status == ARGON2_OK;
}

bool verify_nothing(std::string_view password) {
  static const std::string phc = hash_password(random_octets(kSaltOctets));
  verify_password(phc, password);
  return false;
}

bool needs_rehash(std::string_view phc) {
  const auto cost = cost_of(phc);
  return !cost || cost->memory_kib < kMemoryKib || cost->passes < kPasses;
}

}  // namespace veredus::base::crypto
