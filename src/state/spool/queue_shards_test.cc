#include "state/spool/queue_shards.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "io/engine/memory_engine.h"
#include "io/net/task_group.h"
#include "state/spool/spooled_message.h"
#include "support/queue_draft.h"
#include "support/run.h"

namespace veredus::state::spool {
namespace {

using io::engine::MemoryEngine;
using io::engine::StoreError;
using test::kQueueNow;
using test::queue_entry;
using test::queue_id;
using namespace std::chrono_literals;

const std::string kDomain = "example.org";
const Shard kShard = shard_of(kDomain);

class QueueShardsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(run(shards_.acquire())); }

  template <class T>
  T run(asio::awaitable<T> work) {
    return test::run(io_, std::move(work));
  }
  SharedEntry put(std::uint64_t number, std::string body = "hello") {
    return put(queue_entry(number, kDomain), std::move(body));
  }
  SharedEntry put(QueueEntry entry, std::string body) {
    std::vector<QueueEntry> entries;
    entries.push_back(std::move(entry));
    auto stored = run(shards_.enqueue(kShard, {.entries = std::move(entries), .last_chunk = std::move(body)}));
    EXPECT_TRUE(stored);
    return stored->at(0);
  }
  std::vector<LoadedEntry> all() { return run(shards_.load(kShard, std::nullopt, 1000))->entries; }
  bool has_body(std::uint64_t number, std::uint32_t chunk = 0) {
    return run(shards_.read_chunk(kShard, queue_id(number), chunk)).has_value();
  }
  std::vector<SharedEntry> settle(Settlement settlement) {
    std::vector<Settlement> settlements;
    settlements.push_back(std::move(settlement));
    auto settled = run(shards_.settle(kShard, std::move(settlements)));
    EXPECT_TRUE(settled);
    return *settled;
  }
  std::vector<QueueEntry> change(QueueQuery query, QueueChange change) {
    return run(shards_.change(kShard, std::move(query), std::move(change), std::nullopt, 1000))->entries;
  }
  /// Rows of the shard that begin so.
  std::size_t rows(const std::string& kind) {
    const auto page = run(engine_.scan({.kind = io::engine::Kind::kQueue, .id = kShard}, kind, kind + "\xFF", {}));
    return page->rows.size();
  }

  asio::io_context io_;
  FixedClock clock_{kQueueNow};
  MemoryEngine engine_{{.clock = &clock_}};
  QueueShards shards_{engine_, clock_, {}};
};

TEST_F(QueueShardsTest, GivesBackWhatWasEnqueuedUntilItIsSettled) {
  const auto entry = put(1);
  EXPECT_EQ(*entry, queue_entry(1, kDomain));
  EXPECT_EQ(run(shards_.read(kShard, {entry->id, EntryId()})).value(),
            (std::vector<std::optional<QueueEntry>>{*entry, std::nullopt}));
  EXPECT_EQ(*run(shards_.read_chunk(kShard, queue_id(1), 0)), "hello");
  EXPECT_EQ(*run(shards_.read_first_chunks(kShard, {queue_id(2), queue_id(1)})),
            (std::vector<std::optional<std::string>>{std::nullopt, "hello"}));
  EXPECT_EQ(settle(Settlement::done(*entry)), std::vector<SharedEntry>{nullptr});
  EXPECT_TRUE(all().empty());
  EXPECT_FALSE(has_body(1));
  EXPECT_EQ(rows(""), 0U);
}

TEST_F(QueueShardsTest, TakesNothingWithoutItsLease) {
  QueueShards other(engine_, clock_, {.node = NodeId(2)});
  std::vector<QueueEntry> entries{queue_entry(1, kDomain)};
  const auto outcome = run(other.enqueue(kShard, {.entries = entries, .last_chunk = "hello"}));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error(), StoreError::kFenced);
  EXPECT_EQ(run(other.acquire()).error(), StoreError::kFenced);
}

