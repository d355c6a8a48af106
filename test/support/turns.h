#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <cstddef>
#include <memory>
#include <utility>

#include "io/net/asio.h"

namespace veredus::test {

/// Somebody else on a reactor, who is always ready: counts the turns it gets. For tests only.
class Turns {
 public:
  explicit Turns(asio::any_io_executor executor) : state_(std::make_shared<State>(std::move(executor))) {
    take(state_);
  }
  ~Turns() { state_->over = true; }
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  [[nodiscard]] std::size_t count() const { return state_->count; }

 private:
  struct State {
    explicit State(asio::any_io_executor the_executor) : executor(std::move(the_executor)) {}
    asio::any_io_executor executor;
    std::size_t count = 0;
    bool over = false;
  };
  static void take(const std::shared_ptr<State>& state) {
    asio::post(state->executor, [state] {
      if (state->over) return;
      ++state->count;
      take(state);
    });
  }

  std::shared_ptr<State> state_;
};

}  // namespace veredus::test
