#include "state/reports/received.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "io/engine/memory_engine.h"
#include "support/run.h"

namespace veredus::state::reports {
namespace {

using io::engine::MemoryEngine;
using rules::reportmail::Kind;
using namespace std::chrono_literals;

constexpr SystemTime kNow{std::chrono::seconds{1'790'000'000}};

Summary summary(const std::string& id, const std::string& domain = "demo.test", Kind kind = Kind::kAggregate) {
  Summary out;
  out.kind = kind;
  out.organization = "Peer";
  out.report_id = id;
  out.domain = domain;
  return out;
}

class ReceivedTest : public ::testing::Test {
 protected:
  template <class T>
  T run(asio::awaitable<T> work) {
    return test::run(io_, std::move(work));
  }
  Received::Added add(Summary what, std::string document = "<feedback/>") {
    return *run(received_.add(std::move(what), std::move(document)));
  }
  std::string ids(Wanted wanted) {
    std::string out;
    for (const auto& listed : *run(received_.list(std::move(wanted)))) out += listed.summary.report_id + " ";
    return out;
  }

  asio::io_context io_;
  FixedClock clock_{kNow};
  MemoryEngine engine_{{.clock = &clock_}};
  Received received_{engine_, clock_, {.most = 4}};
};

TEST_F(ReceivedTest, KeepsEachReportOnce) {
  EXPECT_EQ(add(summary("1")), Received::Added::kNew);
  clock_.advance(1h);
  EXPECT_EQ(add(summary("1")), Received::Added::kKnown);
  EXPECT_EQ(add(summary("1", "other.test")), Received::Added::kNew);
  EXPECT_EQ(add(summary("1", "demo.test", Kind::kTls)), Received::Added::kNew);
  EXPECT_EQ(ids({}), "1 1 1 ");
}

TEST_F(ReceivedTest, ListsTheNewestFirstByWhatIsWanted) {
  add(summary("1"));
  clock_.advance(1h);
  add(summary("2", "sub.demo.test"));
  clock_.advance(1h);
  add(summary("3", "other.test", Kind::kTls));
  EXPECT_EQ(ids({}), "3 2 1 ");
  EXPECT_EQ(ids({.domain = "demo.test"}), "2 1 ");
  EXPECT_EQ(ids({.kind = Kind::kTls}), "3 ");
  EXPECT_EQ(ids({.from = kNow + 30min, .until = kNow + 90min}), "2 ");
  EXPECT_EQ(ids({.limit = 1}), "3 ");
}

TEST_F(ReceivedTest, ShowsEachReportUntilItIsEnough) {
  for (const auto* id : {"1", "2", "3"}) {
    add(summary(id));
    clock_.advance(1h);
  }
  std::string seen;
  auto until_two = [&seen](const Listed& listed) {
    seen += listed.summary.report_id;
    return listed.summary.report_id != "2";
  };
  ASSERT_TRUE(run(received_.each({.limit = 1}, until_two)));
  EXPECT_EQ(seen, "32");
}

TEST_F(ReceivedTest, GivesTheDocumentBack) {
  std::string document;
  std::mt19937 any(7);
  for (std::uint32_t i = 0; i < 300'000; ++i) document += static_cast<char>(any());
  add(summary("1"), document);
  const auto listed = run(received_.list({}));
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_GT((*listed)[0].summary.chunks, 1U);
  EXPECT_EQ((*listed)[0].summary.octets, document.size());
  const auto key = (*listed)[0].key;
  EXPECT_EQ(**run(received_.document(key)), document);
  EXPECT_EQ((*run(received_.find(key)))->summary.report_id, "1");
  for (const std::string& unknown : {std::string("zz"), std::string(32, '0')}) {
    EXPECT_FALSE(*run(received_.find(unknown)));
    EXPECT_FALSE(*run(received_.document(unknown)));
  }
  EXPECT_TRUE(*run(received_.erase(key)));
  EXPECT_FALSE(*run(received_.erase(key)));
  EXPECT_FALSE(*run(received_.document(key)));
  EXPECT_EQ(add(summary("1")), Received::Added::kNew);
}

TEST_F(ReceivedTest, TakesNoMoreThanItsBoundAndForgetsTheOld) {
  for (const auto* id : {"1", "2", "3", "4"}) EXPECT_EQ(add(summary(id)), Received::Added::kNew);
  EXPECT_EQ(add(summary("5")), Received::Added::kFull);
  clock_.advance(24h * 401);
  EXPECT_EQ(run(received_.sweep()), 4U);
  EXPECT_EQ(ids({}), "");
  EXPECT_EQ(add(summary("5")), Received::Added::kNew);
}

}  // namespace
}  // namespace veredus::state::reports