TEST_F(QueueShardsTest, IsFencedOffByWhoeverTakesItOver) {
  const auto entry = put(1);
  clock_.advance(16s);
  QueueShards other(engine_, clock_, {.node = NodeId(2)});
  ASSERT_TRUE(run(other.acquire()));
  const auto settled = run(shards_.settle(kShard, {Settlement::done(*entry)}));
  ASSERT_FALSE(settled);
  EXPECT_EQ(settled.error(), StoreError::kFenced);
  EXPECT_EQ(run(shards_.mark(kShard, {{.id = entry->id}})).error(), StoreError::kFenced);
  EXPECT_EQ(run(other.load(kShard, std::nullopt, 10))->entries.size(), 1U);
}

TEST_F(QueueShardsTest, RenewingTellsWhatWasLostAndTakenBack) {
  EXPECT_TRUE(run(shards_.renew())->empty());
  clock_.advance(16s);
  EXPECT_EQ(run(shards_.renew())->size(), kShards);
  clock_.advance(16s);
  QueueShards other(engine_, clock_, {.node = NodeId(2)});
  ASSERT_TRUE(run(other.acquire()));
  EXPECT_TRUE(run(shards_.renew())->empty());
  EXPECT_FALSE(shards_.holds(kShard));
  ASSERT_TRUE(run(other.release()));
  EXPECT_EQ(run(shards_.renew())->size(), kShards);
  EXPECT_TRUE(shards_.holds(kShard));
}

TEST_F(QueueShardsTest, AdoptsStagedChunksAndErasesThemWithTheEntry) {
  auto entry = queue_entry(1, kDomain);
  entry.chunks = 3;
  ASSERT_TRUE(run(shards_.stage(kShard, queue_id(1), 0, "a")));
  ASSERT_TRUE(run(shards_.stage(kShard, queue_id(1), 1, "b")));
  EXPECT_TRUE(all().empty());
  put(entry, "c");
  EXPECT_EQ(rows("p"), 0U);
  EXPECT_EQ(rows("x"), 3U);
  settle(Settlement::done(entry));
  EXPECT_EQ(rows(""), 0U);
}

TEST_F(QueueShardsTest, SweepsChunksWhoseMessageNeverCameAndRefusesItThen) {
  auto entry = queue_entry(1, kDomain);
  entry.chunks = 2;
  ASSERT_TRUE(run(shards_.stage(kShard, queue_id(1), 0, "a")));
  EXPECT_EQ(*run(shards_.sweep()), 0U);
  clock_.advance(25h);
  ASSERT_TRUE(run(shards_.renew()));
  EXPECT_EQ(*run(shards_.sweep()), 1U);
  EXPECT_EQ(rows(""), 0U);
  const auto late = run(shards_.enqueue(kShard, {.entries = {entry}, .last_chunk = "b"}));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error(), StoreError::kConflict);
  EXPECT_EQ(rows(""), 0U);
}

TEST_F(QueueShardsTest, NeverDiscardsWhatAnEntryHolds) {
  put(1);
  ASSERT_TRUE(run(shards_.discard(kShard, queue_id(1))));
  EXPECT_TRUE(has_body(1));
}

TEST_F(QueueShardsTest, KeepsASharedBodyUntilTheLastOfItsEntriesIsGone) {
  auto first = queue_entry(1, kDomain);
  auto second = first;
  auto third = first;
  second.id = EntryId::make(queue_id(1), kDomain, "smart");
  third.id = EntryId::make(queue_id(1), kDomain, "", 1);
  const auto stored = run(shards_.enqueue(kShard, {.entries = {first, second, third}, .last_chunk = "hello"}));
  ASSERT_TRUE(stored);
  for (const auto& entry : *stored) EXPECT_TRUE(entry->shares_body);
  settle(Settlement::done(*stored->at(0)));
  EXPECT_TRUE(has_body(1));
  std::vector<Settlement> rest{Settlement::done(*stored->at(1)), Settlement::done(*stored->at(2))};
  ASSERT_TRUE(run(shards_.settle(kShard, rest)));
  EXPECT_EQ(rows(""), 0U);
}

