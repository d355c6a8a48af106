#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <random>
#include <set>

#include "io/engine/memory_engine.h"
#include "state/spool/queue_shards.h"
#include "support/queue_draft.h"
#include "support/run.h"

/// Random operations on QueueShards and on a plain map: both must always look the same, whatever fails and whenever it
/// is restarted.
namespace veredus::state::spool {
namespace {

using io::engine::MemoryEngine;
using io::engine::StoreError;
using test::kQueueNow;
using namespace std::chrono_literals;

constexpr int kSteps = 600;
const char* const kDomains[] = {"example.org", "example.com", "example.net"};

struct ModelEntry {
  QueueEntry entry;
  bool marked = false;
};
using Model = std::map<EntryId, ModelEntry>;

class QueueModel : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  template <class T>
  T run(asio::awaitable<T> work) {
    return test::run(io_, std::move(work));
  }
  std::uint32_t below(std::uint32_t limit) {
    return std::uniform_int_distribution<std::uint32_t>(0, limit - 1)(random_);
  }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

  void restart() {
    engine_.plan_faults({});
    shards_ = std::make_unique<QueueShards>(engine_, clock_, QueueShards::Options{.turn_octets = 200});
    ASSERT_TRUE(run(shards_->acquire()));
  }
  /// One of the next operations of the engine fails, or does not know whether it did.
  void perhaps_fail() {
    engine_.plan_faults({});
    if (!one_in(3)) return;
    const auto error = one_in(2) ? StoreError::kUnavailable : StoreError::kUnknownOutcome;
    engine_.plan_faults({.fail_at = engine_.operations() + 1 + below(4),
                         .error = error,
                         .takes_effect = error == StoreError::kUnknownOutcome && one_in(2)});
  }
  const ModelEntry* any_entry() {
    if (model_.empty()) return nullptr;
    return &std::next(model_.begin(), below(static_cast<std::uint32_t>(model_.size())))->second;
  }

  void enqueue() {
    const auto number = next_++;
    const std::string domain = kDomains[below(3)];
    const auto shard = shard_of(domain);
    Enqueue enqueue{.entries = {}, .last_chunk = "last", .once = one_in(3)};
    const auto count = one_in(3) ? 1 + below(3) : 1;
    const auto chunks = one_in(3) ? 2U : 1U;
    for (std::uint32_t part = 0; part < count; ++part) {
      auto entry = test::queue_entry(number, domain);
      entry.id = EntryId::make(test::queue_id(number), domain, "", part);
      entry.sender = "s" + std::to_string(below(3)) + "@demo.test";
      entry.chunks = chunks;
      enqueue.entries.push_back(entry);
    }
    if (chunks == 2 && !run(shards_->stage(shard, test::queue_id(number), 0, "first"))) return;
    perhaps_fail();
    const auto stored = run(shards_->enqueue(shard, enqueue));
    if (!stored) return;
    for (const auto& entry : *stored) model_[entry->id].entry = *entry;
    if (!enqueue.once || !one_in(2)) return;
    engine_.plan_faults({});  // the fan-out does it again
    if (chunks == 2) ASSERT_TRUE(run(shards_->stage(shard, test::queue_id(number), 0, "first")));
    const auto again = run(shards_->enqueue(shard, enqueue));
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->empty());
  }

