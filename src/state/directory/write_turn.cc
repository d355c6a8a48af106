#include "state/directory/write_turn.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

namespace veredus::state::directory {

asio::awaitable<WriteTurn::Held> WriteTurn::take() {
  auto initiate = [this](auto handler) {
    const auto executor = asio::get_associated_executor(handler);
    // std::function must copy what it holds; a handler can only be moved.
    auto kept = std::make_shared<decltype(handler)>(std::move(handler));
    std::function<void()> resume = [executor, kept] { asio::post(executor, [kept] { std::move (*kept)(); }); };
    {
      const std::scoped_lock lock(mutex_);
      if (taken_) {
        waiting_.push_back(std::move(resume));
        return;
      }
      taken_ = true;
    }
    resume();
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(std::move(initiate), asio::use_awaitable);
  co_return Held(this);
}

void WriteTurn::pass_on() {
  std::function<void()> next;
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.empty()) {
      taken_ = false;
      return;
    }
    next = std::move(waiting_.front());
    waiting_.pop_front();
  }
  next();
}

}  // namespace veredus::state::directory
