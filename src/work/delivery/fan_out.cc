#include "work/delivery/fan_out.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/observe/log.h"
#include "base/types/result.h"
#include "io/net/task_group.h"
#include "state/spool/spool.h"
#include "work/delivery/spooled_copy.h"

namespace veredus::work::delivery {

using state::spool::SpooledMessage;

namespace {

constexpr std::chrono::seconds kTick{1};  // how often retries and leases are looked at
constexpr std::uint32_t kFoundPage = 500;

/// One message on its way out of the spool.
struct Item {
  QueueId id;
  std::shared_ptr<const SpooledMessage> message;  // null: read it
  std::shared_ptr<const SpooledContent> content;  // null: read it
  unsigned attempts = 0;
};

}  // namespace

class FanOut::Impl : public std::enable_shared_from_this<FanOut::Impl> {
 public:
  Impl(Parts parts, Options options);

  asio::awaitable<std::expected<void, DeliveryError>> start();
  asio::awaitable<void> stop();
  void add(Item item);
  asio::awaitable<std::expected<std::size_t, DeliveryError>> work_off();
  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] bool full() const { return waiting() >= options_.max_waiting; }

 private:
  asio::awaitable<void> work(Item item);
  std::optional<Item> next_or_rest(const Item& finished, bool delivered);
  asio::awaitable<bool> deliver(Item* item);
  void start_or_queue(Item item);
  void start_what_is_due();
  [[nodiscard]] std::chrono::milliseconds delay_after(unsigned attempts) const;

  asio::awaitable<void> keep_house();
  asio::awaitable<bool> find_left_over();
  asio::awaitable<void> look_after_leases();
  asio::awaitable<void> sweep();
  bool stopping() const;

  Parts parts_;
  Options options_;
  std::vector<std::unique_ptr<io::net::TaskGroup>> workers_;  // one for each executor
  io::net::TaskGroup house_;

  mutable std::mutex mutex_;
  std::unordered_set<QueueId> known_;  // waiting, put off or under way
  std::deque<Item> waiting_;
  std::multimap<SteadyTime, Item> put_off_;
  std::size_t working_ = 0;
  std::size_t turn_ = 0;  // which executor is next
  bool stopping_ = false;
};

FanOut::Impl::Impl(Parts parts, Options options)
    : parts_(std::move(parts)), options_(options), house_(parts_.executors.front()) {
  for (const auto& executor : parts_.executors) workers_.push_back(std::make_unique<io::net::TaskGroup>(executor));
}

bool FanOut::Impl::stopping() const {
  const std::scoped_lock lock(mutex_);
  return stopping_;
}

std::size_t FanOut::Impl::waiting() const {
  const std::scoped_lock lock(mutex_);
  return known_.size();
}

void FanOut::Impl::add(Item item) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || !known_.insert(item.id).second) return;
  }
  start_or_queue(std::move(item));
}

void FanOut::Impl::start_or_queue(Item item) {
  io::net::TaskGroup* group = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    if (working_ >= options_.concurrency) {
      item.content = nullptr;  // memory is for what is under way
      item.message = nullptr;
      waiting_.push_back(std::move(item));
      return;
    }
    ++working_;
    group = workers_[turn_++ % workers_.size()].get();
  }
  group->spawn(work(std::move(item)));
}

/// Delivers one message after the other until none waits.
asio::awaitable<void> FanOut::Impl::work(Item item) {
  const auto self = shared_from_this();
  std::optional<Item> current(std::move(item));
  while (current) {
    const bool delivered = co_await deliver(&*current);
    current = next_or_rest(*current, delivered);
  }
}

std::optional<Item> FanOut::Impl::next_or_rest(const Item& finished, bool delivered) {
  const std::scoped_lock lock(mutex_);
  if (delivered) {
    known_.erase(finished.id);
  } else {
    Item again{.id = finished.id, .attempts = finished.attempts + 1};
    put_off_.emplace(parts_.clock.steady_now() + delay_after(finished.attempts), std::move(again));
  }
  if (waiting_.empty() || stopping_) {
    --working_;
    return std::nullopt;
  }
  Item next = std::move(waiting_.front());
  waiting_.pop_front();
  return next;
}

std::chrono::milliseconds FanOut::Impl::delay_after(unsigned attempts) const {
  const auto doubled = options_.first_retry * (1U << std::min(attempts, 20U));
  return std::min(doubled, options_.last_retry);
}

