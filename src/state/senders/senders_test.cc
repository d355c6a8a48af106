#include "state/senders/senders.h"

#include <gtest/gtest.h>

#include "io/engine/memory_engine.h"
#include "support/run.h"

namespace veredus::state::senders {
namespace {

using namespace std::chrono_literals;
using rules::standing::Outcome;

constexpr SystemTime kNow{std::chrono::seconds(1'790'000'000)};

class SendersTest : public ::testing::Test {
 protected:
  template <class T>
  T await(asio::awaitable<T> work) {
    return test::run(io_, std::move(work));
  }
  void flush(Senders& senders) { await(flushed(&senders)); }
  static asio::awaitable<int> flushed(Senders* senders) {
    co_await senders->flush();
    co_return 0;
  }

  asio::io_context io_;
  FixedClock clock_{kNow};
  io::engine::MemoryEngine engine_;
};

TEST_F(SendersTest, AreListedByHowMuchTheySend) {
  Senders senders(engine_, clock_, {});
  for (int i = 1; i <= 40; ++i) {
    auto sender = await(senders.open("dn" + std::to_string(i) + ".test"));
    for (int j = 0; j < i; ++j) sender->count(j % 2 == 0 ? Outcome::kAccepted : Outcome::kJunk);
  }
  await(senders.open("n192.0.2.0"))->count(Outcome::kRefused);
  const auto most = await(senders.list({.key = {}, .limit = 3})).value();
  ASSERT_EQ(most.size(), 3U);
  EXPECT_EQ(most[0].key, "dn40.test");
  EXPECT_EQ(most[0].record.accepted, 20U);
  EXPECT_EQ(most[0].record.junk, 20U);
  EXPECT_EQ(most[2].key, "dn38.test");
  EXPECT_EQ(await(senders.list({.key = {}, .limit = 100}))->size(), 41U);
  const auto one = await(senders.list({.key = "dn7.test", .limit = 3})).value();
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0].record.accepted, 4U);
  EXPECT_TRUE(await(senders.list({.key = "dn7.tes", .limit = 3}))->empty());
}

TEST_F(SendersTest, AreRememberedOverARestart) {
  {
    Senders senders(engine_, clock_, {});
    auto sender = await(senders.open("dexample.org"));
    ASSERT_TRUE(sender);
    EXPECT_TRUE(sender->greylist({}));
    sender->count(Outcome::kPutOff);
    flush(senders);
  }
  clock_.advance(6min);
  Senders senders(engine_, clock_, {});
  auto sender = await(senders.open("dexample.org"));
  ASSERT_TRUE(sender);
  EXPECT_EQ(sender->record().put_off, 1U);
  EXPECT_FALSE(sender->greylist({}));
  EXPECT_TRUE(await(senders.open("dother.test"))->greylist({}));
}

TEST_F(SendersTest, AreOneRecordForAllWhoWorkOnIt) {
  Senders senders(engine_, clock_, {});
  auto one = await(senders.open("dexample.org"));
  auto other = await(senders.open("dexample.org"));
  one->count(Outcome::kAccepted);
  other->count(Outcome::kJunk);
  EXPECT_EQ(one->record(), other->record());
  EXPECT_EQ(one->record().junk, 1U);
}

TEST_F(SendersTest, LeaveMemoryOnlyWhenTheyAreWrittenDown) {
  Senders senders(engine_, clock_, {.cached = 2});
  for (int i = 0; i < 10; ++i) await(senders.open("d" + std::to_string(i)))->count(Outcome::kAccepted);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(await(senders.open("d" + std::to_string(i)))->record().accepted, 1U);
  flush(senders);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(await(senders.open("d" + std::to_string(i)))->record().accepted, 1U);
}

TEST_F(SendersTest, AreKeptWhenTheyCannotBeWrittenDown) {
  {
    Senders senders(engine_, clock_, {.cached = 1});
    await(senders.open("dexample.org"))->count(Outcome::kAccepted);
    engine_.report_health({.writable = false, .reason = "full"});
    bool flushed = false;
    asio::co_spawn(io_, senders.flush(), [&flushed](const std::exception_ptr&) { flushed = true; });
    await(senders.open("dother.test"));  // makes room while that is being written
    while (!flushed) flushed = io_.poll() == 0;
    engine_.report_health({});
    flush(senders);
  }
  Senders senders(engine_, clock_, {});
  EXPECT_EQ(await(senders.open("dexample.org"))->record().accepted, 1U);
}

TEST_F(SendersTest, AreForgottenInTheEnd) {
  {
    Senders senders(engine_, clock_, {});
    await(senders.open("dold.test"))->count(Outcome::kAccepted);
    flush(senders);
    clock_.advance(std::chrono::hours(24 * 80));
    await(senders.open("dyoung.test"))->count(Outcome::kAccepted);
    flush(senders);
  }
  clock_.advance(std::chrono::hours(24 * 20));
  Senders senders(engine_, clock_, {});
  EXPECT_EQ(await(senders.sweep()), 1U);
  EXPECT_TRUE(await(senders.open("dold.test"))->record().is_new());
  EXPECT_FALSE(await(senders.open("dyoung.test"))->record().is_new());
}

}  // namespace
}  // namespace veredus::state::senders
