#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/prefer.hpp>
#include <functional>
#include <utility>
#include <vector>

#include "io/net/asio.h"

namespace veredus::io::engine {

/// What resumes a suspended coroutine on its own executor, which is kept running until then. Move-only; resumed once.
class Completion {
 public:
  Completion() = default;
  template <class CompletionToken>
  explicit Completion(CompletionToken&& handler)
    requires(!std::is_same_v<std::remove_cvref_t<CompletionToken>, Completion>)
      : executor_(asio::prefer(asio::any_io_executor(asio::get_associated_executor(handler)),
                               asio::execution::outstanding_work.tracked)),
        resume_(std::forward<CompletionToken>(handler)) {}

  /// There is somebody to resume.
  explicit operator bool() const { return resume_ != nullptr; }
  [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }
  /// Call on the executor.
  void resume() && { std::move(resume_)(); }

 private:
  asio::any_io_executor executor_;
  std::move_only_function<void()> resume_;
};

/// Completions that are due together. One post wakes all that share an executor: a group commit of hundreds costs each
/// reactor one wake-up.
class CompletionGroup {
 public:
  void add(Completion completion);
  /// Resumes all of them, each on its executor, and is empty again.
  void post();

 private:
  using Lane = std::vector<Completion>;  // one executor's
  std::vector<Lane> lanes_;
};

}  // namespace veredus::io::engine
