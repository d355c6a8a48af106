#include <map>
#include <utility>

#include "work/queue/impl.h"
#include "work/queue/shard_body.h"

namespace veredus::work::queue {

using state::spool::QueueChange;
using state::spool::QueueQuery;

namespace {

constexpr std::uint32_t kChangePage = 1000;

asio::awaitable<std::string> header_from(state::spool::QueueShards* shards, const QueueEntry* entry) {
  ShardBody body(*shards, state::spool::shard_of(entry->domain), entry->id.message(), entry->octets, entry->chunks);
  const auto first = co_await body.chunk(0);
  co_return first ? entry->trace + header_of(*first) : entry->trace;
}

}  // namespace

/// Entries that somebody must look at: expired, late, without a site, or with their brake's time over.
asio::awaitable<void> Queue::Impl::work_desk(std::vector<DeskItem> items) {
  const auto keep_alive = shared_from_this();
  std::map<Shard, std::vector<DeskItem>> by_shard;
  {
    const std::scoped_lock lock(mutex);
    for (auto& item : items) by_shard[state::spool::shard_of(schedule.domain_of(item.slot))].push_back(std::move(item));
  }
  for (auto& [shard, some] : by_shard) co_await work_desk_shard(shard, std::move(some));
  pump();
}

asio::awaitable<void> Queue::Impl::work_desk_shard(Shard shard, std::vector<DeskItem> items) {
  constexpr std::size_t kAtOnce = 200;
  for (std::size_t from = 0; from < items.size(); from += kAtOnce) {
    const std::size_t end = std::min(from + kAtOnce, items.size());
    std::vector<EntryId> ids;
    for (std::size_t i = from; i < end; ++i) ids.push_back(items[i].id);
    const auto read = co_await parts.shards.read(shard, std::move(ids));
    for (std::size_t i = from; i < end; ++i) {
      if (!read) {
        const std::scoped_lock lock(mutex);
        schedule.look_again_later(items[i].slot, now());
      } else if (const auto& entry = (*read)[i - from]) {
        co_await decide(&items[i], &*entry);
      } else {
        settled(items[i].slot, nullptr);
      }
    }
  }
}

/// The row has the last word: it may have been changed since the alarm was set.
asio::awaitable<void> Queue::Impl::decide(const DeskItem* item, const QueueEntry* entry) {
  const SystemTime time = parts.clock.now();
  const auto again = std::make_shared<const QueueEntry>(*entry);
  Judged judged;
  switch (item->matter) {
    case DeskItem::Matter::kExpired:
      if (expiry_of(*entry) > time) co_return settled(item->slot, again);
      judged = judge_expired(*entry, item->last_failure, time);
      break;
    case DeskItem::Matter::kNotice:
      judged = judge_late(*entry, item->last_failure, time);
      break;
    case DeskItem::Matter::kNoSite:
      judged = judge_no_site(*entry, item->site.value_or(smtpclient::SiteError::kNoSuchDomain), time);
      break;
    case DeskItem::Matter::kUnbrake:
      co_return co_await unbrake(item->slot, again);
  }
  std::string original;
  if (!judged.reported.empty() && entry->sender) original = co_await header_from(&parts.shards, entry);
  conclude(item->slot, *entry, std::move(judged), std::move(original), false);
}

/// A brake's time is over, or was not known after a restart: it goes, or waits again.
asio::awaitable<void> Queue::Impl::unbrake(Slot slot, SharedEntry entry) {
  if (entry->hold != state::spool::Hold::kBrake) co_return settled(slot, entry);
  const auto recipients = static_cast<std::uint32_t>(entry->recipients.size());
  const auto braked =
      co_await brakes.check_again(entry->submitter.value_or(AccountId{}), entry->id.message(), recipients);
  if (braked) {
    auto held = std::make_shared<QueueEntry>(*entry);
    held->due_at = braked->until.value_or(SystemTime::max());
    co_return settled(slot, held);
  }
  QueueQuery query;
  query.entry = entry->id;
  QueueChange change;
  change.kind = QueueChange::Kind::kRelease;
  change.due_at = parts.clock.now();
  const Shard shard = state::spool::shard_of(entry->domain);
  const auto done = co_await parts.shards.change(shard, std::move(query), change, std::nullopt, kChangePage);
  auto released = std::make_shared<QueueEntry>(*entry);
  if (done) {
    released->hold = state::spool::Hold::kNone;
    released->hold_reason.clear();
    note_event(*released, "released", "the brake's time is over");
  } else {
    released->due_at = parts.clock.now() + std::chrono::minutes(1);
  }
  settled(slot, released);
}

}  // namespace veredus::work::queue
