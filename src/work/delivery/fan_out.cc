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
#include "state/directory/directory.h"
#include "state/spool/spool.h"
#include "work/delivery/spooled_copy.h"
#include "work/delivery/submission.h"

namespace veredus::work::delivery {

using namespace std::chrono_literals;
using state::spool::SpooledMessage;

namespace {

constexpr std::chrono::seconds kTick{1};  // how often retries and leases are looked at
constexpr std::uint32_t kFoundPage = 500;
constexpr std::chrono::seconds kCutShort{2};  // for an append that has been cancelled to notice

/// One message on its way out of the spool.
struct Item {
  QueueId id;
  std::shared_ptr<const SpooledMessage> message;  // null: read it
  std::shared_ptr<const SpooledContent> content;  // null: read it
  unsigned attempts = 0;
  bool held = false;
};

/// What became of one attempt.
struct Outcome {
  bool failed = false;
  std::optional<SystemTime> held_until;  // RFC 4865 s4.2
  [[nodiscard]] bool done() const { return !failed && !held_until; }
};

}  // namespace

class FanOut::Impl : public std::enable_shared_from_this<FanOut::Impl> {
 public:
  Impl(Parts parts, Options options);

  asio::awaitable<std::expected<void, DeliveryError>> start(Reporter report);
  asio::awaitable<void> stop();
  void add(Item item);
  asio::awaitable<std::expected<std::size_t, DeliveryError>> work_off();
  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] bool full() const { return waiting() >= options_.max_waiting; }

 private:
  asio::awaitable<void> work(Item item);
  std::optional<Item> next_or_rest(const Item& finished, Outcome outcome);
  asio::awaitable<Outcome> deliver(Item* item);
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
  Reporter report_;
  std::vector<std::unique_ptr<io::net::TaskGroup>> workers_;  // one for each executor
  io::net::TaskGroup house_;

  mutable std::mutex mutex_;
  std::unordered_set<QueueId> known_;  // waiting, put off or under way
  std::deque<Item> waiting_;
  std::multimap<SteadyTime, Item> put_off_;
  std::size_t held_ = 0;  // of those put off
  std::size_t working_ = 0;
  std::size_t turn_ = 0;  // which executor is next
  bool stopping_ = false;
};

FanOut::Impl::Impl(Parts parts, Options options)
    : parts_(std::move(parts)), options_(std::move(options)), house_(parts_.executors.front()) {
  for (const auto& executor : parts_.executors) workers_.push_back(std::make_unique<io::net::TaskGroup>(executor));
}

bool FanOut::Impl::stopping() const {
  const std::scoped_lock lock(mutex_);
  return stopping_;
}

std::size_t FanOut::Impl::waiting() const {
  const std::scoped_lock lock(mutex_);
  return known_.size() - held_;
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
    const auto outcome = co_await deliver(&*current);
    current = next_or_rest(*current, outcome);
  }
}

std::optional<Item> FanOut::Impl::next_or_rest(const Item& finished, Outcome outcome) {
  const std::scoped_lock lock(mutex_);
  if (outcome.done()) {
    known_.erase(finished.id);
  } else if (outcome.held_until) {
    ++held_;
    put_off_.emplace(parts_.clock.steady_now() + (*outcome.held_until - parts_.clock.now()),
                     Item{.id = finished.id, .held = true});
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
asio::awaitable<Outcome> FanOut::Impl::deliver(Item* item) {
  SpooledCopy copy({.clock = parts_.clock,
                    .directory = parts_.directory,
                    .mailboxes = parts_.mailboxes,
                    .spool = parts_.spool,
                    .shards = parts_.shards,
                    .queue = parts_.queue,
                    .journal = parts_.journal,
                    .report = report_,
                    .lifetimes = options_.lifetimes,
                    .hostname = options_.hostname},
                   item->id, item->message, item->content);
  const auto held_until = co_await copy.deliver();
  Outcome outcome{.failed = !held_until.has_value(), .held_until = {}};
  if (held_until) {
    outcome.held_until = *held_until;
  } else {
    parts_.log.warning("delivery.fan_out_failed", {{"queue_id", to_string(item->id)},
                                                   {"attempts", item->attempts + 1},
                                                   {"error", to_string(held_until.error())}});
  }
  co_return outcome;
}

void FanOut::Impl::start_what_is_due() {
  std::vector<Item> due;
  {
    const std::scoped_lock lock(mutex_);
    const auto end = put_off_.upper_bound(parts_.clock.steady_now());
    for (auto item = put_off_.begin(); item != end; ++item) {
      if (std::exchange(item->second.held, false)) --held_;
      due.push_back(std::move(item->second));
    }
    put_off_.erase(put_off_.begin(), end);
  }
  for (auto& item : due) start_or_queue(std::move(item));
}

asio::awaitable<std::expected<void, DeliveryError>> FanOut::Impl::start(Reporter report) {
  report_ = std::move(report);
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
    held_ = 0;
  }
  co_await house_.stop();
  const auto until = parts_.clock.steady_now() + options_.stop_within;
  for (const auto& group : workers_) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - parts_.clock.steady_now());
    if (co_await group->join_within(std::max(left, 0ms))) continue;
    // What is under way ends at its next step; it is in the spool, and each of its steps may be repeated.
    parts_.log.warning("delivery.fan_out_cut", {{"messages", group->size()}});
    group->cancel();
    if (!co_await group->join_within(kCutShort))
      parts_.log.error("delivery.fan_out_stuck", {{"messages", group->size()}});
  }
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
  const auto rotated = co_await parts_.directory.rotate_srs_secret();
  if (!rotated) parts_.log.warning("delivery.srs_secret_kept", {{"error", to_string(rotated.error())}});
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
        const auto outcome = co_await deliver(&item);
        if (!outcome.done()) ++left;
      }
      if (ids->size() < kFoundPage) break;
      after = ids->back();
    }
  }
  co_return left;
}

FanOut::FanOut(Parts parts, Options options) : impl_(std::make_shared<Impl>(std::move(parts), std::move(options))) {}
FanOut::~FanOut() = default;

asio::awaitable<std::expected<void, DeliveryError>> FanOut::start(Reporter report) {
  return impl_->start(std::move(report));
}
asio::awaitable<void> FanOut::stop() { return impl_->stop(); }

void FanOut::hand_over(std::shared_ptr<const SpooledMessage> message, std::shared_ptr<const SpooledContent> content) {
  const QueueId id = message->id;
  impl_->add(Item{.id = id, .message = std::move(message), .content = std::move(content)});
}

asio::awaitable<std::expected<std::size_t, DeliveryError>> FanOut::work_off() { return impl_->work_off(); }
std::size_t FanOut::waiting() const { return impl_->waiting(); }
bool FanOut::full() const { return impl_->full(); }

}  // namespace veredus::work::delivery
