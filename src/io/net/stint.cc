#include "io/net/stint.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace veredus::io::net {

asio::awaitable<void> Stint::pause() {
  co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
  began_ = Clock::now();
}

}  // namespace veredus::io::net