  void mark() {
    const auto* picked = any_entry();
    if (picked == nullptr) return;
    const auto id = picked->entry.id;
    perhaps_fail();
    if (run(shards_->mark(shard_of(picked->entry.domain), {{.id = id, .at = kQueueNow, .host = "mx1"}})))
      model_[id].marked = true;
    else  // it may have been written: doing so again is harmless
      model_[id].marked |= marked_in_store(id);
  }
  bool marked_in_store(const EntryId& id) {
    engine_.plan_faults({});
    for (const auto& loaded : run(shards_->load(shard_of(model_[id].entry.domain), std::nullopt, 10'000))->entries)
      if (loaded.entry.id == id) return loaded.mark.has_value();
    return false;
  }

  void settle() {
    const auto* picked = any_entry();
    if (picked == nullptr) return;
    const auto entry = picked->entry;
    auto settlement = Settlement::done(entry);
    if (one_in(2)) {
      auto left = entry;
      ++left.attempts;
      left.due_at += std::chrono::minutes(below(100));
      left.recipients[0].last_reply = "451 " + std::to_string(below(1000));
      settlement = Settlement::again(left);
    }
    if (one_in(4))
      settlement.outbox.push_back({.id = test::queue_id(1'000'000 + next_++), .about = entry.id, .message = "report"});
    perhaps_fail();
    if (!run(shards_->settle(shard_of(entry.domain), {settlement}))) return;
    outbox_ += settlement.outbox.size();
    if (settlement.left)
      model_[entry.id] = {.entry = *settlement.left};
    else
      model_.erase(entry.id);
  }

  void change() {
    using Kind = QueueChange::Kind;
    constexpr Kind kKinds[] = {Kind::kRetry,  Kind::kHold, Kind::kHold,   Kind::kRelease,
                               Kind::kBounce, Kind::kDrop, Kind::kReroute};
    const QueueChange change{.kind = kKinds[below(7)],
                             .due_at = kQueueNow + std::chrono::minutes(below(50)),
                             .reason = "reason " + std::to_string(below(2)),
                             .route = one_in(2) ? "smart" : ""};
    QueueQuery query;
    if (one_in(2)) query.sender = "s" + std::to_string(below(3)) + "@demo.test";
    if (const auto* picked = any_entry(); picked != nullptr && one_in(2)) query.message = picked->entry.id.message();
    const std::string domain = kDomains[below(3)];
    perhaps_fail();
    const auto page = run(shards_->change(shard_of(domain), query, change, std::nullopt, 10'000));
    if (!page) return;
    std::size_t expected = 0;
    for (auto place = model_.begin(); place != model_.end();) {
      auto& entry = place->second.entry;
      const bool meant = entry.domain == domain && matches(query, entry);
      const bool drops = meant && change.kind == Kind::kDrop;
      if (drops || (meant && apply(change, entry))) ++expected;
      place = drops ? model_.erase(place) : std::next(place);
    }
    EXPECT_EQ(page->entries.size(), expected);
  }

  void compare() {
    engine_.plan_faults({});
    std::size_t seen = 0;
    std::size_t outbox = 0;
    for (const std::string domain : kDomains) {
      const auto shard = shard_of(domain);
      std::set<QueueId> with_body;
      for (const auto& loaded : run(shards_->load(shard, std::nullopt, 10'000))->entries) {
        const auto known = model_.find(loaded.entry.id);
        ASSERT_NE(known, model_.end()) << to_string(loaded.entry.id);
        EXPECT_EQ(loaded.entry, known->second.entry);
        EXPECT_EQ(loaded.mark.has_value(), known->second.marked);
        with_body.insert(loaded.entry.id.message());
        for (std::uint32_t chunk = 0; chunk < loaded.entry.chunks; ++chunk)
          EXPECT_TRUE(run(shards_->read_chunk(shard, loaded.entry.id.message(), chunk)));
        ++seen;
      }
      EXPECT_EQ(bodies(shard), with_body);
      outbox += run(shards_->outbox(shard, 10'000))->size();
    }
    EXPECT_EQ(seen, model_.size());
    EXPECT_EQ(outbox, outbox_);
  }
  /// Messages with chunks that were not only staged.
  std::set<QueueId> bodies(Shard shard) {
    const io::engine::Partition partition{.kind = io::engine::Kind::kQueue, .id = shard};
    std::set<QueueId> found;
    for (const auto& row : run(engine_.scan(partition, "x", "xo", {.limit = 100'000}))->rows)
      found.insert(*queue_id_of_key(row.key.substr(1, 10)));
    for (const auto& row : run(engine_.scan(partition, "p", "q", {.limit = 100'000}))->rows)
      found.erase(*queue_id_of_key(row.key.substr(1, 10)));
    return found;
  }

  asio::io_context io_;
  FixedClock clock_{kQueueNow};
  MemoryEngine engine_{{.clock = &clock_}};
  std::unique_ptr<QueueShards> shards_;
  std::mt19937 random_{GetParam()};
  std::uint64_t next_ = 1;
  std::size_t outbox_ = 0;
  Model model_;
};

TEST_P(QueueModel, LooksTheSameWhateverHappens) {
  restart();
  for (int step = 0; step < kSteps && !HasFailure(); ++step) {
    SCOPED_TRACE(step);
    engine_.plan_faults({});
    switch (below(10)) {
      case 0:
      case 1:
      case 2:
        enqueue();
        break;
      case 3:
      case 4:
      case 5:
        settle();
        break;
      case 6:
      case 7:
        mark();
        break;
      case 8:
        change();
        break;
      default:
        restart();
        break;
    }
    compare();
  }
  clock_.advance(30 * 24h);  // nothing of what was left half-way stays
  restart();
  ASSERT_TRUE(run(shards_->sweep()));
  for (const std::string domain : kDomains) {
    const io::engine::Partition partition{.kind = io::engine::Kind::kQueue, .id = shard_of(domain)};
    EXPECT_TRUE(run(engine_.scan(partition, "k", "l", {}))->rows.empty());
    EXPECT_TRUE(run(engine_.scan(partition, "p", "q", {}))->rows.empty());
  }
  compare();
}

INSTANTIATE_TEST_SUITE_P(Seeds, QueueModel, ::testing::Range(1U, 7U));

}  // namespace
}  // namespace veredus::state::spool
