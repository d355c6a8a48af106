#include "state/reports/tally.h"

#include <gtest/gtest.h>

#include <chrono>

#include "io/engine/memory_engine.h"
#include "support/run.h"

namespace veredus::state::reports {
namespace {

using io::engine::MemoryEngine;
using namespace std::chrono_literals;

constexpr SystemTime kMidnight{std::chrono::seconds{1'789'948'800}};
const Subject kExample{.stream = Stream::kDmarc, .domain = "example.org"};

class TallyTest : public ::testing::Test {
 protected:
  template <class T>
  T run(asio::awaitable<T> work) {
    return test::run(io_, std::move(work));
  }
  void count(const std::string& row, const std::string& domain = "example.org", const std::string& policy = "p") {
    tally_.count(Stream::kDmarc, domain, row, policy);
  }
  std::vector<Subject> subjects(Period period) { return *run(tally_.subjects(period, std::nullopt)); }
  std::vector<Period> closed() { return *run(tally_.closed()); }

  asio::io_context io_;
  FixedClock clock_{kMidnight + 10h};
  MemoryEngine engine_{{.clock = &clock_}};
  Tally tally_{engine_, clock_, {}};
};

TEST_F(TallyTest, CountsRowsOfADayTogether) {
  ASSERT_TRUE(run(tally_.open()));
  count("a");
  count("b");
  count("a");
  ASSERT_TRUE(run(tally_.flush()));
  count("a", "example.org", "newer");
  EXPECT_FALSE(*run(tally_.roll()));
  clock_.advance(14h);
  EXPECT_TRUE(*run(tally_.roll()));
  const auto periods = closed();
  ASSERT_EQ(periods.size(), 1U);
  EXPECT_EQ(periods[0].begin, kMidnight);
  EXPECT_EQ(periods[0].end, kMidnight + 24h);
  ASSERT_EQ(subjects(periods[0]), std::vector{kExample});
  const auto rows = run(tally_.rows(periods[0], kExample, 10));
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->policy, "newer");
  const std::vector<std::pair<std::string, std::uint64_t>> want{{"a", 3}, {"b", 1}};
  EXPECT_EQ(rows->rows, want);
  EXPECT_EQ(run(tally_.rows(periods[0], kExample, 1))->left_out, 1U);
}

TEST_F(TallyTest, GoesOnAfterARestart) {
  ASSERT_TRUE(run(tally_.open()));
  count("a");
  ASSERT_TRUE(run(tally_.flush()));
  Tally again(engine_, clock_, {});
  ASSERT_TRUE(run(again.open()));
  again.count(Stream::kDmarc, "example.org", "a", "");
  clock_.advance(20h);
  ASSERT_TRUE(*run(again.roll()));
  const auto periods = *run(again.closed());
  ASSERT_EQ(periods.size(), 1U);
  EXPECT_EQ(run(again.rows(periods[0], kExample, 10))->rows[0].second, 2U);
}

TEST_F(TallyTest, ADayThatEndedWhileNobodyWasThereIsOver) {
  ASSERT_TRUE(run(tally_.open()));
  count("a");
  ASSERT_TRUE(run(tally_.flush()));
  clock_.advance(48h);
  Tally again(engine_, clock_, {});
  ASSERT_TRUE(run(again.open()));
  const auto periods = *run(again.closed());
  ASSERT_EQ(periods.size(), 1U);
  EXPECT_EQ(periods[0].end, kMidnight + 24h);
}

TEST_F(TallyTest, ClosesBeforeTheDayIsOver) {
  ASSERT_TRUE(run(tally_.open()));
  EXPECT_FALSE(*run(tally_.close_now()));
  count("a");
  EXPECT_TRUE(*run(tally_.close_now()));
  EXPECT_FALSE(*run(tally_.close_now()));
  ASSERT_EQ(closed().size(), 1U);
  EXPECT_EQ(closed()[0].end, kMidnight + 10h);
  // What comes after it is another period, also after a restart.
  Tally again(engine_, clock_, {});
  ASSERT_TRUE(run(again.open()));
  again.count(Stream::kDmarc, "example.org", "a", "p");
  ASSERT_TRUE(run(again.flush()));
  clock_.advance(24h);
  ASSERT_TRUE(*run(again.roll()));
  const auto periods = *run(again.closed());
  ASSERT_EQ(periods.size(), 2U);
  EXPECT_EQ(periods[1].begin, kMidnight + 10h);
  EXPECT_EQ(periods[1].end, kMidnight + 24h);
  EXPECT_EQ(run(again.rows(periods[0], kExample, 10))->rows[0].second, 1U);
}

TEST_F(TallyTest, ErasesWhatIsDoneWith) {
  ASSERT_TRUE(run(tally_.open()));
  count("a");
  count("a", "example.orga");
  ASSERT_TRUE(*run(tally_.close_now()));
  const auto period = closed()[0];
  ASSERT_TRUE(run(tally_.mark_sent(period, kExample, "mailto:a@b.test")));
  EXPECT_TRUE(*run(tally_.was_sent(period, kExample, "mailto:a@b.test")));
  EXPECT_FALSE(*run(tally_.was_sent(period, kExample, "mailto:c@b.test")));
  ASSERT_TRUE(run(tally_.erase(period, kExample)));
  EXPECT_FALSE(*run(tally_.was_sent(period, kExample, "mailto:a@b.test")));
  const auto left = subjects(period);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(run(tally_.rows(period, left[0], 10))->rows.size(), 1U);
  ASSERT_TRUE(run(tally_.erase(period, left[0])));
  EXPECT_TRUE(closed().empty());
}

TEST_F(TallyTest, DropsWhatIsBeyondItsBounds) {
  Tally small(engine_, clock_, {.max_waiting = 2, .max_rows = 3});
  ASSERT_TRUE(run(small.open()));
  const auto add = [&small](const char* row) { small.count(Stream::kTls, "example.org", row, ""); };
  add("a");
  add("b");
  add("c");
  add("a");
  EXPECT_EQ(small.dropped(), 1U);
  ASSERT_TRUE(run(small.flush()));
  add("d");
  add("e");
  ASSERT_TRUE(run(small.flush()));
  EXPECT_EQ(small.dropped(), 2U);
  add("a");
  ASSERT_TRUE(run(small.flush()));
  EXPECT_EQ(small.dropped(), 2U);
  small.count(Stream::kTls, std::string(300, 'x'), "a", "");
  ASSERT_TRUE(*run(small.close_now()));
  const auto period = (*run(small.closed()))[0];
  const Subject subject{.stream = Stream::kTls, .domain = "example.org"};
  EXPECT_EQ(run(small.rows(period, subject, 10))->rows.size(), 3U);
  EXPECT_EQ(subjects(period).size(), 1U);
}

TEST_F(TallyTest, IsStoppedByNoLongRows) {
  Tally small(engine_, clock_, {.max_waiting_octets = 20ULL << 20, .max_octets = 24ULL << 20});
  ASSERT_TRUE(run(small.open()));
  const auto add = [&small](const std::string& name, std::size_t octets, const std::string& policy = "p") {
    small.count(Stream::kDmarc, "example.org", name + std::string(octets - name.size(), 'x'), policy);
  };
  add("too long", Tally::kMostRowOctets + 1);
  add("with its policy", Tally::kMostRowOctets, "p");
  add("a", 100, std::string(Tally::kMostRowOctets, 'p'));
  EXPECT_EQ(small.dropped(), 3U);
  const auto longest = Tally::kMostRowOctets - 1;
  for (int i = 0; i < 700; ++i) add(std::to_string(i) + " ", longest);  // 640 of them are 20 MiB: more than one commit
  EXPECT_EQ(small.dropped(), 3U + 60U);
  add("0 ", longest);
  EXPECT_EQ(small.dropped(), 3U + 60U) << "what is there already needs no room";
  ASSERT_TRUE(run(small.flush()));
  for (int i = 700; i < 1'000; ++i) add(std::to_string(i) + " ", longest);  // and 128 of these: 24 MiB
  ASSERT_TRUE(*run(small.close_now()));
  EXPECT_EQ(small.dropped(), 3U + 60U + 172U);
  const auto period = (*run(small.closed()))[0];
  const auto rows = run(small.rows(period, kExample, 10'000, 1ULL << 20));
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->policy, "p");
  EXPECT_EQ(rows->rows.size(), 32U);
  EXPECT_EQ(rows->rows[0].second, 2U);
  EXPECT_EQ(rows->left_out, 640U + 128U - 32U);
  EXPECT_EQ(*run(small.policy(period, kExample)), "p");
}

TEST_F(TallyTest, GoesOnWhereOneSubjectCanNeverBeWritten) {
  ASSERT_TRUE(run(tally_.open()));
  count("a", "example.net");
  count("a", "example.net");
  count("a");
  engine_.plan_faults({.fail_at = engine_.operations() + 1, .error = io::engine::StoreError::kTooBig});
  ASSERT_TRUE(run(tally_.flush()));
  EXPECT_EQ(tally_.dropped(), 2U);
  ASSERT_TRUE(*run(tally_.close_now()));
  EXPECT_EQ(subjects(closed()[0]), std::vector{kExample});
}

TEST_F(TallyTest, CountsNothingTwiceAndLosesNothingWhenTheStoreFails) {
  for (std::uint64_t fail_at = 1; fail_at < 8; ++fail_at) {
    SCOPED_TRACE(fail_at);
    MemoryEngine engine({.clock = &clock_});
    Tally tally(engine, clock_, {});
    ASSERT_TRUE(run(tally.open()));
    for (int i = 0; i < 1'500; ++i) tally.count(Stream::kDmarc, "example.org", "row " + std::to_string(i), "p");
    tally.count(Stream::kDmarc, "example.net", "row", "p");
    engine.plan_faults({.fail_at = engine.operations() + fail_at});
    for (int i = 0; i < 3 && !run(tally.flush()); ++i) continue;
    engine.plan_faults({});
    ASSERT_TRUE(*run(tally.close_now()));
    const auto period = (*run(tally.closed()))[0];
    std::uint64_t total = 0;
    for (const auto& [row, number] : run(tally.rows(period, kExample, 10'000))->rows) total += number;
    EXPECT_EQ(total, 1'500U);
  }
}

TEST_F(TallyTest, SweepsWhatCouldNotBeSent) {
  ASSERT_TRUE(run(tally_.open()));
  count("a");
  ASSERT_TRUE(*run(tally_.close_now()));
  EXPECT_EQ(run(tally_.sweep()), 0U);
  clock_.advance(8 * 24h);
  EXPECT_EQ(run(tally_.sweep()), 1U);
  EXPECT_TRUE(closed().empty());
}

}  // namespace
}  // namespace veredus::state::reports
