#include "work/mailauth/answers.h"

#include <gtest/gtest.h>

#include "support/run.h"
#include "support/scripted_resolver.h"

namespace veredus::work::mailauth {
namespace {

using rules::inquiry::Question;
using rules::inquiry::RecordType;
using rules::inquiry::ReplyStatus;

constexpr SystemTime kNow{std::chrono::seconds(1'790'000'000)};

class AnswersTest : public ::testing::Test {
 protected:
  ReplyStatus ask(Answers& answers, const std::string& name) {
    const Question question{.type = RecordType::kTxt, .name = name};
    if (const auto known = answers.known(question)) return known->status;
    return test::run(io_, answers.ask(question, clock_.steady_now() + std::chrono::seconds(5))).status;
  }

  asio::io_context io_;
  FixedClock clock_{kNow};
  test::ScriptedResolver dns_;
};

rules::inquiry::Inquiry<int> ask_often(int times) {
  int found = 0;
  for (int i = 0; i < times; ++i) {
    const rules::inquiry::Reply reply = co_await rules::inquiry::ask(RecordType::kTxt, "key.test");
    if (reply.status == ReplyStatus::kFound) ++found;
  }
  co_return found;
}

asio::awaitable<int> answered(Answers* answers, rules::inquiry::Inquiry<int>* inquiry, SteadyTime until, bool* done) {
  co_await finish(answers, inquiry, until, kKeysAtOnce);
  *done = true;
  co_return inquiry->take();
}

asio::awaitable<void> count_turns(const bool* done, int* turns) {
  while (!*done) {
    ++*turns;
    co_await asio::post(asio::use_awaitable);
  }
}

TEST_F(AnswersTest, LetOthersGoFirstWhenOneAsksForMany) {  // a chain of 50 sets has a hundred signatures
  dns_.txt("key.test", {"v=DKIM1; p="});
  Answers answers(dns_, clock_, {});
  ASSERT_EQ(ask(answers, "key.test"), ReplyStatus::kFound);
  auto inquiry = ask_often(100);
  bool done = false;
  int turns = 0;
  asio::co_spawn(io_, count_turns(&done, &turns), [](const std::exception_ptr& failure) { EXPECT_FALSE(failure); });
  EXPECT_EQ(test::run(io_, answered(&answers, &inquiry, clock_.steady_now() + std::chrono::seconds(5), &done)), 100);
  EXPECT_GE(turns, 100 / static_cast<int>(kKeysAtOnce) - 1);
  EXPECT_EQ(dns_.asked(), 1U);
}

TEST_F(AnswersTest, AreKeptAsLongAsTheyHoldWithinBounds) {
  dns_.txt("example.org", {"v=spf1 -all"});
  struct Case {
    std::chrono::seconds ttl;
    std::chrono::seconds kept;
  };
  const Case cases[] = {{std::chrono::seconds(0), std::chrono::seconds(5)},
                        {std::chrono::seconds(60), std::chrono::seconds(60)},
                        {std::chrono::seconds(86'400), std::chrono::seconds(300)}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.ttl.count());
    Answers answers(dns_, clock_, {});
    dns_.ttl(c.ttl);
    const auto before = dns_.asked();
    EXPECT_EQ(ask(answers, "example.org"), ReplyStatus::kFound);
    clock_.advance(c.kept - std::chrono::milliseconds(1));
    EXPECT_EQ(ask(answers, "example.org"), ReplyStatus::kFound);
    EXPECT_EQ(dns_.asked(), before + 1);
    clock_.advance(std::chrono::milliseconds(1));
    EXPECT_EQ(ask(answers, "example.org"), ReplyStatus::kFound);
    EXPECT_EQ(dns_.asked(), before + 2);
  }
}

TEST_F(AnswersTest, AreKeptAlsoWhenThereIsNothingAndForAMomentWhenDnsFails) {  // RFC 9520 s3.2
  Answers answers(dns_, clock_, {});
  dns_.fail("broken.test", io::dns::DnsError::kTimeout);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(ask(answers, "none.test"), ReplyStatus::kNoSuchName);
    EXPECT_EQ(ask(answers, "broken.test"), ReplyStatus::kFailed);
  }
  EXPECT_EQ(dns_.asked("none.test"), 1U);
  EXPECT_EQ(dns_.asked("broken.test"), 1U);
  EXPECT_EQ(answers.figures().known, 2U);
  EXPECT_EQ(answers.figures().asked, 2U);
  clock_.advance(std::chrono::seconds(5));
  ask(answers, "none.test");
  ask(answers, "broken.test");
  EXPECT_EQ(dns_.asked("none.test"), 1U);
  EXPECT_EQ(dns_.asked("broken.test"), 2U);
}

TEST_F(AnswersTest, TakeNoMoreMemoryThanTheyMay) {
  Answers answers(dns_, clock_, {.octets = 64 * 1024});
  dns_.txt("large.test", {std::string(4'000, 'x')});
  ask(answers, "large.test");
  EXPECT_EQ(answers.known({.type = RecordType::kTxt, .name = "large.test"}), nullptr);
  std::size_t known = 0;
  for (int i = 0; i < 1'000; ++i) ask(answers, "n" + std::to_string(i) + ".test");
  for (int i = 0; i < 1'000; ++i)
    if (answers.known({.type = RecordType::kTxt, .name = "n" + std::to_string(i) + ".test"})) ++known;
  EXPECT_GT(known, 0U);
  EXPECT_LT(known, 64 * 1024 / 256U);
}

TEST_F(AnswersTest, ComeNoLaterThanTheDeadline) {
  Answers answers(dns_, clock_, {});
  const Question question{.type = RecordType::kTxt, .name = "example.org"};
  EXPECT_EQ(test::run(io_, answers.ask(question, clock_.steady_now())).status, ReplyStatus::kFailed);
  EXPECT_EQ(dns_.asked(), 0U);
}

}  // namespace
}  // namespace veredus::work::mailauth
