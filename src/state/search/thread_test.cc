#include "state/search/thread.h"

#include <gtest/gtest.h>

#include <random>

#include "base/codec/ascii.h"
#include "state/search/fold.h"
#include "wire/mime/message_id.h"

namespace veredus::state::search {
namespace {

struct Mail {
  std::string id;
  std::vector<std::string> references;
  std::string subject;
  int sent = 0;
};

std::vector<ThreadItem> items_of(const std::vector<Mail>& mails) {
  std::vector<ThreadItem> items;
  for (const auto& mail : mails) {
    ThreadItem item;
    item.uid = Uid(static_cast<std::uint32_t>(items.size() + 1));
    item.sent = SystemTime(std::chrono::hours(mail.sent != 0 ? mail.sent : static_cast<int>(items.size()) + 1));
    item.received = SystemTime(std::chrono::hours(items.size()));
    item.subject = thread_key(fold(wire::mime::base_subject(mail.subject)));
    item.reply = is_reply_or_forward(mail.subject);
    item.message_id = thread_key(mail.id);
    for (const auto& id : mail.references) item.references.push_back(thread_key(id));
    items.push_back(std::move(item));
  }
  return items;
}

/// As THREAD writes it, more simply.
std::string shown(const Threads& threads, std::uint32_t node) {
  std::string out;
  for (; node != kNoNode; node = threads.nodes[node].next) {
    const auto& one = threads.nodes[node];
    out += "(" + (one.uid == Uid() ? std::string("-") : std::to_string(one.uid.value)) +
           shown(threads, one.first_child) + ")";
  }
  return out;
}

std::expected<void, SearchError> permit_all(std::size_t /*octets*/) { return {}; }

Threads threads_of(const std::vector<Mail>& mails, ThreadBy by) {
  return make_threads(items_of(mails), by, permit_all).value();
}

std::string threaded(const std::vector<Mail>& mails, ThreadBy by = ThreadBy::kReferences) {
  const auto threads = threads_of(mails, by);
  return shown(threads, threads.first);
}

TEST(ThreadReferences, LinksByReferences) {  // RFC 5256 s3 REFERENCES (1), (2)
  EXPECT_EQ(threaded({{"a", {}, "s"}, {"b", {"a"}, "Re: s"}, {"c", {"a", "b"}, "Re: s"}, {"d", {"a"}, "Re: s"}}),
            "(1(2(3))(4))");
  EXPECT_EQ(threaded({}), "");
  EXPECT_EQ(threaded({{"a", {"b"}, "x"}, {"b", {"a"}, "x"}}), "(2(1))") << "a loop is not closed";
  EXPECT_EQ(threaded({{"a", {"a"}, "x"}}), "(1)");
}

TEST(ThreadReferences, HoldsTogetherWhatNamesAMissingMessage) {  // (3)
  EXPECT_EQ(threaded({{"b", {"a"}, "one"}, {"c", {"a"}, "two"}}), "(-(1)(2))");
  EXPECT_EQ(threaded({{"c", {"a", "b"}, "one"}}), "(1)") << "a dummy with one child goes";
  EXPECT_EQ(threaded({{"x", {}, "s"}, {"c", {"x", "m"}, "Re: s"}, {"d", {"x", "m"}, "Re: s"}}), "(1(2)(3))")
      << "below the root a dummy's children take its place";
}

TEST(ThreadReferences, PutsThreadsOfOneSubjectTogether) {  // (5)
  EXPECT_EQ(threaded({{"a", {}, "topic"}, {"b", {}, "Re: topic"}}), "(1(2))") << "a reply goes under what it answers";
  EXPECT_EQ(threaded({{"a", {}, "Re: topic"}, {"b", {}, "topic"}}), "(2(1))");
  EXPECT_EQ(threaded({{"a", {}, "topic"}, {"b", {}, "TOPIC"}}), "(-(1)(2))") << "two originals are siblings";
  EXPECT_EQ(threaded({{"a", {}, "topic"}, {"b", {}, "topic"}, {"c", {}, "Re: topic"}}), "(-(1)(2)(3))");
  EXPECT_EQ(threaded({{"a", {}, ""}, {"b", {}, "Re:"}}), "(1)(2)") << "no subject, nothing in common";
  EXPECT_EQ(threaded({{"a", {"m"}, "s"}, {"b", {"m"}, "s"}, {"c", {"n"}, "s"}, {"d", {"n"}, "s"}}), "(-(1)(2)(3)(4))")
      << "two dummies become one";
}

TEST(ThreadReferences, SortsSiblingsByTheTimeSent) {  // (4), (6)
  EXPECT_EQ(threaded({{"a", {}, "s", 9}, {"b", {"a"}, "Re: s", 8}, {"c", {"a"}, "Re: s", 7}, {"d", {}, "t", 1}}),
            "(4)(1(3)(2))");
}

TEST(ThreadReferences, GivesAnIdToTheFirstThatHasIt) {
  EXPECT_EQ(threaded({{"a", {}, "x"}, {"a", {}, "y"}, {"b", {"a"}, "z"}}), "(1(3))(2)");
}

TEST(ThreadReferences, BelievesAMessageMoreThanOthersAboutIt) {  // (1)(B)
  EXPECT_EQ(threaded({{"c", {"a", "b"}, "x"}, {"b", {"z"}, "y"}, {"a", {}, "w"}, {"z", {}, "v"}}), "(3)(4(2(1)))");
}

TEST(ThreadRefs, LeavesSubjectsAndOrdersByTheLastArrival) {
  EXPECT_EQ(threaded({{"a", {}, "s"}, {"b", {}, "s"}, {"c", {"a"}, "s"}}, ThreadBy::kRefs), "(2)(1(3))");
}

TEST(ThreadOrderedSubject, PutsAllOfASubjectUnderTheFirst) {  // RFC 5256 s3 ORDEREDSUBJECT
  EXPECT_EQ(threaded({{"a", {}, "b", 5}, {"b", {}, "a", 4}, {"c", {}, "Re: b", 3}, {"d", {}, "b", 9}},
                     ThreadBy::kOrderedSubject),
            "(3(1)(4))(2)");
}

TEST(Threads, OfAVeryLongChainAreMadeWithoutAStack) {
  std::vector<Mail> mails;
  constexpr int kLong = 60'000;
  for (int i = 0; i < kLong; ++i) {
    std::vector<std::string> references;
    if (i > 0) references.push_back("id" + std::to_string(i - 1));
    mails.push_back({"id" + std::to_string(i), std::move(references), "Re: s"});
  }
  const auto threads = threads_of(mails, ThreadBy::kReferences);
  int depth = 0;
  for (auto node = threads.first; node != kNoNode; node = threads.nodes[node].first_child) ++depth;
  EXPECT_EQ(depth, kLong);
}

/// Messages that name `ids` one under the other.
std::vector<Mail> chain_of(const std::vector<std::string>& ids) {
  constexpr std::size_t kAtOnce = 50;
  std::vector<Mail> mails;
  for (std::size_t from = 0; from + 1 < ids.size(); from += kAtOnce) {
    const auto to = std::min(from + kAtOnce + 1, ids.size());
    mails.push_back({"front" + std::to_string(from),
                     {ids.begin() + static_cast<std::ptrdiff_t>(from), ids.begin() + static_cast<std::ptrdiff_t>(to)},
                     "",
                     0});
  }
  return mails;
}

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back("id" + std::to_string(i));
  return ids;
}

std::size_t count_messages(const Threads& threads) {
  return static_cast<std::size_t>(
      std::ranges::count_if(threads.nodes, [](const auto& node) { return node.uid != Uid(); }));
}

// What follows takes gigabytes or minutes where the work grows with the square of the messages.
TEST(Threads, OfALongChainThatIsMissingAreMadeInProportion) {
  const auto ids = numbered(100'000);
  auto mails = chain_of(ids);
  for (const auto& id : ids) mails.push_back({"to" + id, {id}, "", 0});
  for (const auto by : {ThreadBy::kReferences, ThreadBy::kRefs}) {
    const auto threads = threads_of(mails, by);
    EXPECT_EQ(count_messages(threads), mails.size());
    std::size_t together = 0;
    for (auto node = threads.nodes[threads.first].first_child; node != kNoNode; node = threads.nodes[node].next)
      ++together;
    EXPECT_EQ(together, mails.size()) << "all stand under what is missing";
  }
}

TEST(Threads, OfALongChainThatItsMessagesContradictAreMadeInProportion) {
  const auto ids = numbered(200'000);
  auto mails = chain_of(ids);
  for (const auto& id : ids) mails.push_back({id, {ids.back()}, "", 0});
  EXPECT_EQ(count_messages(threads_of(mails, ThreadBy::kReferences)), mails.size());
}

TEST(Threads, HoldEveryMessageOnceWhateverTheyName) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::vector<Mail> mails;
    std::uniform_int_distribution<int> id(0, 12);
    for (int i = 0; i < 20; ++i) {
      Mail mail{"i" + std::to_string(id(random)), {}, id(random) % 3 == 0 ? "s" : "Re: s", id(random)};
      for (int j = id(random) % 4; j > 0; --j) mail.references.push_back("i" + std::to_string(id(random)));
      mails.push_back(std::move(mail));
    }
    for (const auto by : {ThreadBy::kReferences, ThreadBy::kRefs, ThreadBy::kOrderedSubject}) {
      const auto threads = threads_of(mails, by);
      std::vector<int> seen(21, 0);
      std::vector<std::uint32_t> open(1, threads.first);
      while (!open.empty()) {
        const auto node = open.back();
        open.pop_back();
        if (node == kNoNode) continue;
        ++seen[threads.nodes[node].uid.value];
        open.push_back(threads.nodes[node].next);
        open.push_back(threads.nodes[node].first_child);
      }
      for (int uid = 1; uid <= 20; ++uid) ASSERT_EQ(seen[uid], 1) << "message " << uid;
    }
  }
}

TEST(Threads, AskBeforeTheyTakeMemoryForMessagesThatAreMissing) {
  std::vector<Mail> mails;
  for (int i = 0; i < 20'000; ++i) mails.push_back({"id" + std::to_string(i), {"m" + std::to_string(i)}, "", 0});
  std::size_t granted = 0;
  const auto count = [&granted](std::size_t octets) -> std::expected<void, SearchError> {
    granted += octets;
    return {};
  };
  ASSERT_TRUE(make_threads(items_of(mails), ThreadBy::kRefs, count));
  EXPECT_GE(granted, mails.size() * kThreadMissingOctets);
  EXPECT_LT(granted, 2 * mails.size() * kThreadMissingOctets);
  const auto up_to = [&granted](std::size_t octets) -> std::expected<void, SearchError> {
    granted += octets;
    if (granted > 10'000 * kThreadMissingOctets) return std::unexpected(SearchError::kTooLarge);
    return {};
  };
  granted = 0;
  const auto refused = make_threads(items_of(mails), ThreadBy::kRefs, up_to);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), SearchError::kTooLarge);
}

TEST(Threads, AreGivenUpInTheMiddleWhenNobodyWantsThem) {
  std::vector<Mail> mails;
  for (int i = 0; i < 9'000; ++i) mails.push_back({"id" + std::to_string(i), {"id0"}, "", 0});
  for (const auto by : {ThreadBy::kReferences, ThreadBy::kRefs}) {
    const auto items = items_of(mails);
    int asked = 0;
    ASSERT_TRUE(make_threads(items, by, [&asked](std::size_t octets) {
      ++asked;
      return permit_all(octets);
    }));
    EXPECT_GE(asked, 6);
    for (int last = 1; last <= asked; ++last) {
      SCOPED_TRACE(last);
      int times = 0;
      const auto stop = [&](std::size_t) -> std::expected<void, SearchError> {
        if (++times == last) return std::unexpected(SearchError::kStopped);
        return {};
      };
      EXPECT_EQ(make_threads(items, by, stop).error(), SearchError::kStopped);
      EXPECT_EQ(times, last) << "nothing was asked after that";
    }
  }
}

TEST(ThreadKeys, TellTextsApart) {
  EXPECT_EQ(thread_key(""), kNoText);
  EXPECT_NE(thread_key("a@example.org"), kNoText);
  EXPECT_EQ(thread_key("a@example.org"), thread_key("a@example.org"));
  EXPECT_NE(thread_key("a@example.org"), thread_key("b@example.org"));
}

TEST(IsReplyOrForward, ReadsTheMarksOfRfc5256) {  // s2.1
  for (const auto* yes : {"Re: x", "RE : x", "Fwd: x", "fw: x", "Re[2]: x", "[list] Re: x", "x (fwd)", "[Fwd: x]"})
    EXPECT_TRUE(is_reply_or_forward(yes)) << yes;
  for (const auto* no : {"x", "", "Regarding: x", "[list] x", "Forward: x", "re x"})
    EXPECT_FALSE(is_reply_or_forward(no)) << no;
}

}  // namespace
}  // namespace veredus::state::search
