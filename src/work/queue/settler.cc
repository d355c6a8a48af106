#include "work/queue/settler.h"

#include <utility>

#include "io/net/deadline.h"
#include "work/queue/impl.h"
#include "work/queue/together.h"

namespace veredus::work::queue {

using io::engine::StoreError;
using state::spool::SharedEntry;

namespace {

constexpr std::chrono::milliseconds kGather{3};

}  // namespace

Settler::Settler(Queue::Impl& queue) : queue_(queue), lines_(queue.parts.executors.size()) {}

void Settler::post(Shard shard, Result result) {
  const std::size_t line = shard % lines_.size();
  bool begin = false;
  {
    const std::scoped_lock lock(mutex_);
    lines_[line].gathered[shard].push_back(std::move(result));
    begin = !std::exchange(lines_[line].writing, true);
  }
  waiting_.fetch_add(1, std::memory_order_relaxed);
  if (begin) queue_.writers[line]->spawn(work(line));
}

Settler::Wave Settler::next(std::size_t line) {
  const std::scoped_lock lock(mutex_);
  if (lines_[line].gathered.empty()) lines_[line].writing = false;
  return std::exchange(lines_[line].gathered, {});
}

asio::awaitable<void> Settler::work(std::size_t line) {
  const auto keep_alive = queue_.shared_from_this();
  while (true) {
    co_await io::net::pause(kGather);
    Wave wave = next(line);
    if (wave.empty()) co_return;
    std::vector<asio::awaitable<void>> steps;
    steps.reserve(wave.size());
    for (auto& [shard, results] : wave) steps.push_back(write(shard, std::move(results)));
    co_await together(std::move(steps));
    queue_.pump();
  }
}

asio::awaitable<void> Settler::write(Shard shard, std::vector<Result> results) {
  std::vector<state::spool::Settlement> settlements;
  settlements.reserve(results.size());
  for (const auto& result : results) settlements.push_back(result.settlement);
  auto stored = co_await queue_.parts.shards.settle(shard, settlements);
  while (!stored && stored.error() != StoreError::kFenced) {
    queue_.parts.log.error("queue.result_not_written",
                           {{"shard", shard}, {"results", results.size()}, {"error", to_string(stored.error())}});
    if (queue_.stopping() && !queue_.parts.engine.health().writable) break;  // marked: uncertain at the next start
    co_await io::net::pause(queue_.options.try_again);
    stored = co_await queue_.parts.shards.settle(shard, settlements);
  }
  waiting_.fetch_sub(results.size(), std::memory_order_relaxed);
  if (stored)
    written(shard, results, *stored);
  else
    lost(results);
}

void Settler::written(Shard shard, const std::vector<Result>& results, const std::vector<SharedEntry>& stored) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    queue_.settled(results[i].slot, i < stored.size() ? stored[i] : nullptr);
    for (const auto& item : results[i].settlement.outbox) queue_.outbox.post(shard, item);
  }
}

/// Another node works the shard now: what it finds is up to it.
void Settler::lost(const std::vector<Result>& results) {
  for (const auto& result : results) queue_.settled(result.slot, nullptr);
}

}  // namespace veredus::work::queue
