#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/types/clock.h"
#include "base/types/lru.h"

namespace veredus {

struct BodyShelfOptions {
  enum class WhenFull : std::uint8_t { kOldestLeave, kNewStayOut };

  std::size_t octets;       // in all
  std::size_t body_octets;  // longer ones are not kept
  WhenFull when_full = WhenFull::kOldestLeave;
  std::optional<std::chrono::seconds> life = std::nullopt;  // older ones leave as others come
};

/// The octets of messages that have just come: who asks for them next need not read them back. Thread-safe.
template <class Key, class Hash = std::hash<Key>>
class BodyShelf {
 public:
  using Octets = std::shared_ptr<const std::string>;

  explicit BodyShelf(BodyShelfOptions options) : options_(options), kept_(options.octets) {}

  /// In place of what was there under that key. None (null, empty) are not kept. `now` is of use with a `life`.
  void put(const Key& key, Octets octets, SteadyTime now = {}) {
    const std::scoped_lock lock(mutex_);
    if (options_.life)
      kept_.forget_oldest_while([&](const Key&, const Kept& kept) { return kept.since + *options_.life < now; });
    kept_.forget(key);
    if (octets == nullptr || octets->empty() || octets->size() > options_.body_octets) return;
    const auto weight = octets->size() + kEntryOctets;
    if (options_.when_full == BodyShelfOptions::WhenFull::kNewStayOut && kept_.weight() + weight > options_.octets)
      return;
    kept_.put(key, {std::move(octets), now}, weight);
  }
  /// Null: not here.
  [[nodiscard]] Octets find(const Key& key) {
    const std::scoped_lock lock(mutex_);
    const auto* kept = kept_.peek(key);
    return kept == nullptr ? nullptr : kept->octets;
  }
  /// The same, for who is the last to ask.
  [[nodiscard]] Octets take(const Key& key) {
    const std::scoped_lock lock(mutex_);
    auto* kept = kept_.peek(key);
    if (kept == nullptr) return nullptr;
    auto octets = std::move(kept->octets);
    kept_.forget(key);
    return octets;
  }
  /// All for which `goes(key)` holds.
  template <class Goes>
  void forget_if(const Goes& goes) {
    const std::scoped_lock lock(mutex_);
    kept_.forget_if([&](const Key& key, const Kept&) { return goes(key); });
  }

 private:
  static constexpr std::size_t kEntryOctets = 160;  // what one takes besides its octets

  struct Kept {
    Octets octets;
    SteadyTime since;
  };

  BodyShelfOptions options_;
  std::mutex mutex_;
  Lru<Key, Kept, Hash> kept_;  // only peeked at: by age
};

}  // namespace veredus
