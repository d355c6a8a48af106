#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>

namespace veredus::state::directory {

/// A hash map that is cheap to copy: 256 shards, each shared by all copies until one of them changes it. Changing a
/// copy clones 1/256 of the entries. A map may be read by many threads while nobody changes that very object; a map
/// that was ever copied from must not be changed again (copies may), which is how snapshots are used.
template <class K, class V, class Hash = std::hash<K>, class Equal = std::equal_to<K>>
class CowMap {
  using Shard = std::unordered_map<K, V, Hash, Equal>;
  static constexpr std::size_t kShards = 256;

 public:
  CowMap() = default;
  CowMap(const CowMap& other) : shards_(other.shards_), size_(other.size_) {}
  CowMap(CowMap&&) noexcept = default;
  CowMap& operator=(const CowMap&) = delete;
  CowMap& operator=(CowMap&&) noexcept = default;
  ~CowMap() = default;

  /// Valid until this map is changed or dies.
  template <class Q>
  [[nodiscard]] const V* find(const Q& key) const {
    const auto& shard = shards_[index(Hash{}(key))];
    if (!shard) return nullptr;
    const auto at = shard->find(key);
    return at == shard->end() ? nullptr : &at->second;
  }

  void put(K key, V value) {
    Shard& shard = own(index(Hash{}(key)));
    if (shard.insert_or_assign(std::move(key), std::move(value)).second) ++size_;
  }

  void erase(const K& key) {
    if (find(key) != nullptr) size_ -= own(index(Hash{}(key))).erase(key);
  }

  /// In no order.
  template <class F>
  void for_each(F&& visit) const {
    for (const auto& shard : shards_)
      if (shard)
        for (const auto& [key, value] : *shard) visit(key, value);
  }

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  /// unordered_map uses the low bits (modulo a prime), so the shard is chosen by mixed high ones.
  static std::size_t index(std::size_t hash) {
    return static_cast<std::size_t>((static_cast<std::uint64_t>(hash) * 0x9E3779B97F4A7C15ULL) >> 56);
  }

  Shard& own(std::size_t i) {
    if (!shards_[i]) {
      shards_[i] = std::make_shared<Shard>();
    } else if (!owned_[i]) {
      shards_[i] = std::make_shared<Shard>(*shards_[i]);
    }
    owned_.set(i);
    return *shards_[i];
  }

  std::array<std::shared_ptr<Shard>, kShards> shards_;
  std::bitset<kShards> owned_;  // made by this object, seen by no other
  std::size_t size_ = 0;
};

}  // namespace veredus::state::directory