/// `item` is owned by the worker that awaits this.
asio::awaitable<bool> FanOut::Impl::deliver(Item* item) {
  SpooledCopy copy({.clock = parts_.clock,
                    .directory = parts_.directory,
                    .mailboxes = parts_.mailboxes,
                    .spool = parts_.spool,
                    .journal = parts_.journal},
                   item->id, item->message, item->content);
  const auto outcome = co_await copy.deliver();
  if (!outcome) {
    parts_.log.warning(
        "delivery.fan_out_failed",
        {{"queue_id", to_string(item->id)}, {"attempts", item->attempts + 1}, {"error", to_string(outcome.error())}});
  }
  co_return outcome.has_value();
}

void FanOut::Impl::start_what_is_due() {
  std::vector<Item> due;
  {
    const std::scoped_lock lock(mutex_);
    const auto end = put_off_.upper_bound(parts_.clock.steady_now());
    for (auto item = put_off_.begin(); item != end; ++item) due.push_back(std::move(item->second));
    put_off_.erase(put_off_.begin(), end);
  }
  for (auto& item : due) start_or_queue(std::move(item));
}

asio::awaitable<std::expected<void, DeliveryError>> FanOut::Impl::start() {
  const auto acquired = co_await parts_.spool.acquire();
  if (!acquired) co_return std::unexpected(DeliveryError::kUnavailable);
  house_.spawn(keep_house());
  co_return std::expected<void, DeliveryError>{};
}

asio::awaitable<void> FanOut::Impl::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    waiting_.clear();
    put_off_.clear();
  }
  co_await house_.stop();
  for (const auto& group : workers_) co_await group->join();
  co_await parts_.spool.release();
}

asio::awaitable<void> FanOut::Impl::keep_house() {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  auto next_renewal = parts_.clock.steady_now() + options_.renew_every;
  auto next_sweep = parts_.clock.steady_now();
  bool all_found = false;
  while (!stopping()) {
    if (!all_found) all_found = co_await find_left_over();
    start_what_is_due();
    const auto now = parts_.clock.steady_now();
    if (now >= next_renewal) {
      next_renewal = now + options_.renew_every;
      co_await look_after_leases();
    }
    if (now >= next_sweep) {
      next_sweep = now + options_.sweep_every;
      co_await sweep();
    }
    timer.expires_after(kTick);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

/// Takes up what an earlier run left in the spool. False: it could not be read to its end.
asio::awaitable<bool> FanOut::Impl::find_left_over() {
  for (std::uint32_t slot = 0; slot < state::spool::kSlots; ++slot) {
    std::optional<QueueId> after;
    while (true) {
      const auto ids = co_await parts_.spool.waiting(slot, after, kFoundPage);
      if (!ids) co_return false;
      for (const auto& id : *ids) add(Item{.id = id});
      if (ids->size() < kFoundPage) break;
      after = ids->back();
    }
  }
  co_return true;
}

asio::awaitable<void> FanOut::Impl::look_after_leases() {
  const auto renewed = co_await parts_.spool.renew();
  if (!renewed) parts_.log.warning("delivery.lease_lost", {{"error", to_string(renewed.error())}});
}

asio::awaitable<void> FanOut::Impl::sweep() {
  const auto swept = co_await parts_.spool.sweep();
  if (swept && *swept > 0) parts_.log.info("delivery.intake_swept", {{"messages", *swept}});
}

asio::awaitable<std::expected<std::size_t, DeliveryError>> FanOut::Impl::work_off() {
  std::size_t left = 0;
  for (std::uint32_t slot = 0; slot < state::spool::kSlots; ++slot) {
    std::optional<QueueId> after;
    while (true) {
      const auto ids = co_await parts_.spool.waiting(slot, after, kFoundPage);
      if (!ids) co_return std::unexpected(DeliveryError::kUnavailable);
      for (const auto& id : *ids) {
        Item item{.id = id};
        const bool delivered = co_await deliver(&item);
        if (!delivered) ++left;
      }
      if (ids->size() < kFoundPage) break;
      after = ids->back();
    }
  }
  co_return left;
}

FanOut::FanOut(Parts parts, Options options) : impl_(std::make_shared<Impl>(std::move(parts), options)) {}
FanOut::~FanOut() = default;

asio::awaitable<std::expected<void, DeliveryError>> FanOut::start() { return impl_->start(); }
asio::awaitable<void> FanOut::stop() { return impl_->stop(); }

void FanOut::hand_over(std::shared_ptr<const SpooledMessage> message, std::shared_ptr<const SpooledContent> content) {
  const QueueId id = message->id;
  impl_->add(Item{.id = id, .message = std::move(message), .content = std::move(content)});
}

asio::awaitable<std::expected<std::size_t, DeliveryError>> FanOut::work_off() { return impl_->work_off(); }
std::size_t FanOut::waiting() const { return impl_->waiting(); }
bool FanOut::full() const { return impl_->full(); }

}  // namespace veredus::work::delivery
