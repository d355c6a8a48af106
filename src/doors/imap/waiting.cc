#include "doors/imap/waiting.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>

namespace veredus::doors::imap {

using state::mailbox::ChangeWatch;

namespace {
constexpr std::chrono::hours kAtMost{24};  // the line's deadline ends the wait before
}

asio::awaitable<LineOrChange> line_or_change(Talk* talk, ChangeWatch* watch, std::size_t max_octets,
                                             std::chrono::milliseconds deadline) {
  const auto executor = co_await asio::this_coro::executor;
  auto& account = *talk->session.account_watch;
  if (account.take_change()) co_return std::nullopt;
  const AccountWatch::Waiting waiting(account, watch);
  // The one that ends second is cancelled and awaited: both answers are looked at, so no octet is lost.
  auto group = asio::experimental::make_parallel_group(
      asio::co_spawn(executor, talk->in.line(max_octets, Input::Wait::kCommand, deadline), asio::deferred),
      asio::co_spawn(executor, watch->wait(kAtMost), asio::deferred));
  const auto [order, line_failure, line, watch_failure, woken] =
      co_await group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  if (line_failure && order[0] == 0) std::rethrow_exception(line_failure);
  const bool line_was_cancelled = order[0] == 1 && !line && line.error() == io::net::IoError::kCancelled;
  if (line_failure || line_was_cancelled) co_return std::nullopt;
  co_return line;
}

}  // namespace veredus::doors::imap