TEST_F(QueueShardsTest, EnqueuesOnceWhatIsToBeThereOnce) {
  auto entry = queue_entry(1, kDomain);
  entry.chunks = 2;
  const auto enqueue = [&] {
    EXPECT_TRUE(run(shards_.stage(kShard, queue_id(1), 0, "a")));
    return run(shards_.enqueue(kShard, {.entries = {entry}, .last_chunk = "b", .once = true}));
  };
  EXPECT_EQ(enqueue()->size(), 1U);
  EXPECT_EQ(enqueue()->size(), 0U);
  EXPECT_EQ(all().size(), 1U);
  EXPECT_EQ(rows("x"), 2U);
  EXPECT_EQ(rows("p"), 0U);
  settle(Settlement::done(entry));
  EXPECT_EQ(enqueue()->size(), 0U);  // sent long ago: its chunks go, too
  EXPECT_EQ(rows("x") + rows("p") + rows("e"), 0U);
  clock_.advance(8 * 24h);
  ASSERT_TRUE(run(shards_.renew()));
  EXPECT_EQ(*run(shards_.sweep()), 1U);
  EXPECT_EQ(rows(""), 0U);
}

TEST_F(QueueShardsTest, RefusesWhatCouldOutgrowARow) {
  auto entry = queue_entry(1, kDomain);
  entry.recipients.assign(2 * kMaxEntryRecipients + 100, entry.recipients.front());
  const auto outcome = run(shards_.enqueue(kShard, {.entries = {entry}, .last_chunk = "hello"}));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error(), StoreError::kTooBig);
  EXPECT_EQ(rows(""), 0U);
}

TEST_F(QueueShardsTest, RewritesWhatIsLeftAndForgetsTheMark) {
  const auto entry = put(1);
  ASSERT_TRUE(run(shards_.mark(kShard, {{.id = entry->id, .at = kQueueNow, .host = "mx1"}})));
  ASSERT_TRUE(all()[0].mark);
  auto left = *entry;
  left.attempts = 1;
  left.due_at += 1h;
  left.recipients[0].last_reply = "451 later";
  const auto stored = settle(Settlement::again(left));
  EXPECT_EQ(*stored[0], left);
  EXPECT_EQ(all()[0].entry, left);
  EXPECT_FALSE(all()[0].mark);
  EXPECT_TRUE(has_body(1));
}

TEST_F(QueueShardsTest, TellsWhoTakesItOverWhatWasPerhapsSent) {
  for (std::uint64_t number = 1; number <= 3; ++number) put(number);
  const auto id = queue_entry(2, kDomain).id;
  ASSERT_TRUE(run(shards_.mark(kShard, {{.id = id, .at = kQueueNow, .host = "mx1.example.org"}})));
  QueueShards restarted(engine_, clock_, {});
  ASSERT_TRUE(run(restarted.acquire()));
  const auto page = *run(restarted.load(kShard, std::nullopt, 1000));
  ASSERT_EQ(page.entries.size(), 3U);
  EXPECT_FALSE(page.next);
  EXPECT_FALSE(page.entries[0].mark);
  ASSERT_TRUE(page.entries[1].mark);
  EXPECT_EQ(page.entries[1].mark->host, "mx1.example.org");
  EXPECT_GT(page.entries[1].mark->epoch, 0U);
  EXPECT_FALSE(page.entries[2].mark);
}

TEST_F(QueueShardsTest, LoadsPageByPage) {
  for (std::uint64_t number = 1; number <= 5; ++number) put(number);
  std::vector<EntryId> seen;
  std::optional<EntryId> after;
  int pages = 0;
  do {
    const auto page = *run(shards_.load(kShard, after, 2));
    for (const auto& loaded : page.entries) seen.push_back(loaded.entry.id);
    after = page.next;
    ++pages;
  } while (after);
  EXPECT_EQ(pages, 3);
  ASSERT_EQ(seen.size(), 5U);
  EXPECT_TRUE(std::ranges::is_sorted(seen));
}

