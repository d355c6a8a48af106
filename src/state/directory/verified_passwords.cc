#include "state/directory/verified_passwords.h"

#include <utility>

#include "base/crypto/digest.h"
#include "base/crypto/random.h"
#include "base/types/bytes.h"

namespace veredus::state::directory {

namespace crypto = base::crypto;

VerifiedPasswords::VerifiedPasswords(const Clock* clock, std::size_t capacity, std::chrono::seconds good_for)
    : clock_(clock), capacity_(capacity), good_for_(good_for), key_(crypto::random_octets(32)), entries_(capacity) {}

std::string VerifiedPasswords::mac(AccountId account, std::uint64_t revision, const crypto::Secret& password) const {
  std::string message;
  message.reserve(16 + password.reveal().size());
  put_be(message, account.value);
  put_be(message, revision);
  message.append(password.reveal());
  auto out = crypto::hmac_sha256(key_.reveal(), message);
  crypto::wipe(message);
  return out;
}

std::optional<VerifiedPassword> VerifiedPasswords::find(AccountId account, std::uint64_t revision,
                                                        const crypto::Secret& password) {
  const auto wanted = mac(account, revision, password);
  const auto now = clock_->steady_now();
  const std::scoped_lock lock(mutex_);
  const auto* known = entries_.peek(wanted);
  if (known == nullptr) return std::nullopt;
  if (known->good_until > now) return known->verified;
  entries_.forget(wanted);
  return std::nullopt;
}

void VerifiedPasswords::remember(AccountId account, std::uint64_t revision, const crypto::Secret& password,
                                 VerifiedPassword verified) {
  if (capacity_ == 0) return;
  auto key = mac(account, revision, password);
  const auto now = clock_->steady_now();
  const std::scoped_lock lock(mutex_);
  entries_.put(std::move(key), {.verified = verified, .good_until = now + good_for_});
}

std::size_t VerifiedPasswords::size() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

}  // namespace veredus::state::directory
