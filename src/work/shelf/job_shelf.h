#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/codec/hex.h"
#include "base/crypto/random.h"

namespace veredus::work::shelf {

enum class JobState : std::uint8_t { kRunning, kDone, kFailed };
[[nodiscard]] std::string_view to_string(JobState state);

/// Something that takes its time, and those who look at it meanwhile. `View` is what they see; it has `id` and `state`.
/// Thread-safe.
template <class View>
class Job {
 public:
  explicit Job(View view) : id_(view.id), view_(std::move(view)) {}

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] View look() const {
    const std::scoped_lock lock(mutex_);
    return view_;
  }
  [[nodiscard]] bool runs() const {
    const std::scoped_lock lock(mutex_);
    return view_.state == JobState::kRunning;
  }
  /// Changes what is seen of it, until it has ended.
  template <class Change>
  void tell(Change change) {
    const std::scoped_lock lock(mutex_);
    if (view_.state == JobState::kRunning) change(view_);
  }
  /// It is asked to end at its next chance.
  void stop() { stopping_ = true; }
  [[nodiscard]] bool stopping() const { return stopping_; }

 private:
  std::string id_;
  mutable std::mutex mutex_;
  View view_;
  std::atomic<bool> stopping_ = false;
};

/// Jobs that run, and the latest of those that have run. Thread-safe.
template <class View>
class JobShelf {
 public:
  using Shared = std::shared_ptr<Job<View>>;
  struct Limits {
    std::size_t running = 8;
    std::size_t kept = 100;  // the oldest finished ones go
  };
  explicit JobShelf(Limits limits) : limits_(limits) {}

  /// A new job, as `view` has it but for its id; nullptr: as many run as may.
  Shared open(View view) {
    const std::scoped_lock lock(mutex_);
    const auto runs = [](const Shared& job) { return job->runs(); };
    if (std::cmp_greater_equal(std::ranges::count_if(jobs_, runs), limits_.running)) return nullptr;
    while (jobs_.size() >= limits_.kept) {
      const auto oldest = std::ranges::find_if_not(jobs_, runs);
      if (oldest == jobs_.end()) break;
      jobs_.erase(oldest);
    }
    view.id = base::codec::hex_encode(base::crypto::random_octets(8));
    return jobs_.emplace_back(std::make_shared<Job<View>>(std::move(view)));
  }
  /// nullptr: there is none of this id.
  [[nodiscard]] Shared find(std::string_view id) const {
    const std::scoped_lock lock(mutex_);
    const auto found = std::ranges::find_if(jobs_, [id](const Shared& job) { return job->id() == id; });
    return found == jobs_.end() ? nullptr : *found;
  }
  [[nodiscard]] std::optional<View> look(std::string_view id) const {
    const auto job = find(id);
    return job ? std::optional(job->look()) : std::nullopt;
  }
  /// The latest first.
  [[nodiscard]] std::vector<View> list() const {
    const std::scoped_lock lock(mutex_);
    std::vector<View> all;
    for (auto job = jobs_.rbegin(); job != jobs_.rend(); ++job) all.push_back((*job)->look());
    return all;
  }

 private:
  Limits limits_;
  mutable std::mutex mutex_;
  std::deque<Shared> jobs_;  // the oldest first
};

}  // namespace veredus::work::shelf
