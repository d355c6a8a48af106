#include "io/engine/completions.h"

#include <boost/asio/post.hpp>

namespace veredus::io::engine {
namespace {

constexpr std::size_t kComparedLanes = 8;  // more executors than this (strands) are not worth looking for

/// Resumes a lane on its executor. One that throws does not take the others with it.
class Resumption {
 public:
  explicit Resumption(std::vector<Completion> due) : due_(std::move(due)) {}

  void operator()() {
    while (next_ < due_.size()) {
      Completion one = std::move(due_[next_++]);
      try {
        std::move(one).resume();
      } catch (...) {
        if (next_ < due_.size()) {
          auto executor = due_[next_].executor();
          asio::post(executor, std::move(*this));
        }
        throw;
      }
    }
  }

 private:
  std::vector<Completion> due_;
  std::size_t next_ = 0;
};

}  // namespace

void CompletionGroup::add(Completion completion) {
  const std::size_t compared = std::min(lanes_.size(), kComparedLanes);
  for (std::size_t i = 0; i < compared; ++i) {
    if (lanes_[i].front().executor() == completion.executor()) {
      lanes_[i].push_back(std::move(completion));
      return;
    }
  }
  lanes_.emplace_back().push_back(std::move(completion));
}

void CompletionGroup::post() {
  for (auto& lane : lanes_) {
    auto executor = lane.front().executor();
    asio::post(executor, Resumption(std::move(lane)));
  }
  lanes_.clear();
}

}  // namespace veredus::io::engine
