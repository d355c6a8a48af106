#include "doors/imap/appends_under_way.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <utility>

#include "doors/imap/failures.h"

namespace veredus::doors::imap {
namespace {

constexpr std::size_t kMostAppends = 64;
constexpr std::size_t kMostOctets = 4 * 1024 * 1024;

}  // namespace

bool AppendsUnderWay::full() const { return all_.size() >= kMostAppends || octets_ >= kMostOctets; }

asio::awaitable<void> AppendsUnderWay::begin(std::string tag, TakenAppend taken) {
  auto& append = all_.emplace_back();
  append.tag = std::move(tag);
  for (const auto& message : taken.messages) append.octets += message.octets.size();
  octets_ += append.octets;
  const auto executor = co_await asio::this_coro::executor;
  auto ended = [place = &append](const std::exception_ptr& unforeseen, Outcome outcome) {
    place->outcome =
        unforeseen ? failure(state::mailbox::MailboxError::kUnknownOutcome) : std::optional(std::move(outcome));
    if (place->when_done) std::exchange(place->when_done, nullptr)();
  };
  asio::co_spawn(executor, store_append(talk_, std::move(taken)), std::move(ended));
}

asio::awaitable<void> AppendsUnderWay::wait(Append* append) {
  if (append->outcome) co_return;
  const auto initiate = [append](auto handler) {
    const auto executor = asio::get_associated_executor(handler);
    append->when_done = [handler = std::move(handler), executor, work = asio::make_work_guard(executor)]() mutable {
      work.reset();
      asio::dispatch(executor, std::move(handler));
    };
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(initiate, asio::use_awaitable);
}

asio::awaitable<AppendsUnderWay::Answer> AppendsUnderWay::next() {
  co_await wait(&all_.front());
  auto& oldest = all_.front();
  Answer answer{std::move(oldest.tag), *std::move(oldest.outcome)};
  octets_ -= oldest.octets;
  all_.pop_front();
  co_return answer;
}

asio::awaitable<void> AppendsUnderWay::join() {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (!all_.empty()) co_await next();
}

}  // namespace veredus::doors::imap
