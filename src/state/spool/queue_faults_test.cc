#include <gtest/gtest.h>

#include <chrono>

#include "io/engine/memory_engine.h"
#include "state/spool/queue_shards.h"
#include "support/queue_draft.h"
#include "support/run.h"

/// Each operation of the engine fails in turn, in each way; whoever asked repeats what failed. The end is always the
/// same.
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

class Story {
 public:
  explicit Story(io::engine::FaultPlan faults) { engine_.plan_faults(faults); }

  void tell() {
    until_done([&] { return run(shards_.acquire()); });
    auto big = queue_entry(1, kDomain);
    big.chunks = 2;
    until_done([&] { return run(shards_.stage(kShard, queue_id(1), 0, "a")); });
    enqueue({.entries = {big}, .last_chunk = "b"});
    auto twin = queue_entry(2, kDomain);
    auto other_twin = twin;
    other_twin.id = EntryId::make(queue_id(2), kDomain, "", 1);
    enqueue({.entries = {twin, other_twin}, .last_chunk = "c", .once = true});
    enqueue({.entries = {queue_entry(3, kDomain)}, .last_chunk = "d"});

    until_done([&] { return run(shards_.mark(kShard, {{.id = big.id, .host = "mx1"}})); });
    auto left = big;
    left.attempts = 1;
    settle(Settlement::again(left));
    twin.shares_body = true;
    auto failed = Settlement::done(twin);
    failed.outbox = {{.id = queue_id(50), .about = twin.id, .message = "report"}};
    settle(failed);
    change({.message = queue_id(3)}, {.kind = QueueChange::Kind::kHold, .reason = "why"});
    change({.held = true}, {.kind = QueueChange::Kind::kDrop});
    until_done([&] { return run(shards_.discard(kShard, queue_id(9))); });
  }

  void check() {
    engine_.plan_faults({});
    const auto page = *run(shards_.load(kShard, std::nullopt, 100));
    ASSERT_EQ(page.entries.size(), 2U);
    EXPECT_EQ(page.entries[0].entry.id, queue_entry(1, kDomain).id);
    EXPECT_EQ(page.entries[0].entry.attempts, 1U);
    EXPECT_FALSE(page.entries[0].mark);
    EXPECT_EQ(page.entries[1].entry.id, EntryId::make(queue_id(2), kDomain, "", 1));
    EXPECT_EQ(run(shards_.outbox(kShard, 10))->size(), 1U);
    EXPECT_EQ(rows("x", "xo"), 3U);
    EXPECT_EQ(rows("p", "q"), 0U);
    EXPECT_EQ(rows("a", "b"), 0U);
  }

  [[nodiscard]] std::uint64_t operations() const { return engine_.operations(); }

 private:
  template <class T>
  T run(asio::awaitable<T> work) {
    return test::run(io_, std::move(work));
  }
  template <class Step>
  void until_done(Step step) {
    for (int i = 0; i < 5; ++i)
      if (step()) return;
    ADD_FAILURE() << "never done";
  }
  void enqueue(const Enqueue& enqueue) {
    for (int i = 0; i < 5; ++i) {
      const auto stored = run(shards_.enqueue(kShard, enqueue));
      if (!stored) continue;
      EXPECT_EQ(stored->size(), enqueue.entries.size());
      return;
    }
    ADD_FAILURE() << "never enqueued";
  }
  void settle(const Settlement& settlement) {
    until_done([&] { return run(shards_.settle(kShard, {settlement})); });
  }
  void change(const QueueQuery& query, const QueueChange& change) {
    for (int i = 0; i < 5; ++i) {
      const auto page = run(shards_.change(kShard, query, change, std::nullopt, 100));
      if (!page) continue;
      EXPECT_EQ(page->entries.size(), 1U);
      return;
    }
    ADD_FAILURE() << "never changed";
  }
  std::size_t rows(const std::string& low, const std::string& high) {
    return run(engine_.scan({.kind = io::engine::Kind::kQueue, .id = kShard}, low, high, {}))->rows.size();
  }

  asio::io_context io_;
  FixedClock clock_{kQueueNow};
  MemoryEngine engine_{{.clock = &clock_}};
  QueueShards shards_{engine_, clock_, {}};
};

TEST(QueueShardsFaults, EveryStepMayFailAndIsDoneByRepeatingIt) {
  Story whole({});
  whole.tell();
  whole.check();
  const io::engine::FaultPlan ways[] = {{.error = StoreError::kUnavailable},
                                        {.error = StoreError::kUnknownOutcome},
                                        {.error = StoreError::kUnknownOutcome, .takes_effect = true}};
  for (auto faults : ways) {
    for (faults.fail_at = kShards - 1; faults.fail_at <= whole.operations(); ++faults.fail_at) {
      SCOPED_TRACE(faults.fail_at);
      SCOPED_TRACE(to_string(faults.error));
      Story story(faults);
      story.tell();
      story.check();
    }
  }
}

}  // namespace
}  // namespace veredus::state::spool
