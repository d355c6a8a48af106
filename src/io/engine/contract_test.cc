// What every engine promises. Each test runs against each of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "io/engine/counter.h"
#include "io/engine/limits.h"
#include "io/engine/memory_engine.h"
#include "io/engine/rocksdb_engine.h"
#include "io/engine/row_walk.h"
#include "support/one_peer.h"
#include "support/run.h"
#include "support/scratch_directory.h"

namespace veredus::io::engine {
namespace {

using testing::ElementsAre;
using testing::Eq;
using testing::Optional;

constexpr Partition kAlice{.kind = Kind::kAccount, .id = 7};
constexpr Partition kBob{.kind = Kind::kAccount, .id = 8};
constexpr auto kTtl = std::chrono::seconds(15);

/// An engine and what it stands on.
struct Bench {
  virtual ~Bench() = default;
  virtual Engine& engine() = 0;
  virtual bool has_one_peer() { return false; }
  FixedClock clock{SystemTime{}};
};

struct MemoryBench final : Bench {
  Engine& engine() override { return store; }
  MemoryEngine store{{.clock = &clock}};
};

struct RocksDbBench : Bench {
  RocksDbBench() {
    auto opened = RocksDbEngine::open(
        {.directory = scratch.at("db"), .min_free_octets = 0, .quick_write = std::chrono::hours(1), .clock = &clock});
    if (opened)
      store = *std::move(opened);
    else
      ADD_FAILURE() << opened.error().message;
  }
  Engine& engine() override { return *store; }
  test::ScratchDirectory scratch;
  std::unique_ptr<RocksDbEngine> store;
};

/// Most commits are written by the thread that asks for them.
struct OnePeerBench final : RocksDbBench {
  bool has_one_peer() override { return true; }
};

struct Kit {
  const char* name;
  std::function<std::unique_ptr<Bench>()> make;
};

class EngineContract : public testing::TestWithParam<Kit> {
 protected:
  template <class T>
  T run(asio::awaitable<T> work) {
    return test::run(io_, std::move(work));
  }
  std::expected<Committed, StoreError> commit(Partition partition, Batch batch,
                                              Durability durability = Durability::kSynced) {
    std::optional<test::OnePeer> peer;
    if (bench_->has_one_peer()) peer.emplace();
    return run(engine().commit(partition, std::move(batch), durability));
  }
  Version must_commit(Partition partition, Batch batch) {
    const auto committed = commit(partition, std::move(batch));
    if (committed) return committed->version;
    ADD_FAILURE() << to_string(committed.error());
    return {};
  }
  std::optional<Value> get(Partition partition, Key key) {
    auto got = run(engine().get(partition, {std::move(key)}));
    if (got) return got->front();
    ADD_FAILURE() << to_string(got.error());
    return std::nullopt;
  }
  Page scan(Partition partition, Key low, Key high, ScanOptions options = {}) {
    auto page = run(engine().scan(partition, std::move(low), std::move(high), options));
    if (page) return *std::move(page);
    ADD_FAILURE() << to_string(page.error());
    return {};
  }
  std::vector<Key> keys(Partition partition, Key low = "", Key high = "", ScanOptions options = {}) {
    std::vector<Key> out;
    for (auto& row : scan(partition, std::move(low), std::move(high), options).rows) out.push_back(row.key);
    return out;
  }
  Version version(Partition partition) { return run(engine().version(partition)).value_or(Version(999)); }
  std::vector<std::uint64_t> partitions(Kind kind, std::uint64_t from = 0, std::uint32_t limit = 100) {
    return run(engine().partitions(kind, from, limit)).value();
  }
  Engine& engine() { return bench_->engine(); }
  FixedClock& clock() { return bench_->clock; }

