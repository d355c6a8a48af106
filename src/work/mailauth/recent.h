#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/types/clock.h"
#include "base/types/lru.h"

namespace veredus::work::mailauth {

/// What rules came to a moment ago, by what they were asked about: who brings one message after the other is looked at
/// once. As short as the shortest life of DNS's answers (Answers::Options::shortest); it comes on top of how old the
/// answers were, so what DNS says is heard of that much later. Thread-safe.
template <class Value>
class Recent {
 public:
  static constexpr std::chrono::seconds kLife{5};
  static constexpr std::size_t kOctets = 8 * 1024 * 1024;  // of all
  static constexpr std::size_t kMostOctets = 8 * 1024;     // of one; a larger one is not kept

  /// nullptr: it is not known, or no longer.
  [[nodiscard]] std::shared_ptr<const Value> find(const std::string& key, SteadyTime now) {
    auto& shelf = shelf_of(key);
    const std::scoped_lock lock(shelf.mutex);
    const auto* kept = shelf.values.peek(key);  // the oldest has run out first
    return kept != nullptr && now < kept->until ? kept->value : nullptr;
  }
  /// `octets`: what it takes in memory, about.
  void keep(std::string key, std::shared_ptr<const Value> value, std::size_t octets, SteadyTime now) {
    auto& shelf = shelf_of(key);
    const auto weight = octets + key.size();
    const std::scoped_lock lock(shelf.mutex);
    shelf.values.put(std::move(key), Kept{.value = std::move(value), .until = now + kLife}, weight);
  }

 private:
  static constexpr std::size_t kShelves = 16;
  struct Kept {
    std::shared_ptr<const Value> value;
    SteadyTime until;
  };
  struct alignas(64) Shelf {
    std::mutex mutex;
    Lru<std::string, Kept> values{kOctets / kShelves, kMostOctets};
  };
  Shelf& shelf_of(const std::string& key) { return shelves_[std::hash<std::string>{}(key) % kShelves]; }

  std::array<Shelf, kShelves> shelves_;
};

}  // namespace veredus::work::mailauth
