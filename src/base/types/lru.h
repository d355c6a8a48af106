#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <list>
#include <unordered_map>
#include <utility>

namespace veredus {

/// Values by key. When all together weigh too much, the longest unused leave first. What is weighed, the caller says:
/// octets, or one for each. One thread at a time.
///
///   Lru<AccountId, std::shared_ptr<const Page>> pages(kPageOctets);
///   if (const auto* known = pages.find(account)) return *known;
///   pages.put(account, page, page->octets());
template <class Key, class Value, class Hash = std::hash<Key>>
class Lru {
 public:
  explicit Lru(std::size_t limit) : Lru(limit, limit) {}
  /// What weighs more than `limit_each` is not kept: too many others would have to leave.
  Lru(std::size_t limit, std::size_t limit_each) : limit_(limit), limit_each_(std::min(limit, limit_each)) {}
  Lru(const Lru&) = delete;
  Lru& operator=(const Lru&) = delete;

  /// It is used by that. Null: it is not here. Good until the next one is put or forgotten.
  [[nodiscard]] Value* find(const Key& key) {
    const auto at = places_.find(key);
    if (at == places_.end()) return nullptr;
    by_use_.splice(by_use_.begin(), by_use_, at->second.use);
    return &at->second.value;
  }
  /// The same, and leaves it as unused as it was. Who asks in this way only has the oldest leave first.
  [[nodiscard]] Value* peek(const Key& key) {
    const auto at = places_.find(key);
    return at == places_.end() ? nullptr : &at->second.value;
  }

  /// In place of what was there, which leaves even if this is not kept.
  void put(Key key, Value value, std::size_t weight = 1) {
    forget(key);
    if (weight > limit_each_) return;
    const auto at = places_.try_emplace(std::move(key), std::move(value), weight).first;
    by_use_.push_front(&*at);
    at->second.use = by_use_.begin();
    weight_ += weight;
    while (weight_ > limit_) drop(oldest());
  }

  void forget(const Key& key) {
    if (const auto at = places_.find(key); at != places_.end()) drop(at);
  }
  /// All for which `goes(key, value)` holds.
  template <class Goes>
  void forget_if(const Goes& goes) {
    for (auto use = by_use_.begin(); use != by_use_.end();) {
      const Entry& entry = **use++;
      if (goes(entry.first, entry.second.value)) drop(places_.find(entry.first));
    }
  }
  /// From the longest unused on, as long as `goes(key, value)` holds.
  template <class Goes>
  void forget_oldest_while(const Goes& goes) {
    while (!by_use_.empty() && goes(by_use_.back()->first, by_use_.back()->second.value)) drop(oldest());
  }

  [[nodiscard]] std::size_t size() const { return places_.size(); }
  /// Of all together.
  [[nodiscard]] std::size_t weight() const { return weight_; }

 private:
  struct Place;
  using Entry = std::pair<const Key, Place>;
  struct Place {
    Place(Value value_, std::size_t weight_) : value(std::move(value_)), weight(weight_) {}
    Value value;
    std::size_t weight;
    typename std::list<const Entry*>::iterator use;
  };

  using Places = std::unordered_map<Key, Place, Hash>;

  typename Places::iterator oldest() { return places_.find(by_use_.back()->first); }
  void drop(typename Places::iterator at) {
    weight_ -= at->second.weight;
    by_use_.erase(at->second.use);
    places_.erase(at);
  }

  std::size_t limit_;
  std::size_t limit_each_;
  std::size_t weight_ = 0;
  Places places_;
  std::list<const Entry*> by_use_;  // in places_; the last used first
};

}  // namespace veredus