TEST_F(QueueShardsTest, NamesRowsThatCannotBeReadAndLoadsTheRest) {
  put(1);
  put(2);
  io::engine::Batch batch;
  batch.put(queue_keys::entry(queue_entry(1, kDomain).id), "nonsense");
  ASSERT_TRUE(run(engine_.commit({.kind = io::engine::Kind::kQueue, .id = kShard}, batch, {})));
  const auto page = *run(shards_.load(kShard, std::nullopt, 10));
  EXPECT_EQ(page.damaged, std::vector{queue_entry(1, kDomain).id});
  ASSERT_EQ(page.entries.size(), 1U);
  EXPECT_EQ(page.entries[0].entry, queue_entry(2, kDomain));
}

TEST_F(QueueShardsTest, KeepsTheOutboxUntilItIsDone) {
  const auto entry = put(1);
  auto settlement = Settlement::done(*entry);
  const std::string big(kChunkOctets + 10, 'r');
  settlement.outbox = {{.id = queue_id(50), .about = entry->id, .recipient = "alice@demo.test", .message = big},
                       {.id = queue_id(51), .about = entry->id, .recipient = "bob@demo.test", .message = "short"}};
  settle(settlement);
  const auto items = *run(shards_.outbox(kShard, 10));
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items, settlement.outbox);
  ASSERT_TRUE(run(shards_.outbox_done(kShard, {queue_id(50)})));
  EXPECT_EQ(run(shards_.outbox(kShard, 10))->size(), 1U);
  ASSERT_TRUE(run(shards_.outbox_done(kShard, {queue_id(51), queue_id(50)})));
  EXPECT_EQ(rows(""), 0U);
}

TEST_F(QueueShardsTest, ChangesExactlyWhatMatches) {
  for (std::uint64_t number = 1; number <= 6; ++number) {
    auto entry = queue_entry(number, kDomain);
    if (number % 2 == 0) entry.sender = "carol@demo.test";
    put(entry, "hello");
  }
  const QueueQuery carol{.sender = "carol@demo.test"};
  using Kind = QueueChange::Kind;
  EXPECT_EQ(change(carol, {.kind = Kind::kHold, .reason = "why"}).size(), 3U);
  EXPECT_EQ(change(carol, {.kind = Kind::kHold, .reason = "why"}).size(), 0U);
  EXPECT_EQ(run(shards_.find(kShard, {.held = true}, std::nullopt, 100))->entries.size(), 3U);
  EXPECT_EQ(change({}, {.kind = Kind::kRelease, .due_at = kQueueNow + 1h}).size(), 3U);
  EXPECT_EQ(change({.message = queue_id(3)}, {.kind = Kind::kReroute, .route = "smart"}).size(), 1U);
  EXPECT_EQ(change(carol, {.kind = Kind::kDrop}).size(), 3U);
  EXPECT_EQ(all().size(), 3U);
  EXPECT_EQ(rows("x"), 3U);
  EXPECT_EQ(change({}, {.kind = Kind::kDrop}).size(), 3U);
  EXPECT_EQ(rows(""), 0U);
}

TEST_F(QueueShardsTest, FindsAMessageWithoutGoingThroughTheShard) {
  for (std::uint64_t number = 1; number <= 20; ++number) put(number);
  const auto page = *run(shards_.find(kShard, {.message = queue_id(15)}, std::nullopt, 2));
  ASSERT_EQ(page.entries.size(), 1U);
  EXPECT_EQ(page.entries[0].id.message(), queue_id(15));
  EXPECT_FALSE(page.next);
}

