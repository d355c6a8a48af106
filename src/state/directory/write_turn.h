#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "io/net/asio.h"

namespace veredus::state::directory {

/// One after another: whoever changes the directory awaits its turn first, so that changes made here never conflict
/// with each other. Unlike a mutex it may be held over co_await. Thread-safe; each waiter resumes on its own executor,
/// in the order of coming.
class WriteTurn {
 public:
  /// Ends the turn when destroyed.
  class Held {
   public:
    explicit Held(WriteTurn* turn) : turn_(turn) {}
    Held(Held&& other) noexcept : turn_(std::exchange(other.turn_, nullptr)) {}
    Held& operator=(Held&&) = delete;
    ~Held() {
      if (turn_ != nullptr) turn_->pass_on();
    }

   private:
    WriteTurn* turn_;
  };

  asio::awaitable<Held> take();

 private:
  void pass_on();

  std::mutex mutex_;
  bool taken_ = false;
  std::deque<std::function<void()>> waiting_;
};

}  // namespace veredus::state::directory
