#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "base/crypto/secret.h"
#include "base/types/clock.h"
#include "base/types/ids.h"
#include "base/types/lru.h"
#include "state/directory/credentials.h"

namespace veredus::state::directory {

/// Remembers that a password was right, so that the next login with it costs a microsecond instead of a password hash.
/// Holds HMACs under a secret of this process, never passwords. The revision of the credentials is part of what is
/// remembered: a change forgets all. Bounded: the oldest goes first. Thread-safe.
class VerifiedPasswords {
 public:
  VerifiedPasswords(const Clock* clock, std::size_t capacity, std::chrono::seconds good_for);

  std::optional<VerifiedPassword> find(AccountId account, std::uint64_t revision, const base::crypto::Secret& password);
  void remember(AccountId account, std::uint64_t revision, const base::crypto::Secret& password,
                VerifiedPassword verified);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    VerifiedPassword verified;
    SteadyTime good_until;
  };

  [[nodiscard]] std::string mac(AccountId account, std::uint64_t revision, const base::crypto::Secret& password) const;

  const Clock* clock_;
  std::size_t capacity_;
  std::chrono::seconds good_for_;
  base::crypto::Secret key_;
  mutable std::mutex mutex_;
  Lru<std::string, Entry> entries_;  // by MAC; only peeked at: by age
};

}  // namespace veredus::state::directory
