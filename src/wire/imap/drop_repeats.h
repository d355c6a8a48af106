#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <utility>
#include <vector>

namespace veredus::wire::imap {

/// Leaves the first of values that are equal, in their order: n log n comparisons, however many a client sends.
template <class Value>
void drop_repeats(std::vector<Value>& values) {
  if (values.size() < 2) return;
  std::vector<const Value*> sorted;
  sorted.reserve(values.size());
  for (const auto& value : values) sorted.push_back(&value);
  std::ranges::sort(sorted, [](const Value* a, const Value* b) {
    const auto order = *a <=> *b;
    return order == 0 ? a < b : order < 0;
  });
  std::vector<bool> repeats(values.size());
  for (std::size_t i = 1; i < sorted.size(); ++i)
    repeats[static_cast<std::size_t>(sorted[i] - values.data())] = *sorted[i - 1] <=> *sorted[i] == 0;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (repeats[i]) continue;
    if (kept != i) values[kept] = std::move(values[i]);
    ++kept;
  }
  values.resize(kept);
}

}  // namespace veredus::wire::imap
