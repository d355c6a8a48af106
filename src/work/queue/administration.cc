#include <algorithm>
#include <utility>

#include "work/queue/impl.h"

namespace veredus::work::queue {

using io::engine::StoreError;
using state::spool::kShards;
using state::spool::Pause;
using state::spool::PauseOf;
using state::spool::QueueChange;
using state::spool::QueueQuery;

namespace {

constexpr std::uint32_t kPage = 1000;

std::string_view event_of(QueueChange::Kind kind) {
  switch (kind) {
    case QueueChange::Kind::kRetry:
      return "retried";
    case QueueChange::Kind::kHold:
      return "held";
    case QueueChange::Kind::kRelease:
      return "released";
    case QueueChange::Kind::kDrop:
      return "dropped";
    case QueueChange::Kind::kBounce:
      return "given_up";
    case QueueChange::Kind::kReroute:
      return "rerouted";
  }
  return "changed";
}

std::vector<Shard> shards_of(const QueueQuery& query) {
  if (const auto only = state::spool::only_shard(query)) return {*only};
  std::vector<Shard> all;
  for (Shard shard = 0; shard < kShards; ++shard) all.push_back(shard);
  return all;
}

}  // namespace

Queue::Result<std::size_t> Queue::Impl::change(QueueQuery query, QueueChange change_to) {
  const auto keep_alive = shared_from_this();
  std::size_t count = 0;
  for (const Shard shard : shards_of(query)) {
    std::optional<EntryId> after;
    while (true) {
      auto page = co_await parts.shards.change(shard, query, change_to, after, kPage);
      if (!page) co_return std::unexpected(page.error());
      count += page->entries.size();
      for (const auto& entry : page->entries) changed(entry, change_to);
      if (!page->next) break;
      after = page->next;
    }
  }
  pump();
  co_return count;
}

/// The store has it; the schedule follows. What is under way finds out when its result is written.
void Queue::Impl::changed(const QueueEntry& entry, const QueueChange& change_to) {
  note_event(entry, event_of(change_to.kind),
             change_to.kind == QueueChange::Kind::kReroute ? change_to.route : change_to.reason);
  const bool dropped = change_to.kind == QueueChange::Kind::kDrop;
  const Admission admission = admission_of(entry);
  const std::scoped_lock lock(mutex);
  const Slot slot = schedule.find(entry.id);
  if (slot == kNoSlot || !schedule.withdraw(slot)) return;
  (void)take_kept(slot);
  if (dropped) {
    schedule.erase(slot);
    entries.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  schedule.admit_again(slot, admission, now());
  if (change_to.kind == QueueChange::Kind::kRetry) schedule.forget_backoff(entry.domain, now());
}

Queue::Result<void> Queue::Impl::pause(Pause wanted) {
  const auto keep_alive = shared_from_this();
  if (wanted.since == SystemTime{}) wanted.since = parts.clock.now();
  auto stored = co_await parts.shards.put_pause(wanted);
  if (!stored) co_return std::unexpected(stored.error());
  parts.log.info("queue.paused",
                 {{"what", to_string(wanted.of)}, {"subject", wanted.subject}, {"reason", wanted.reason}});
  pauses.put(wanted);
  if (wanted.of == PauseOf::kSender) co_return co_await apply_sender_pause(wanted.subject);
  const std::scoped_lock lock(mutex);
  if (wanted.of == PauseOf::kEverything) schedule.pause_all(true);
  if (wanted.of == PauseOf::kDestination) schedule.pause_destination(wanted.subject, now());
  co_return std::expected<void, StoreError>{};
}

Queue::Result<bool> Queue::Impl::resume(PauseOf of, std::string subject) {
  const auto keep_alive = shared_from_this();
  auto erased = co_await parts.shards.erase_pause(of, subject);
  if (!erased) co_return std::unexpected(erased.error());
  pauses.erase(of, subject);
  if (*erased) parts.log.info("queue.unpaused", {{"what", to_string(of)}, {"subject", subject}});
  if (of == PauseOf::kSender) {
    auto applied = co_await apply_sender_pause(subject);
    if (!applied) co_return std::unexpected(applied.error());
  } else {
    const std::scoped_lock lock(mutex);
    if (of == PauseOf::kEverything) schedule.pause_all(false);
    if (of == PauseOf::kDestination) schedule.resume_destination(subject, now());
  }
  pump();
  co_return *erased;
}

/// Entries in memory do not say whose they are: the rows do.
Queue::Result<void> Queue::Impl::apply_sender_pause(std::string subject) {
  QueueQuery query;
  query.sender = subject == "<>" ? std::string() : subject;
  for (Shard shard = 0; shard < kShards; ++shard) {
    std::optional<EntryId> after;
    while (true) {
      auto page = co_await parts.shards.find(shard, query, after, kPage);
      if (!page) co_return std::unexpected(page.error());
      for (const auto& entry : page->entries) {
        const bool held = pauses.holds_sender(entry.sender);
        const std::scoped_lock lock(mutex);
        const Slot slot = schedule.find(entry.id);
        if (slot == kNoSlot) continue;
        if (held)
          schedule.pause_sender_of(slot);
        else
          schedule.resume_sender_of(slot, now());
      }
      if (!page->next) break;
      after = page->next;
    }
  }
  co_return std::expected<void, StoreError>{};
}

/// Reads all that waits and asks the routes again.
asio::awaitable<void> Queue::Impl::find_ways_again() {
  const auto keep_alive = shared_from_this();
  for (Shard shard = 0; shard < kShards; ++shard) {
    std::optional<EntryId> after;
    while (true) {
      auto page = co_await parts.shards.load(shard, after, kPage);
      if (!page) break;
      for (const auto& loaded_entry : page->entries) {
        const Admission admission = admission_of(loaded_entry.entry);
        const std::scoped_lock lock(mutex);
        const Slot slot = schedule.find(loaded_entry.entry.id);
        if (slot == kNoSlot || schedule.goes_by(slot, admission.hop) || !schedule.withdraw(slot)) continue;
        schedule.admit_again(slot, admission, now());
      }
      if (!page->next) break;
      after = page->next;
    }
  }
  pump();
}

/// What waits for a brake of this account is looked at again at once.
Queue::Result<void> Queue::Impl::set_brakes(AccountId account, std::optional<BrakeLimits> limits) {
  const auto keep_alive = shared_from_this();
  auto set = co_await brakes.set(account, limits);
  if (!set) co_return std::unexpected(set.error());
  QueueQuery query;
  query.submitter = account;
  query.held = true;
  for (Shard shard = 0; shard < kShards; ++shard) {
    std::optional<EntryId> after;
    while (true) {
      auto page = co_await parts.shards.find(shard, query, after, kPage);
      if (!page) co_return std::unexpected(page.error());
      for (auto& entry : page->entries) {
        if (entry.hold != state::spool::Hold::kBrake) continue;
        entry.due_at = parts.clock.now();
        const Admission admission = admission_of(entry);
        const std::scoped_lock lock(mutex);
        const Slot slot = schedule.find(entry.id);
        if (slot != kNoSlot && schedule.withdraw(slot)) schedule.admit_again(slot, admission, now());
      }
      if (!page->next) break;
      after = page->next;
    }
  }
  pump();
  co_return std::expected<void, StoreError>{};
}

}  // namespace veredus::work::queue
