#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace veredus::work::doorstep {

/// Options that change while sessions go by them: each session keeps what it began with. Thread-safe.
template <class Options>
class LiveOptions {
 public:
  explicit LiveOptions(Options options) : options_(std::make_shared<const Options>(std::move(options))) {}

  [[nodiscard]] std::shared_ptr<const Options> now() const {
    const std::scoped_lock lock(mutex_);
    return options_;
  }

  /// For sessions that begin from now on: `edit(Options&)` on a copy of what stands. One at a time.
  template <class Edit>
  void change(Edit edit) {
    auto fresh = *now();
    edit(fresh);
    auto changed = std::make_shared<const Options>(std::move(fresh));
    const std::scoped_lock lock(mutex_);
    options_ = std::move(changed);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Options> options_;
};

}  // namespace veredus::work::doorstep
