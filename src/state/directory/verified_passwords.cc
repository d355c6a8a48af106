#include "state/directory/verified_passwords.h"

#include "base/crypto/digest.h"
#include "base/crypto/random.h"
#include "base/types/bytes.h"

namespace veredus::state::directory {

namespace crypto = base::crypto;

VerifiedPasswords::VerifiedPasswords(const Clock* clock, std::size_t capacity, std::chrono::seconds good_for)
    : clock_(clock), capacity_(capacity), good_for_(good_for), key_(crypto::random_octets(32)) {}

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
  const auto at = index_.find(wanted);
  if (at == index_.end()) return std::nullopt;
  if (at->second->good_until > now) return at->second->verified;
  erase(at->second);
  return std::nullopt;
}

void VerifiedPasswords::remember(AccountId account, std::uint64_t revision, const crypto::Secret& password,
                                 VerifiedPassword verified) {
  if (capacity_ == 0) return;
  auto key = mac(account, revision, password);
  const auto now = clock_->steady_now();
  const std::scoped_lock lock(mutex_);
  if (const auto at = index_.find(key); at != index_.end()) erase(at->second);
  if (entries_.size() >= capacity_) erase(std::prev(entries_.end()));
  entries_.push_front({.mac = std::move(key), .verified = verified, .good_until = now + good_for_});
  index_.emplace(entries_.front().mac, entries_.begin());
}

std::size_t VerifiedPasswords::size() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

void VerifiedPasswords::erase(Entries::iterator entry) {
  index_.erase(entry->mac);
  entries_.erase(entry);
}

}  // namespace veredus::state::directory
