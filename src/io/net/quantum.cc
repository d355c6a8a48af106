#include "io/net/quantum.h"

#include <boost/asio/post.hpp>

namespace veredus::io::net {

asio::awaitable<void> Quantum::renew() {
  used_ = 0;
  co_await asio::post(asio::use_awaitable);
}

}  // namespace veredus::io::net
