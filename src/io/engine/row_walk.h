#pragma once

#include <cstddef>
#include <string_view>

#include "io/engine/engine.h"

namespace veredus::io::engine {

/// One walk: shows rows to the visitor until a limit is reached. Both must outlive it.
class RowWalk {
 public:
  RowWalk(const ScanOptions& options, const RowVisitor& visitor) : options_(options), visitor_(visitor) {}

  /// False: the walk stops here.
  bool show(std::string_view key, std::string_view value) {
    const std::size_t size = key.size() + value.size();
    if (rows_ >= options_.limit || (rows_ > 0 && octets_ + size > options_.octets_limit)) return false;
    octets_ += size;
    ++rows_;
    return visitor_(key, value);
  }

 private:
  const ScanOptions& options_;
  const RowVisitor& visitor_;
  std::size_t rows_ = 0;
  std::size_t octets_ = 0;
};

/// Keeps what it is shown.
inline RowVisitor keep_in(Page* page) {
  return [page](std::string_view key, std::string_view value) {
    page->rows.push_back({Key(key), Value(value)});
    return true;
  };
}

}  // namespace veredus::io::engine
