#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "io/engine/batch.h"

namespace veredus::io::engine {

/// Changes of one partition that are decided but not stored yet, as a layer over what is stored. A plain value.
class Overlay {
 public:
  /// What this layer says about a key.
  struct Answer {
    bool known = false;            // false: ask the store below
    const Value* value = nullptr;  // when known: the value, or null for absent; valid until the next change
  };

  void put(Key key, Value value);
  void erase(Key key);
  /// Every key with low <= key < high; an empty high has no end.
  void erase_range(Key low, Key high);

  [[nodiscard]] Answer find(std::string_view key) const;
  [[nodiscard]] bool empty() const { return rows_.empty() && erased_.empty(); }
  /// Keys and their new values (nullopt: erased). Apply after the ranges.
  [[nodiscard]] const std::map<Key, std::optional<Value>, std::less<>>& rows() const { return rows_; }
  /// Ranges in which every stored row is gone.
  [[nodiscard]] const std::vector<std::pair<Key, Key>>& erased_ranges() const { return erased_; }

 private:
  std::map<Key, std::optional<Value>, std::less<>> rows_;
  std::vector<std::pair<Key, Key>> erased_;
};

/// Whether low <= key < high, an empty high having no end.
[[nodiscard]] inline bool is_between(std::string_view key, std::string_view low, std::string_view high) {
  return key >= low && (high.empty() || key < high);
}

}  // namespace veredus::io::engine
