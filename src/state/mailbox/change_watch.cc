#include "state/mailbox/change_watch.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <utility>

#include "state/mailbox/change_topic.h"
#include "state/mailbox/keys.h"
#include "state/mailbox/rights.h"

namespace veredus::state::mailbox {

/// Between the engine's threads, which note a change, and the coroutine that waits for it.
struct ChangeWatch::Shared {
  std::mutex mutex;
  bool changed = false;
  bool cancelled = false;
  std::optional<asio::any_io_executor> waiting;  // where the timer may be touched; absent while nobody waits
  std::shared_ptr<asio::steady_timer> timer;     // runs out at the deadline, or is cancelled to wake

  void note_change(const std::shared_ptr<Shared>& self) {
    const std::scoped_lock lock(mutex);
    if (std::exchange(changed, true) || !waiting) return;
    asio::post(*waiting, [self] { self->wake(); });
  }
  void wake() {
    const std::scoped_lock lock(mutex);
    if (timer) timer->cancel();
  }
};

ChangeWatch::ChangeWatch(io::engine::Engine& engine, const std::vector<Watched>& watched)
    : shared_(std::make_shared<Shared>()) {
  subscriptions_.reserve(watched.size());
  for (const auto& [account, mailbox] : watched) {
    auto wakeup = [shared = shared_, mailbox](io::engine::Partition, io::engine::Version,
                                              const std::vector<io::engine::Topic>& topics) {
      if (!mailbox || std::ranges::count(topics, topic_of(*mailbox)) != 0) shared->note_change(shared);
    };
    const io::engine::Partition own{io::engine::Kind::kAccount, account.value};
    subscriptions_.push_back(engine.watch(account == kAnyone ? keys::kForAnyone : own, std::move(wakeup)));
  }
}

ChangeWatch::ChangeWatch(ChangeWatch&&) noexcept = default;
ChangeWatch& ChangeWatch::operator=(ChangeWatch&&) noexcept = default;
ChangeWatch::~ChangeWatch() {
  if (shared_) cancel();
}

asio::awaitable<ChangeWatch::Woken> ChangeWatch::wait(std::chrono::milliseconds at_most) {
  const auto shared = shared_;
  const auto executor = co_await asio::this_coro::executor;
  const auto timer = std::make_shared<asio::steady_timer>(executor, at_most);
  const auto take = [&shared](Woken otherwise) {
    const std::scoped_lock lock(shared->mutex);
    shared->timer.reset();
    shared->waiting.reset();
    if (std::exchange(shared->cancelled, false)) return Woken::kCancelled;
    return std::exchange(shared->changed, false) ? Woken::kChanged : otherwise;
  };
  bool at_once = false;
  {
    const std::scoped_lock lock(shared->mutex);
    at_once = shared->changed || shared->cancelled;
    shared->timer = timer;
    shared->waiting = executor;
  }
  if (at_once) co_return take(Woken::kTimedOut);
  const auto [error] = co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
  co_return take(error ? Woken::kCancelled : Woken::kTimedOut);
}

void ChangeWatch::cancel() {
  const std::scoped_lock lock(shared_->mutex);
  shared_->cancelled = true;
  if (shared_->timer) shared_->timer->cancel();
}

}  // namespace veredus::state::mailbox