TEST_F(QueueShardsTest, LetsWhatAnAdministratorDidDuringAnAttemptStand) {
  const auto entry = put(1);
  auto left = *entry;
  left.attempts = 1;
  left.due_at += 1h;
  using Kind = QueueChange::Kind;
  change({}, {.kind = Kind::kHold, .reason = "why"});
  change({}, {.kind = Kind::kReroute, .due_at = kQueueNow, .route = "smart"});
  const auto stored = settle(Settlement::again(left));
  EXPECT_EQ(stored[0]->hold, Hold::kAdministrator);
  EXPECT_EQ(stored[0]->hold_reason, "why");
  EXPECT_EQ(stored[0]->route, "smart");
  EXPECT_EQ(stored[0]->due_at, left.due_at);
  change({}, {.kind = Kind::kBounce, .due_at = kQueueNow + 1s});
  EXPECT_EQ(settle(Settlement::again(left))[0]->due_at, kQueueNow + 1s);
  change({}, {.kind = Kind::kDrop});
  EXPECT_EQ(settle(Settlement::again(left))[0], nullptr);
  EXPECT_EQ(rows(""), 0U);
}

TEST_F(QueueShardsTest, RemembersDestinationsAndPauses) {
  const DestinationState state{.domain = kDomain, .connections = 5, .last_reply = "421 busy", .changed_at = kQueueNow};
  ASSERT_TRUE(run(shards_.put_destinations(kShard, {state})));
  EXPECT_EQ(*run(shards_.destinations(kShard)), std::vector{state});
  ASSERT_TRUE(run(shards_.put_destinations(kShard, {{.domain = "other.test"}})));
  ASSERT_TRUE(run(shards_.forget_destinations(kShard, {"other.test"})));
  EXPECT_EQ(*run(shards_.destinations(kShard)), std::vector{state});
  const Pause everything{.of = PauseOf::kEverything, .reason = "moving", .since = kQueueNow};
  const Pause domain{.of = PauseOf::kDestination, .subject = kDomain, .since = kQueueNow};
  ASSERT_TRUE(run(shards_.put_pause(everything)));
  ASSERT_TRUE(run(shards_.put_pause(domain)));
  EXPECT_EQ(*run(shards_.pauses()), (std::vector{everything, domain}));
  EXPECT_TRUE(*run(shards_.erase_pause(PauseOf::kEverything, "")));
  EXPECT_FALSE(*run(shards_.erase_pause(PauseOf::kEverything, "")));
  EXPECT_EQ(*run(shards_.pauses()), std::vector{domain});
}

asio::awaitable<void> settle_one(QueueShards* shards, SharedEntry entry, int* done) {
  const std::vector<Settlement> settlements{Settlement::done(*entry)};
  const auto settled = co_await shards->settle(kShard, settlements);
  if (settled) ++*done;
}

TEST_F(QueueShardsTest, MergesWhatComesWhileACommitIsUnderWay) {
  constexpr int kMany = 100;
  std::vector<SharedEntry> entries;
  for (int i = 0; i < kMany; ++i) entries.push_back(put(static_cast<std::uint64_t>(i)));
  const auto before = engine_.operations();
  int done = 0;
  io::net::TaskGroup group(io_.get_executor());
  for (const auto& entry : entries) group.spawn(settle_one(&shards_, entry, &done));
  io_.restart();
  io_.run();
  EXPECT_EQ(done, kMany);
  EXPECT_LE(engine_.operations() - before, 3U);
  EXPECT_EQ(rows(""), 0U);
}

TEST_F(QueueShardsTest, IsLeftInOrderByTasksThatAreCancelled) {
  for (int steps = 1; steps < 60; ++steps) {
    SCOPED_TRACE(steps);
    std::vector<SharedEntry> entries;
    for (std::uint64_t i = 0; i < 5; ++i) entries.push_back(put(i));
    int done = 0;
    io::net::TaskGroup group(io_.get_executor());
    for (const auto& entry : entries) group.spawn(settle_one(&shards_, entry, &done));
    io_.restart();
    for (int i = 0; i < steps; ++i) io_.run_one();
    group.cancel();
    io_.run();
    EXPECT_EQ(group.size(), 0U);
    put(99);  // does not wait for ever
  }
}

}  // namespace
}  // namespace veredus::state::spool
