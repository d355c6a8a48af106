#include "state/journal/journal.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <iterator>
#include <set>
#include <span>
#include <utility>

#include "base/crypto/random.h"
#include "base/types/result.h"
#include "state/journal/block.h"

namespace veredus::state::journal {

using base::observe::JournalEvent;
using io::engine::Durability;
using io::engine::Engine;
using io::engine::Kind;
using io::engine::Partition;
using io::engine::StoreError;

namespace {

using Events = std::vector<JournalEvent>;

constexpr std::size_t kBlockEvents = 1000;
constexpr std::uint32_t kDaysAPage = 1000;
constexpr std::uint32_t kIndexPage = 200;  // blocks read for one look at the index

Partition day_partition(std::uint64_t day) { return {.kind = Kind::kJournal, .id = day}; }

bool matches(const JournalEvent& event, const Query& query, std::string_view value) {
  return event.at >= query.from && event.at < query.until && has_term(event, query.term, value);
}

bool is_same(const JournalEvent& a, const JournalEvent& b) {
  return a.at == b.at && a.message_id == b.message_id && a.kind == b.kind && a.details == b.details;
}

/// Whether `event` is among those of its moment at the end of `events`.
bool is_there(const Events& events, const JournalEvent& event) {
  for (auto other = events.rbegin(); other != events.rend() && other->at == event.at; ++other)
    if (is_same(*other, event)) return true;
  return false;
}

/// Oldest first, each once, the newest `limit`. Events of one moment keep their order.
Events settled(Events events, std::size_t limit) {
  std::vector<std::pair<SystemTime, std::size_t>> order;
  for (std::size_t i = 0; i < events.size(); ++i) order.emplace_back(events[i].at, i);
  std::ranges::sort(order);
  Events once;
  for (const auto& [at, index] : order)
    if (!is_there(once, events[index])) once.push_back(std::move(events[index]));
  if (once.size() > limit) once.erase(once.begin(), once.end() - static_cast<std::ptrdiff_t>(limit));
  return once;
}

/// Whether the events, all of one message, have everything that was asked for besides.
bool has_all(const Events& events, const Query& query) {
  return std::ranges::all_of(query.also, [&](const Query::Also& also) {
    const auto value = normal_form(also.value);
    return std::ranges::any_of(events, [&](const auto& event) { return has_term(event, also.term, value); });
  });
}

/// Puts `older` before `events`.
void prepend(Events& events, Events older) {
  std::ranges::move(events, std::back_inserter(older));
  events = std::move(older);
}

}  // namespace

struct Journal::Queue {
  mutable std::mutex mutex;
  Events waiting;
  std::vector<std::shared_ptr<const Events>> under_way;
  std::function<void()> wake;  // run() is to write now
  std::uint64_t dropped = 0;
  std::uint32_t sequence = static_cast<std::uint32_t>(base::crypto::random_u64());
};

Journal::Journal(Engine& engine, const Clock& clock, Options options)
    : engine_(engine), clock_(clock), options_(options), queue_(std::make_unique<Queue>()) {}

Journal::~Journal() = default;

void Journal::record(JournalEvent event) {
  const std::scoped_lock lock(queue_->mutex);
  if (queue_->waiting.size() >= options_.max_waiting) {
    ++queue_->dropped;
    return;
  }
  queue_->waiting.push_back(std::move(event));
  if (queue_->waiting.size() == options_.flush_events && queue_->wake) queue_->wake();
}

std::uint64_t Journal::dropped() const {
  const std::scoped_lock lock(queue_->mutex);
  return queue_->dropped;
}

asio::awaitable<void> Journal::run() {
  const auto executor = co_await asio::this_coro::executor;
  const auto timer = std::make_shared<asio::steady_timer>(executor);
  {
    const std::scoped_lock lock(queue_->mutex);
    queue_->wake = [executor, timer] { asio::post(executor, [timer] { timer->cancel(); }); };
  }
  auto next_sweep = clock_.steady_now();
  while (true) {
    timer->expires_after(options_.flush_every);
    constexpr auto kAnswerErrors = asio::as_tuple(asio::use_awaitable);
    co_await timer->async_wait(kAnswerErrors);
    const auto flushed = co_await flush();
    if (!flushed || clock_.steady_now() < next_sweep) continue;
    next_sweep = clock_.steady_now() + options_.sweep_every;
    co_await sweep();
  }
}

Journal::Result<void> Journal::flush() {
  std::shared_ptr<const Events> events;
  {
    const std::scoped_lock lock(queue_->mutex);
    if (queue_->waiting.empty()) co_return std::expected<void, StoreError>{};
    events = std::make_shared<const Events>(std::exchange(queue_->waiting, {}));
    queue_->waiting.reserve(options_.flush_events);
    queue_->under_way.push_back(events);
  }
  const auto outcome = co_await write(events);
  outcome ? written(events) : put_back(events);
  co_return outcome;
}

Journal::Result<void> Journal::write(std::shared_ptr<const Events> events) {
  for (std::size_t begin = 0; begin < events->size(); begin += kBlockEvents) {
    const auto block = std::span(*events).subspan(begin, std::min(kBlockEvents, events->size() - begin));
    // Not std::ranges::min: it copies each event.
    BlockName name{.first = std::ranges::min_element(block, {}, &JournalEvent::at)->at};
    name.day = day_of(name.first);
    {
      const std::scoped_lock lock(queue_->mutex);
      name.sequence = queue_->sequence++;
    }
    io::engine::Batch batch;
    batch.keep_version();
    batch.put(block_key(name), encode_block(block));
    for (const auto term : terms_of(block)) batch.put(index_key(term, name), {});
    VEREDUS_CO_TRY(co_await engine_.commit(day_partition(name.day), std::move(batch), Durability::kRelaxed));
  }
  co_return std::expected<void, StoreError>{};
}

void Journal::written(const std::shared_ptr<const Events>& events) {
  const std::scoped_lock lock(queue_->mutex);
  std::erase(queue_->under_way, events);
}

/// A part of them may be on disk already: lookups pass over the second copy.
void Journal::put_back(const std::shared_ptr<const Events>& events) {
  const std::scoped_lock lock(queue_->mutex);
  std::erase(queue_->under_way, events);
  queue_->waiting.insert(queue_->waiting.begin(), events->begin(), events->end());
  if (queue_->waiting.size() <= options_.max_waiting) return;
  queue_->dropped += queue_->waiting.size() - options_.max_waiting;
  queue_->waiting.resize(options_.max_waiting);
}

Journal::Result<std::size_t> Journal::sweep() {
  const auto oldest_kept = day_of(clock_.now() - options_.retention);
  VEREDUS_CO_TRY(const auto days, co_await engine_.partitions(Kind::kJournal, 0, kDaysAPage));
  std::size_t erased = 0;
  for (const auto day : days) {
    if (day >= oldest_kept) break;
    io::engine::Batch batch;
    batch.keep_version();
    batch.erase_range("i", "y");
    VEREDUS_CO_TRY(co_await engine_.commit(day_partition(day), std::move(batch), Durability::kRelaxed));
    ++erased;
  }
  co_return erased;
}

void Journal::find_waiting(const Query& query, Events& found) const {
  const std::string value = normal_form(query.value);
  const auto wanted = [&](const JournalEvent& event) { return matches(event, query, value); };
  const std::scoped_lock lock(queue_->mutex);
  for (const auto& events : queue_->under_way) std::ranges::copy_if(*events, std::back_inserter(found), wanted);
  std::ranges::copy_if(queue_->waiting, std::back_inserter(found), wanted);
}

Journal::Result<Journal::Events> Journal::find_in_day(Query query, std::uint64_t day) {
  const std::string value = normal_form(query.value);
  const auto term = term_hash(query.term, query.value);
  const io::engine::ScanOptions options{.limit = kIndexPage, .reverse = true, .keys_only = true};
  const std::string low = index_low(term, SystemTime{});
  std::string high = index_high(term);
  Events found;
  while (true) {
    VEREDUS_CO_TRY(const auto page, co_await engine_.scan(day_partition(day), low, high, options));
    for (const auto& row : page.rows) {
      const auto name = block_of_index(day, row.key);
      if (!name) co_return std::unexpected(StoreError::kCorrupt);
      const std::vector<io::engine::Key> keys{block_key(*name)};
      VEREDUS_CO_TRY(const auto values, co_await engine_.get(day_partition(day), keys));
      if (!values[0]) continue;  // swept meanwhile
      auto events = decode_block(*values[0]);
      if (!events) co_return std::unexpected(StoreError::kCorrupt);
      std::erase_if(*events, [&](const JournalEvent& event) { return !matches(event, query, value); });
      prepend(found, *std::move(events));
      if (found.size() >= query.limit) co_return found;
    }
    if (!page.more || page.rows.empty()) co_return found;
    high = page.rows.back().key;
  }
}

Journal::Result<Journal::Events> Journal::find(Query query) {
  Events found;
  find_waiting(query, found);
  const auto first_day = day_of(query.from);
  VEREDUS_CO_TRY(auto days, co_await engine_.partitions(Kind::kJournal, first_day > 0 ? first_day - 1 : 0, kDaysAPage));
  const auto last_day = day_of(query.until);
  for (auto day = days.rbegin(); day != days.rend() && found.size() < query.limit; ++day) {
    if (*day > last_day) continue;
    VEREDUS_CO_TRY(auto events, co_await find_in_day(query, *day));
    prepend(found, std::move(events));
  }
  co_return settled(std::move(found), query.limit);
}

Journal::Result<Journal::Events> Journal::trace(Query query) {
  VEREDUS_CO_TRY(auto found, co_await find(query));
  if (query.term == Term::kQueueId) co_return has_all(found, query) ? found : Events();
  std::set<std::string> ids;
  for (const auto& event : found) ids.insert(event.message_id);
  // Some were refused before they had an id: each of these stands alone.
  std::erase_if(found,
                [&](const JournalEvent& event) { return !event.message_id.empty() || !has_all(Events{event}, query); });
  ids.erase("");
  for (const auto& id : ids) {
    Query whole{.term = Term::kQueueId, .value = id};
    VEREDUS_CO_TRY(auto events, co_await find(whole));
    if (has_all(events, query)) std::ranges::move(events, std::back_inserter(found));
  }
  const auto count = found.size();
  co_return settled(std::move(found), count);
}

}  // namespace veredus::state::journal
