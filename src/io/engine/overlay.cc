#include "io/engine/overlay.h"

namespace veredus::io::engine {

void Overlay::put(Key key, Value value) { rows_.insert_or_assign(std::move(key), std::move(value)); }

void Overlay::erase(Key key) { rows_.insert_or_assign(std::move(key), std::nullopt); }

void Overlay::erase_range(Key low, Key high) {
  const auto begin = rows_.lower_bound(low);
  const auto end = high.empty() ? rows_.end() : rows_.lower_bound(high);
  if (high.empty() || low < high) rows_.erase(begin, end);
  erased_.emplace_back(std::move(low), std::move(high));
}

Overlay::Answer Overlay::find(std::string_view key) const {
  if (const auto row = rows_.find(key); row != rows_.end())
    return {.known = true, .value = row->second ? &*row->second : nullptr};
  for (const auto& [low, high] : erased_)
    if (is_between(key, low, high)) return {.known = true, .value = nullptr};
  return {};
}

}  // namespace veredus::io::engine
