#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "io/engine/store.h"

namespace veredus::io::engine {

/// The open store, which the committer may have to close and open again. Thread-safe.
class StoreSlot {
 public:
  explicit StoreSlot(std::shared_ptr<Store> store) : store_(std::move(store)) {}

  /// Null while it is being reopened. Hold it no longer than one read.
  [[nodiscard]] std::shared_ptr<Store> get() const {
    const std::scoped_lock lock(mutex_);
    return store_;
  }
  std::shared_ptr<Store> exchange(std::shared_ptr<Store> store) {
    const std::scoped_lock lock(mutex_);
    return std::exchange(store_, std::move(store));
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<Store> store_;
};

}  // namespace veredus::io::engine
