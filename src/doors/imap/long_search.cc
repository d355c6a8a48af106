#include "doors/imap/long_search.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <utility>

#include "wire/imap/reply.h"

namespace veredus::doors::imap {
namespace {

using state::search::Progress;

constexpr std::chrono::milliseconds kLook{500};  // how soon it is noticed that the client has gone

struct Pair {
  asio::steady_timer timer;
  bool searching = true;
};

asio::awaitable<void> run_search(Pair* pair, asio::awaitable<void> search) {
  std::exception_ptr failure;
  try {
    co_await std::move(search);
  } catch (...) {  // a cancellation: the other one must end all the same
    failure = std::current_exception();
  }
  pair->searching = false;
  pair->timer.cancel();
  if (failure) std::rethrow_exception(failure);
}

asio::awaitable<bool> tell(Talk* talk, const Progress* progress) {
  const std::uint64_t total = progress->total;
  const std::uint64_t done = std::min<std::uint64_t>(progress->done, total);
  const auto known = total > 0 ? std::optional(total) : std::nullopt;
  wire::imap::append_untagged(talk->out.buffer(), wire::imap::Condition::kOk,
                              wire::imap::code_inprogress(talk->tag, known ? std::optional(done) : std::nullopt, known),
                              "Still at it");
  return talk->out.flush();
}

/// Who has said the last word may still listen: a note now and then shows it.
asio::awaitable<void> tell_progress(Pair* pair, Talk* talk, std::shared_ptr<Progress> progress) {
  using SteadyClock = std::chrono::steady_clock;
  const std::chrono::milliseconds every = talk->timeouts.progress;
  auto told = SteadyClock::now();
  while (pair->searching && !progress->stop) {
    boost::system::error_code error;
    pair->timer.expires_after(std::min(every, kLook));
    co_await pair->timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (!pair->searching) co_return;
    if (error) progress->stop = true;  // cancelled
    if (error || (SteadyClock::now() - told < every && !talk->out.peer_has_finished())) continue;
    told = SteadyClock::now();
    const bool sent = co_await tell(talk, progress.get());
    if (!sent) progress->stop = true;
  }
}

}  // namespace

asio::awaitable<void> with_progress(Talk* talk, std::shared_ptr<Progress> progress, asio::awaitable<void> search) {
  const auto executor = co_await asio::this_coro::executor;
  Pair pair{asio::steady_timer(executor)};
  auto group = asio::experimental::make_parallel_group(
      asio::co_spawn(executor, run_search(&pair, std::move(search)), asio::deferred),
      asio::co_spawn(executor, tell_progress(&pair, talk, std::move(progress)), asio::deferred));
  const auto [order, searched, told] =
      co_await group.async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  if (searched) std::rethrow_exception(searched);
  if (told) std::rethrow_exception(told);
}

}  // namespace veredus::doors::imap
