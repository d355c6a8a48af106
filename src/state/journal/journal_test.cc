#include "state/journal/journal.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "base/codec/hex.h"
#include "io/engine/memory_engine.h"
#include "state/journal/block.h"
#include "support/run.h"

namespace veredus::state::journal {
namespace {

using base::observe::JournalEvent;
using io::engine::MemoryEngine;
using namespace std::chrono_literals;

constexpr SystemTime kNow{std::chrono::milliseconds{1'790'000'000'123}};

JournalEvent event_of(SystemTime at, std::string id, std::string kind,
                      std::vector<std::pair<std::string, std::string>> details = {}) {
  return {.at = at, .message_id = std::move(id), .kind = std::move(kind), .details = std::move(details)};
}

std::string kinds(const std::vector<JournalEvent>& events) {
  std::string all;
  for (const auto& event : events) all += event.message_id + ":" + event.kind + " ";
  return all;
}

class JournalTest : public ::testing::Test {
 protected:
  template <class T>
  T run(asio::awaitable<T> work) {
    return test::run(io_, std::move(work));
  }
  std::string find(Query query) { return kinds(*run(journal_.find(std::move(query)))); }
  std::string trace(Query query) { return kinds(*run(journal_.trace(std::move(query)))); }

  asio::io_context io_;
  FixedClock clock_{kNow};
  MemoryEngine engine_{{.clock = &clock_}};
  Journal journal_{engine_, clock_, {}};
};

TEST(EncodeBlock, StaysAsItWasReleased) {  // docs/formats/journal.md
  std::ifstream file(std::string(VEREDUS_SOURCE_DIR) + "/test/data/formats/journal-block-1.hex");
  std::stringstream golden;
  golden << file.rdbuf();
  const std::vector<JournalEvent> events{
      event_of(kNow + 5ms, "q1", "received", {{"sender", "alice@demo.test"}, {"octets", "7"}}),
      event_of(kNow, "", "refused")};
  const auto block = encode_block(events);
  EXPECT_EQ(base::codec::hex_encode(block) + "\n", golden.str());
  const auto decoded = decode_block(block);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(encode_block(*decoded), block);
  for (std::size_t length = 0; length < block.size(); ++length)
    EXPECT_FALSE(decode_block(std::string_view(block).substr(0, length))) << length;
}

TEST(TermHash, StaysAsItWasReleased) {
  EXPECT_EQ(term_hash(Term::kSender, "Alice@Demo.test"), term_hash(Term::kSender, "<alice@demo.test>"));
  EXPECT_EQ(base::codec::hex_encode(index_key(term_hash(Term::kQueueId, "abc"), {.first = kNow, .sequence = 9})),
            "695b4031fad399c621000001a0c4506c7b00000009");
}

TEST_F(JournalTest, FindsByEveryTermWhetherWrittenOrNot) {
  const std::vector<std::pair<std::string, std::string>> details{{"sender", "alice@demo.test"},
                                                                 {"recipient", "Bob@demo.test"},
                                                                 {"recipient", "carol@demo.test"},
                                                                 {"message-id", "<x@demo.test>"}};
  journal_.record(event_of(kNow, "q1", "received", details));
  journal_.record(event_of(kNow, "q2", "received"));
  const std::vector<Query> queries{{.term = Term::kQueueId, .value = "Q1"},
                                   {.term = Term::kSender, .value = "ALICE@demo.test"},
                                   {.term = Term::kRecipient, .value = "bob@demo.test"},
                                   {.term = Term::kRecipient, .value = "<carol@demo.test>"},
                                   {.term = Term::kMessageId, .value = "x@demo.test"}};
  for (const bool is_written : {false, true}) {
    if (is_written) ASSERT_TRUE(run(journal_.flush()));
    for (const auto& query : queries) {
      SCOPED_TRACE(query.value);
      EXPECT_EQ(find(query), "q1:received ");
    }
    EXPECT_EQ(find({.term = Term::kSender, .value = "bob@demo.test"}), "");
  }
}

TEST_F(JournalTest, TracesTheWholeJourneyInItsOrder) {
  journal_.record(event_of(kNow, "q1", "received", {{"sender", "alice@demo.test"}}));
  journal_.record(event_of(kNow, "q1", "delivered", {{"recipient", "bob@demo.test"}}));
  ASSERT_TRUE(run(journal_.flush()));
  journal_.record(event_of(kNow + 2s, "q1", "read"));
  EXPECT_EQ(trace({.term = Term::kRecipient, .value = "bob@demo.test"}), "q1:received q1:delivered q1:read ");
}

TEST_F(JournalTest, TracesWhatHasEverythingThatIsAskedFor) {
  for (const std::string id : {"q1", "q2", "q3"}) {
    journal_.record(event_of(kNow, id, "received", {{"sender", id == "q3" ? "eve@demo.test" : "alice@demo.test"}}));
    journal_.record(event_of(kNow, id, id == "q1" ? "sent" : "deferred", {{"recipient", "bob@demo.test"}}));
  }
  journal_.record(event_of(kNow, "", "refused", {{"recipient", "bob@demo.test"}}));
  for (const bool is_written : {false, true}) {
    if (is_written) ASSERT_TRUE(run(journal_.flush()));
    EXPECT_EQ(trace({.term = Term::kKind, .value = "Sent"}), "q1:received q1:sent ");
    EXPECT_EQ(trace({.term = Term::kSender, .value = "alice@demo.test", .also = {{Term::kKind, "deferred"}}}),
              "q2:received q2:deferred ");
    const Query::Also bob{Term::kRecipient, "bob@demo.test"};
    EXPECT_EQ(trace({.term = Term::kSender, .value = "eve@demo.test", .also = {bob}}), "q3:received q3:deferred ");
    EXPECT_EQ(trace({.term = Term::kRecipient, .value = "bob@demo.test", .also = {{Term::kKind, "refused"}}}),
              ":refused ");
    EXPECT_EQ(trace({.term = Term::kQueueId, .value = "q1", .also = {{Term::kKind, "deferred"}}}), "");
  }
}

TEST_F(JournalTest, AnswersTheNewestOfATimeRangeOldestFirst) {
  for (int day = 0; day < 4; ++day) {
    journal_.record(
        event_of(kNow + std::chrono::days(day), "q" + std::to_string(day), "seen", {{"sender", "a@b.test"}}));
    ASSERT_TRUE(run(journal_.flush()));
  }
  Query query{.term = Term::kSender, .value = "a@b.test"};
  EXPECT_EQ(find(query), "q0:seen q1:seen q2:seen q3:seen ");
  query.limit = 2;
  EXPECT_EQ(find(query), "q2:seen q3:seen ");
  query.until = kNow + std::chrono::days(2);
  EXPECT_EQ(find(query), "q0:seen q1:seen ");
  query.from = kNow + 1ms;
  EXPECT_EQ(find(query), "q1:seen ");
}

TEST_F(JournalTest, KeepsEventsThatCouldNotBeWritten) {
  for (std::uint64_t at = 1; at <= 3; ++at) {
    journal_.record(event_of(kNow, "q" + std::to_string(at), "received"));
    engine_.plan_faults({.fail_at = engine_.operations() + 1});
    EXPECT_FALSE(run(journal_.flush()));
  }
  EXPECT_TRUE(run(journal_.flush()));
  EXPECT_EQ(find({.value = "q1"}) + find({.value = "q3"}), "q1:received q3:received ");
}

TEST_F(JournalTest, ShowsAnEventWrittenTwiceOnce) {
  journal_.record(event_of(kNow, "q1", "received"));
  engine_.plan_faults(
      {.fail_at = engine_.operations() + 1, .error = io::engine::StoreError::kUnknownOutcome, .takes_effect = true});
  EXPECT_FALSE(run(journal_.flush()));
  EXPECT_EQ(find({.value = "q1"}), "q1:received ");
  EXPECT_TRUE(run(journal_.flush()));
  EXPECT_EQ(find({.value = "q1"}), "q1:received ");
}

TEST_F(JournalTest, DropsAndCountsWhatIsTooMuch) {
  Journal small(engine_, clock_, {.max_waiting = 2});
  for (int i = 0; i < 5; ++i) small.record(event_of(kNow, "q", "received"));
  EXPECT_EQ(small.dropped(), 3U);
}

TEST_F(JournalTest, SplitsALongQueueIntoBlocks) {
  for (int i = 0; i < 2'500; ++i) journal_.record(event_of(kNow, "q" + std::to_string(i), "received"));
  const auto before = engine_.operations();
  ASSERT_TRUE(run(journal_.flush()));
  EXPECT_EQ(engine_.operations() - before, 3U);
  EXPECT_EQ(find({.value = "q0"}) + find({.value = "q2499"}), "q0:received q2499:received ");
}

TEST_F(JournalTest, ForgetsWhatIsPastItsRetention) {
  journal_.record(event_of(kNow, "old", "received"));
  ASSERT_TRUE(run(journal_.flush()));
  clock_.advance(std::chrono::days(20));
  journal_.record(event_of(clock_.now(), "new", "received"));
  ASSERT_TRUE(run(journal_.flush()));
  EXPECT_EQ(*run(journal_.sweep()), 0U);
  clock_.advance(std::chrono::days(12));
  EXPECT_EQ(*run(journal_.sweep()), 1U);
  EXPECT_EQ(find({.value = "old"}) + find({.value = "new"}), "new:received ");
}

}  // namespace
}  // namespace veredus::state::journal
