#pragma once

#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/crypto/signing_key.h"
#include "base/types/ids.h"
#include "io/engine/engine.h"

namespace veredus::state::directory {
class Directory;
class Snapshot;
struct SigningKey;
}  // namespace veredus::state::directory

namespace veredus::work::mailauth {

/// A key that signs, ready to.
struct OpenKey {
  std::string domain;  // d=
  std::string selector;
  std::shared_ptr<const base::crypto::PrivateKey> key;
};

/// The directory's signing keys, each opened once. Thread-safe; the directory outlives it.
class KeyRing {
 public:
  explicit KeyRing(const state::directory::Directory* directory) : directory_(directory) {}

  /// The active keys for mail of `domain` (A-labels, lower case): its own, else those of the nearest domain above it
  /// that has any. RSA first; empty: there are none.
  [[nodiscard]] std::vector<OpenKey> keys_for(std::string_view domain) const;
  /// False: no domain has an active key.
  [[nodiscard]] bool has_keys() const;

 private:
  struct Opened {
    std::string sealed;  // what it was opened from
    std::shared_ptr<const base::crypto::PrivateKey> key;
  };
  [[nodiscard]] std::shared_ptr<const base::crypto::PrivateKey> open(const state::directory::SigningKey& key) const;

  const state::directory::Directory* directory_;
  mutable std::shared_mutex mutex_;
  mutable std::unordered_map<std::string, Opened> opened_;  // by public key
  /// What has_keys() found, and in which version of the directory.
  struct Known {
    io::engine::Version version;
    DomainId domain;  // one that has an active key; 0: none
  };
  mutable std::optional<Known> known_;
};

}  // namespace veredus::work::mailauth