  asio::io_context io_;
  std::unique_ptr<Bench> bench_ = GetParam().make();
};

INSTANTIATE_TEST_SUITE_P(
    AllEngines, EngineContract,
    testing::Values(Kit{"Memory", [] { return std::make_unique<MemoryBench>(); }},
                    Kit{"RocksDb", []() -> std::unique_ptr<Bench> { return std::make_unique<RocksDbBench>(); }},
                    Kit{"RocksDbOnePeer", []() -> std::unique_ptr<Bench> { return std::make_unique<OnePeerBench>(); }}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST_P(EngineContract, WhatIsCommittedIsReadBack) {
  EXPECT_EQ(version(kAlice), Version(0));
  EXPECT_EQ(must_commit(kAlice, Batch().put("b1", "inbox").put("x1", "body").put("empty", "")), Version(1));
  EXPECT_THAT(get(kAlice, "b1"), Optional(Eq("inbox")));
  EXPECT_THAT(get(kAlice, "x1"), Optional(Eq("body")));
  EXPECT_THAT(get(kAlice, "empty"), Optional(Eq("")));
  EXPECT_EQ(get(kAlice, "b2"), std::nullopt);
  EXPECT_EQ(get(kBob, "b1"), std::nullopt);
  EXPECT_EQ(version(kAlice), Version(1));
  EXPECT_EQ(version(kBob), Version(0));
}

TEST_P(EngineContract, GetAnswersEveryKeyInOrder) {
  must_commit(kAlice, Batch().put("a", "1").put("c", "3").put("x9", "body"));
  const auto got = run(engine().get(kAlice, {"c", "b", "x9", "a"}));
  ASSERT_TRUE(got);
  EXPECT_THAT(*got, ElementsAre(Optional(Eq("3")), Eq(std::nullopt), Optional(Eq("body")), Optional(Eq("1"))));
  const auto none = run(engine().get(kAlice, {}));
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
}

TEST_P(EngineContract, EachCommitCountsTheVersionUpByOne) {
  for (std::uint64_t i = 1; i <= 5; ++i) EXPECT_EQ(must_commit(kAlice, Batch().put("k", "v")), Version(i));
  EXPECT_EQ(must_commit(kAlice, Batch()), Version(6));
  EXPECT_EQ(version(kAlice), Version(6));
}

TEST_P(EngineContract, ACommitThatKeepsTheVersionConflictsWithNobody) {
  must_commit(kAlice, Batch().put("a", "1"));
  EXPECT_EQ(must_commit(kAlice, Batch().put("x1", "chunk").keep_version()), Version(1));
  EXPECT_EQ(version(kAlice), Version(1));
  EXPECT_EQ(must_commit(kAlice, Batch().expect_version(Version(1)).put("a", "2")), Version(2));
  EXPECT_THAT(get(kAlice, "x1"), Optional(Eq("chunk")));
  EXPECT_EQ(must_commit(kBob, Batch().put("x1", "first of all").keep_version()), Version(0));
  EXPECT_THAT(partitions(Kind::kAccount), ElementsAre(7, 8));
}

TEST_P(EngineContract, AnOldVersionIsAConflictAndWritesNothing) {
  must_commit(kAlice, Batch().expect_version(Version(0)).put("a", "1"));
  const auto late = commit(kAlice, Batch().expect_version(Version(0)).put("a", "late").put("b", "late"));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error(), StoreError::kConflict);
  EXPECT_THAT(get(kAlice, "a"), Optional(Eq("1")));
  EXPECT_EQ(get(kAlice, "b"), std::nullopt);
  EXPECT_EQ(version(kAlice), Version(1));
}

TEST_P(EngineContract, ExpectationsOfKeysHoldOrTheCommitIsAConflict) {
  must_commit(kAlice, Batch().put("a", "1").put("x1", "body"));
  struct Case {
    const char* what;
    Batch batch;
    bool holds;
  };
  const Case cases[] = {
      {"the value is as expected", Batch().expect("a", "1"), true},
      {"the value is another", Batch().expect("a", "2"), false},
      {"absent, but it is there", Batch().expect("a", std::nullopt), false},
      {"absent, and it is", Batch().expect("b", std::nullopt), true},
      {"a value, but it is absent", Batch().expect("b", "1"), false},
      {"an empty value is not absence", Batch().expect("b", ""), false},
      {"a body", Batch().expect("x1", "body"), true},
      {"one of two does not hold", Batch().expect("a", "1").expect("b", "1"), false},
      {"conditions come before changes", Batch().put("a", "9").expect("a", "9"), false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    const auto before = version(kAlice);
    const auto committed = commit(kAlice, c.batch);
    EXPECT_EQ(committed.has_value(), c.holds);
    if (!committed) EXPECT_EQ(committed.error(), StoreError::kConflict);
    EXPECT_EQ(version(kAlice).value, before.value + (c.holds ? 1 : 0));
  }
}

TEST_P(EngineContract, RepeatingAnIdempotentCommitIsAConflictAndNoSecondEffect) {
  const Batch deliver = Batch().expect("k-dedupe", std::nullopt).put("k-dedupe", "until").add("count", 1);
  EXPECT_TRUE(commit(kAlice, deliver));
  EXPECT_FALSE(commit(kAlice, deliver));
  EXPECT_THAT(get(kAlice, "count"), Optional(Eq(encode_counter(1))));
}

TEST_P(EngineContract, ChangesOfOneBatchApplyInTheirOrder) {
  must_commit(kAlice, Batch().put("old", "1").put("n", encode_counter(40)));
  must_commit(kAlice, Batch().put("a", "1").put("a", "2").put("b", "1").erase("b").erase("c").put("c", "1"));
  EXPECT_THAT(get(kAlice, "a"), Optional(Eq("2")));
  EXPECT_EQ(get(kAlice, "b"), std::nullopt);
  EXPECT_THAT(get(kAlice, "c"), Optional(Eq("1")));
  must_commit(kAlice, Batch().add("n", 1).add("n", 1).put("d", "1").erase_range("d", "e").put("d2", "1"));
  EXPECT_THAT(get(kAlice, "n"), Optional(Eq(encode_counter(42))));
  EXPECT_THAT(keys(kAlice, "d", "e"), ElementsAre("d2"));
  must_commit(kAlice, Batch().put("n", encode_counter(1)).add("n", 1).erase("n").add("n", 5));
  EXPECT_THAT(get(kAlice, "n"), Optional(Eq(encode_counter(5))));
  EXPECT_THAT(get(kAlice, "old"), Optional(Eq("1")));
}

TEST_P(EngineContract, CountersBeginAtNothingAndGoBelowIt) {
  must_commit(kAlice, Batch().add("n", 3));
  EXPECT_THAT(get(kAlice, "n"), Optional(Eq(encode_counter(3))));
  must_commit(kAlice, Batch().add("n", -5));
  EXPECT_THAT(get(kAlice, "n"), Optional(Eq(encode_counter(-2))));
  must_commit(kAlice, Batch().put("text", "no counter"));
  const auto broken = commit(kAlice, Batch().put("a", "1").add("text", 1));
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error(), StoreError::kCorrupt);
  EXPECT_EQ(get(kAlice, "a"), std::nullopt);
}

TEST_P(EngineContract, EraseRangeTakesWhatIsBetweenAndNothingElse) {
  Batch all;
  for (const char* key : {"a", "b", "b1", "c", "x1", "x2", "x3", "y"}) all.put(key, "v");
  must_commit(kAlice, all);
  must_commit(kBob, all);
  must_commit(kAlice, Batch().erase_range("b", "c"));
  EXPECT_THAT(keys(kAlice), ElementsAre("a", "c", "x1", "x2", "x3", "y"));
  must_commit(kAlice, Batch().erase_range("x1", "x3"));
  EXPECT_THAT(keys(kAlice), ElementsAre("a", "c", "x3", "y"));
  must_commit(kAlice, Batch().erase_range("z", "a").erase_range("c", "c"));
  EXPECT_THAT(keys(kAlice), ElementsAre("a", "c", "x3", "y"));
  must_commit(kAlice, Batch().erase_range("b", ""));
  EXPECT_THAT(keys(kAlice), ElementsAre("a"));
  must_commit(kAlice, Batch().erase_range("", ""));
  EXPECT_THAT(keys(kAlice), ElementsAre());
  EXPECT_EQ(version(kAlice), Version(6)) << "the version is no row";
  EXPECT_EQ(keys(kBob).size(), 8U);
}

TEST_P(EngineContract, EraseRangeOfManyRowsLeavesNone) {
  Batch many;
  for (int i = 0; i < 500; ++i) many.put("r" + std::to_string(1000 + i), "v");
  must_commit(kAlice, many.put("q", "v").put("s", "v"));
  must_commit(kAlice, Batch().put("r2", "early").erase_range("r", "s").put("r3", "late"));
  EXPECT_THAT(keys(kAlice), ElementsAre("q", "r3", "s"));
}

TEST_P(EngineContract, ScansAreOrderedAndBounded) {
  must_commit(kAlice, Batch().put("b", "2").put("a", "1").put("x", "4").put("c", "3").put("y", "5"));
  must_commit(kBob, Batch().put("a", "bob"));
  EXPECT_THAT(keys(kAlice), ElementsAre("a", "b", "c", "x", "y"));
  EXPECT_THAT(keys(kAlice, "b", "x"), ElementsAre("b", "c"));
  EXPECT_THAT(keys(kAlice, "b", "x1"), ElementsAre("b", "c", "x"));
  EXPECT_THAT(keys(kAlice, "", "b"), ElementsAre("a"));
  EXPECT_THAT(keys(kAlice, "c", ""), ElementsAre("c", "x", "y"));
  EXPECT_THAT(keys(kAlice, "c", "b"), ElementsAre());
  EXPECT_THAT(keys(kAlice, "", "", {.reverse = true}), ElementsAre("y", "x", "c", "b", "a"));
  EXPECT_THAT(keys(kAlice, "b", "y", {.reverse = true}), ElementsAre("x", "c", "b"));
  EXPECT_EQ(scan(kAlice, "a", "b").rows.front().value, "1");
  EXPECT_EQ(scan(kAlice, "a", "b", {.keys_only = true}).rows.front().value, "");
}

TEST_P(EngineContract, ScansStopAtTheirLimitsAndSaySo) {
  must_commit(kAlice, Batch().put("a", "1").put("b", "2").put("x1", std::string(100, 'x')).put("y", "3"));
  EXPECT_THAT(keys(kAlice, "", "", {.limit = 2}), ElementsAre("a", "b"));
  EXPECT_TRUE(scan(kAlice, "", "", {.limit = 2}).more);
  EXPECT_TRUE(scan(kAlice, "", "", {.limit = 3}).more);
  EXPECT_FALSE(scan(kAlice, "", "", {.limit = 4}).more);
  EXPECT_FALSE(scan(kAlice, "", "c", {.limit = 2}).more);
  EXPECT_THAT(keys(kAlice, "", "", {.limit = 2, .reverse = true}), ElementsAre("y", "x1"));
  EXPECT_THAT(keys(kAlice, "", "", {.octets_limit = 4}), ElementsAre("a", "b"));
  EXPECT_TRUE(scan(kAlice, "", "", {.octets_limit = 4}).more);
  EXPECT_THAT(keys(kAlice, "x", "", {.octets_limit = 10}), ElementsAre("x1")) << "the first row is always given";
  EXPECT_THAT(keys(kAlice, "", "", {.octets_limit = 5, .keys_only = true}), ElementsAre("a", "b", "x1", "y"));
}

TEST_P(EngineContract, WalksShowWhatScansGive) {
  must_commit(kAlice, Batch().put("a", "1").put("b", "2").put("x1", std::string(100, 'x')).put("y", "3"));
  must_commit(kBob, Batch().put("a", "bob"));
  const std::vector<ScanOptions> all{{},
                                     {.limit = 2},
                                     {.limit = 3},
                                     {.limit = 4},
                                     {.reverse = true},
                                     {.limit = 2, .reverse = true},
                                     {.octets_limit = 4},
                                     {.keys_only = true}};
  const std::vector<std::pair<Key, Key>> ranges{{"", ""}, {"b", "y"}, {"x", ""}, {"c", "b"}, {"c", "x"}};
  for (const auto& options : all)
    for (const auto& [low, high] : ranges) {
      const auto page = scan(kAlice, low, high, options);
      Page seen;
      const auto more = run(engine().walk(kAlice, low, high, options, keep_in(&seen)));
      ASSERT_TRUE(more);
      EXPECT_EQ(*more, page.more);
      ASSERT_EQ(seen.rows.size(), page.rows.size());
      for (std::size_t i = 0; i < page.rows.size(); ++i) {
        EXPECT_EQ(seen.rows[i].key, page.rows[i].key);
        EXPECT_EQ(seen.rows[i].value, page.rows[i].value);
      }
    }
}

TEST_P(EngineContract, WalksEndWhereTheirVisitorDoes) {
  must_commit(kAlice, Batch().put("a", "1").put("b", "2").put("x1", "4").put("y", "3"));
  for (const char* last : {"a", "b", "x1", "y"}) {
    std::vector<Key> seen;
    const auto see = [&seen, last](std::string_view key, std::string_view /*value*/) {
      seen.emplace_back(key);
      return key != last;
    };
    EXPECT_THAT(run(engine().walk(kAlice, "", "", {}, see)), Optional(true));
    EXPECT_EQ(seen.back(), last);
  }
}

TEST_P(EngineContract, LongScansGiveEveryRow) {
  Batch many;
  for (int i = 0; i < 5000; ++i) many.put("r" + std::to_string(10'000 + i), "v");
  must_commit(kAlice, many);
  EXPECT_EQ(keys(kAlice, "", "", {.limit = 10'000}).size(), 5000U);
}

TEST_P(EngineContract, KeysAreOctetsNotText) {
  const Key zero("\0", 1), high("\xff\xff", 2);
  must_commit(kAlice, Batch().put(zero, "zero").put(high, "high").put("m", "m"));
  must_commit({Kind::kAccount, 6}, Batch().put(high, "below"));
  must_commit({Kind::kAccount, UINT64_MAX}, Batch().put(high, "last"));
  EXPECT_THAT(keys(kAlice), ElementsAre(zero, "m", high));
  EXPECT_THAT(keys({Kind::kAccount, UINT64_MAX}), ElementsAre(high));
}

TEST_P(EngineContract, PartitionsThatHoldSomethingAreListed) {
  for (const std::uint64_t id : {3, 1, 300, 2}) must_commit({Kind::kQueue, id}, Batch().put("k", "v"));
  must_commit({Kind::kQueue, 4}, Batch().put("x-only-a-body", "v"));
  must_commit({Kind::kQueue, 5}, Batch().put("k", "v"));
  must_commit({Kind::kQueue, 5}, Batch().erase("k"));
  must_commit({Kind::kIntake, 9}, Batch().put("k", "v"));
  EXPECT_THAT(partitions(Kind::kQueue), ElementsAre(1, 2, 3, 4, 300));
  EXPECT_THAT(partitions(Kind::kQueue, 3), ElementsAre(3, 4, 300));
  EXPECT_THAT(partitions(Kind::kQueue, 2, 2), ElementsAre(2, 3));
  EXPECT_THAT(partitions(Kind::kIntake), ElementsAre(9));
  EXPECT_THAT(partitions(Kind::kAccount), ElementsAre());
  EXPECT_EQ(version({Kind::kQueue, 5}), Version(2)) << "an empty partition keeps its version";
}

TEST_P(EngineContract, WatchersHearOfVersionedCommitsOfTheirPartition) {
  std::vector<std::pair<std::uint64_t, std::vector<Topic>>> heard;
  std::mutex mutex;
  auto watch = engine().watch(kAlice, [&](Partition partition, Version now, const std::vector<Topic>& topics) {
    const std::scoped_lock lock(mutex);
    EXPECT_EQ(partition, kAlice);
    heard.emplace_back(now.value, topics);
  });
  must_commit(kAlice, Batch().put("a", "1").touch(17).touch(18));
  must_commit(kBob, Batch().put("a", "1").touch(17));
  must_commit(kAlice, Batch().put("x", "1").touch(17).keep_version());
  EXPECT_FALSE(commit(kAlice, Batch().expect_version(Version(9)).touch(17)));
  must_commit(kAlice, Batch().put("a", "2"));
  EXPECT_THAT(heard, ElementsAre(testing::Pair(1U, ElementsAre(17, 18)), testing::Pair(2U, ElementsAre())));
  watch = Subscription();
  must_commit(kAlice, Batch().put("a", "3"));
  EXPECT_EQ(heard.size(), 2U);
}

TEST_P(EngineContract, LeasesFenceOffTheirFormerHolders) {
  const Partition shard{.kind = Kind::kQueue, .id = 1};
  const auto first = run(engine().acquire_lease(shard, NodeId(1), kTtl));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->epoch, Epoch(1));
  EXPECT_EQ(first->good_until, clock().steady_now() + kTtl);
  EXPECT_EQ(run(engine().acquire_lease(shard, NodeId(2), kTtl)).error(), StoreError::kFenced);
  EXPECT_TRUE(commit(shard, Batch().expect_lease(first->epoch).put("a", "1")));

  clock().advance(kTtl + std::chrono::seconds(1));
  EXPECT_TRUE(commit(shard, Batch().expect_lease(first->epoch).put("a", "2"))) << "nobody has taken it";
  const auto second = run(engine().acquire_lease(shard, NodeId(2), kTtl));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->epoch, Epoch(2));
  const auto fenced = commit(shard, Batch().expect_lease(first->epoch).put("a", "stale"));
  ASSERT_FALSE(fenced);
  EXPECT_EQ(fenced.error(), StoreError::kFenced);
  EXPECT_THAT(get(shard, "a"), Optional(Eq("2")));
  EXPECT_EQ(version(shard), Version(2)) << "leases do not count as commits";
}

TEST_P(EngineContract, LeasesAreRenewedTogetherAndReleased) {
  const Partition one{.kind = Kind::kQueue, .id = 1}, two{.kind = Kind::kQueue, .id = 2}, three{Kind::kQueue, 3};
  const auto first = run(engine().acquire_lease(one, NodeId(1), kTtl));
  const auto second = run(engine().acquire_lease(two, NodeId(1), std::chrono::seconds(5)));
  ASSERT_TRUE(first && second);
  clock().advance(std::chrono::seconds(10));
  const auto renewed = run(engine().renew_leases(NodeId(1), {one, two, three}, kTtl));
  ASSERT_TRUE(renewed);
  ASSERT_EQ(renewed->size(), 1U) << "one has expired, one was never taken";
  EXPECT_EQ(renewed->front().partition, one);
  EXPECT_EQ(renewed->front().epoch, first->epoch);
  EXPECT_EQ(renewed->front().good_until, clock().steady_now() + kTtl);
  EXPECT_TRUE(run(engine().renew_leases(NodeId(2), {one}, kTtl))->empty());

  ASSERT_TRUE(run(engine().release_lease(*first)));
  EXPECT_EQ(commit(one, Batch().expect_lease(first->epoch)).error(), StoreError::kFenced);
  EXPECT_EQ(run(engine().acquire_lease(one, NodeId(2), kTtl))->epoch, Epoch(2));
  ASSERT_TRUE(run(engine().release_lease(*first)));  // too late: it is another's
  EXPECT_EQ(run(engine().acquire_lease(one, NodeId(3), kTtl)).error(), StoreError::kFenced);
  EXPECT_EQ(run(engine().acquire_lease(one, NodeId(2), kTtl))->epoch, Epoch(3)) << "one's own again: a new epoch";
}

TEST_P(EngineContract, WhatIsTooBigIsRefused) {
  struct Case {
    const char* what;
    Batch batch;
    bool fits;
  };
  Batch heavy, many;
  for (std::size_t i = 0; i <= kMaxBatchOctets / kMaxValueOctets; ++i)
    heavy.put("k" + std::to_string(i), Value(kMaxValueOctets, 'v'));
  for (std::size_t i = 0; i <= kMaxBatchChanges; ++i) many.erase("k");
  const Case cases[] = {
      {"the longest key", Batch().put(Key(kMaxKeyOctets, 'k'), "v"), true},
      {"a longer key", Batch().put(Key(kMaxKeyOctets + 1, 'k'), "v"), false},
      {"no key", Batch().put("", "v"), false},
      {"no key to expect", Batch().expect("", "v"), false},
      {"no key to add to", Batch().add("", 1), false},
      {"the longest value", Batch().put("k", Value(kMaxValueOctets, 'v')), true},
      {"a longer value", Batch().put("k", Value(kMaxValueOctets + 1, 'v')), false},
      {"too many octets in all", heavy, false},
      {"too many changes", many, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    const auto committed = commit(kAlice, c.batch);
    EXPECT_EQ(committed.has_value(), c.fits);
    if (!committed) EXPECT_EQ(committed.error(), StoreError::kTooBig);
  }
  EXPECT_EQ(run(engine().get(kAlice, {""})).error(), StoreError::kTooBig);
}

/// Adds to a counter `rounds` times, the optimistic way: reads, commits on condition, tries again after a conflict.
asio::awaitable<void> count_up(Engine* engine, int rounds, std::atomic<int>* conflicts) {
  for (int done = 0; done < rounds;) {
    const auto before = co_await engine->version(kAlice);
    std::vector<Key> keys = {"n"};
    const auto row = co_await engine->get(kAlice, std::move(keys));
    const auto count = row->front() ? decode_counter(*row->front()).value() : 0;
    Batch batch;
    batch.expect_version(*before).put("n", encode_counter(count + 1)).add("m", 1).put("x", "body");
    const auto committed = co_await engine->commit(kAlice, std::move(batch), Durability::kSynced);
    if (committed)
      ++done;
    else
      ++*conflicts;
  }
}

/// Commits to its own partition and reads each back at once.
asio::awaitable<void> keep_diary(Engine* engine, std::uint64_t id, int rounds, std::atomic<int>* wrong) {
  const Partition partition{.kind = Kind::kAccount, .id = id};
  for (int i = 1; i <= rounds; ++i) {
    Batch batch;
    batch.put("k" + std::to_string(i), std::to_string(i)).add("n", i).expect("k" + std::to_string(i), std::nullopt);
    const auto durability = i % 3 == 0 ? Durability::kRelaxed : Durability::kSynced;
    const auto committed = co_await engine->commit(partition, std::move(batch), durability);
    std::vector<Key> keys = {"k" + std::to_string(i), "n"};
    const auto got = co_await engine->get(partition, std::move(keys));
    const bool right = committed && committed->version == Version(static_cast<std::uint64_t>(i)) && got &&
                       got->front() == std::to_string(i) && got->back() == encode_counter(i * (i + 1) / 2);
    if (!right) ++*wrong;
  }
}

TEST_P(EngineContract, CommitsOfManyCoroutinesOnTwoThreadsAllHold) {
  constexpr int kWriters = 16, kRounds = 25;
  asio::io_context contexts[2];
  std::atomic<int> conflicts = 0, wrong = 0;
  for (int i = 0; i < kWriters; ++i) {
    asio::co_spawn(contexts[i % 2], count_up(&engine(), kRounds, &conflicts), asio::detached);
    asio::co_spawn(contexts[i % 2], keep_diary(&engine(), 100 + static_cast<std::uint64_t>(i), kRounds, &wrong),
                   asio::detached);
  }
  std::thread other([&] { contexts[1].run(); });
  contexts[0].run();
  other.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_THAT(get(kAlice, "n"), Optional(Eq(encode_counter(kWriters * kRounds))));
  EXPECT_THAT(get(kAlice, "m"), Optional(Eq(encode_counter(kWriters * kRounds))));
  EXPECT_EQ(version(kAlice), Version(kWriters * kRounds));
}

asio::awaitable<void> say_where(Engine* engine, std::thread::id* where) {
  Batch batch;
  batch.put("k", "v");
  (void)co_await engine->commit(kAlice, std::move(batch), Durability::kSynced);
  *where = std::this_thread::get_id();
}

TEST_P(EngineContract, CompletionsComeOnTheCallersExecutor) {
  std::thread::id where;
  asio::co_spawn(io_, say_where(&engine(), &where), asio::detached);
  io_.run();
  EXPECT_EQ(where, std::this_thread::get_id());
}

TEST_P(EngineContract, AHealthyEngineIsWritableAndDurable) {
  const auto health = engine().health();
  EXPECT_TRUE(health.writable);
  EXPECT_TRUE(health.durable);
  EXPECT_EQ(health.reason, "");
}

}  // namespace
}  // namespace veredus::io::engine
