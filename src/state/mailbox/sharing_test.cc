#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <set>
#include <thread>

#include "io/net/task_group.h"
#include "support/mailboxes_fixture.h"

namespace veredus::state::mailbox {
namespace {

constexpr AccountId kShared{7};

NewMessage small(SystemTime now) {
  NewMessage made;
  made.octets = std::string(2048, 'm');
  made.internal_date = now;
  return made;
}

/// One session: appends and marks messages in the shared account. The pointers outlive it: the test joins.
asio::awaitable<void> session(Mailboxes* mailboxes, const Clock* clock, int rounds, std::vector<Uid>* uids) {
  for (int i = 0; i < rounds; ++i) {
    auto appended = co_await mailboxes->append(kShared, small(clock->now()), QuotaLimits());
    if (!appended) continue;
    uids->push_back(appended->at.uid);
    FlagChange seen;
    seen.mode = FlagChange::Mode::kAdd;
    seen.flags = {Flag::kSeen};
    co_await mailboxes->store_flags(kShared, kInbox, UidSet(appended->at.uid), seen);
    if (i % 5 == 4) co_await mailboxes->expunge(kShared, kInbox, UidSet(uids->front()));
  }
}

class MailboxesShared : public test::MailboxesTest {};

asio::awaitable<void> append_one(Mailboxes* mailboxes, const Clock* clock) {
  auto message = small(clock->now());
  co_await mailboxes->append(kShared, std::move(message), QuotaLimits());
}

TEST_F(MailboxesShared, AreLeftInOrderByTasksThatAreCancelled) {
  io::engine::MemoryEngine suspending({.clock = &clock, .commits_inline = false});
  Mailboxes shared(suspending, clock, options);
  must(shared.list(kShared));
  for (int steps = 1; steps < 60; ++steps) {
    SCOPED_TRACE(steps);
    io::net::TaskGroup group(io.get_executor());
    for (int i = 0; i < 5; ++i) group.spawn(append_one(&shared, &clock));
    io.restart();
    for (int i = 0; i < steps; ++i) io.run_one();
    group.cancel();
    io.run();
    EXPECT_EQ(group.size(), 0U);
    must(shared.append(kShared, small(clock.now()), QuotaLimits()));  // does not wait for ever
  }
}

TEST_F(MailboxesShared, BySixteenSessionsTakeFewCommits) {
  io::engine::MemoryEngine suspending({.clock = &clock, .commits_inline = false});
  Mailboxes shared(suspending, clock, options);
  must(shared.list(kShared));
  const auto before = must(shared.highest_modseq(kShared));
  std::vector<std::vector<Uid>> uids(16);
  for (auto& mine : uids) {
    const auto one = [](Mailboxes* of, const Clock* now, std::vector<Uid>* to) -> asio::awaitable<void> {
      for (int i = 0; i < 10; ++i) {
        auto appended = co_await of->append(kShared, small(now->now()), QuotaLimits());
        if (appended) to->push_back(appended->at.uid);
      }
    };
    asio::co_spawn(io, one(&shared, &clock, &mine), asio::detached);
  }
  io.restart();
  io.run();
  std::set<Uid> all_uids;
  for (const auto& mine : uids) all_uids.insert(mine.begin(), mine.end());
  EXPECT_EQ(all_uids.size(), 160U);
  EXPECT_EQ(*all_uids.rbegin(), Uid(160));
  EXPECT_LE(must(shared.highest_modseq(kShared)).value - before.value, 25U) << "commits for 160 messages";
}

TEST_F(MailboxesShared, ByTwoReactorsStayWhole) {
  io::engine::MemoryEngine suspending({.clock = &clock, .commits_inline = false});
  Mailboxes shared(suspending, clock, options);
  constexpr int kRounds = 25;
  std::array<asio::io_context, 2> reactors;
  std::vector<std::vector<Uid>> uids(16);
  for (std::size_t i = 0; i < uids.size(); ++i)
    asio::co_spawn(reactors[i % 2], session(&shared, &clock, kRounds, &uids[i]), asio::detached);
  std::array<std::thread, 2> threads;
  for (std::size_t i = 0; i < threads.size(); ++i)
    threads[i] = std::thread([&reactor = reactors[i]] { reactor.run(); });
  for (auto& thread : threads) thread.join();
  std::set<Uid> all_uids;
  for (const auto& mine : uids) {
    EXPECT_EQ(mine.size(), std::size_t{kRounds});
    EXPECT_TRUE(std::ranges::is_sorted(mine));
    all_uids.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(all_uids.size(), 16U * kRounds) << "a UID was given twice";
  const auto inbox = must(shared.status(kShared, kInbox));
  EXPECT_EQ(inbox.uid_next, Uid(16 * kRounds + 1));
  EXPECT_EQ(inbox.counts.messages, 16U * (kRounds - 1));
  EXPECT_EQ(inbox.counts.unseen, 0U);
  const auto found = must(shared.verify_account(kShared, BodyCheck::kLengths));
  EXPECT_EQ(found.differences, std::vector<std::string>());
}

TEST_F(MailboxesShared, WithAnotherProgramRedoWhatGotInBetween) {
  Mailboxes other(engine, clock, options);
  append(message());
  must(other.append(kAccount, message(), {}));
  EXPECT_EQ(append(message()).at.uid, Uid(3));
  must(other.create(kAccount, "a", SpecialUse::kNone));
  EXPECT_EQ(run(mailboxes->create(kAccount, "a", SpecialUse::kNone)).error(), MailboxError::kMailboxExists);
  expect_verified();
}

TEST_F(MailboxesShared, TellWhoWatches) {
  auto inbox = mailboxes->watch(kAccount, kInbox);
  auto anything = mailboxes->watch(kAccount, std::nullopt);
  auto account = mailboxes->watch(kAccount, kWholeAccount);
  append(message());
  // The account's making and the message: kept as one change until somebody waits.
  const auto wait = [this](ChangeWatch& watch, std::chrono::milliseconds at_most = std::chrono::hours(1)) {
    const auto one = [](ChangeWatch* on, std::chrono::milliseconds time) -> asio::awaitable<ChangeWatch::Woken> {
      co_return co_await on->wait(time);
    };
    return run(one(&watch, at_most));
  };
  EXPECT_EQ(wait(inbox), ChangeWatch::Woken::kChanged);
  EXPECT_EQ(wait(anything), ChangeWatch::Woken::kChanged);
  must(mailboxes->create(kAccount, "a", SpecialUse::kNone));
  EXPECT_EQ(wait(anything), ChangeWatch::Woken::kChanged);
  inbox.cancel();
  EXPECT_EQ(wait(inbox), ChangeWatch::Woken::kCancelled);
  EXPECT_EQ(wait(account, {}), ChangeWatch::Woken::kTimedOut) << "it is there still";
  must(mailboxes->erase_account(kAccount));
  for (auto* watch : {&inbox, &account}) EXPECT_EQ(wait(*watch), ChangeWatch::Woken::kChanged);
}

/// Who is woken may look before the commit that woke it is noted in memory.
TEST_F(MailboxesShared, ShowAWaiterWhatItWasWokenFor) {
  io::engine::MemoryEngine suspending({.clock = &clock});  // whose commit wakes before its caller goes on
  Mailboxes shared(suspending, clock, options);
  must(shared.append(kAccount, message(), {}));
  auto watch = shared.watch(kAccount, kInbox);
  std::vector<Uid> told;
  const auto waiter = [](Mailboxes* mailboxes, ChangeWatch* on, std::vector<Uid>* to) -> asio::awaitable<void> {
    auto seen = (co_await mailboxes->highest_modseq(kAccount)).value();
    while (to->size() < 3) {
      co_await on->wait(std::chrono::hours(1));
      const auto now = (co_await mailboxes->highest_modseq(kAccount)).value();
      const auto changes = (co_await mailboxes->changes(kAccount, kInbox, seen, 100)).value();
      EXPECT_EQ(changes.up_to, now);
      to->insert(to->end(), changes.arrived.begin(), changes.arrived.end());
      seen = now;
    }
  };
  asio::co_spawn(io, waiter(&shared, &watch, &told), asio::detached);
  for (int i = 0; i < 3; ++i) must(shared.append(kAccount, message(), {}));
  io.restart();
  io.poll();
  EXPECT_EQ(told, (std::vector<Uid>{Uid(2), Uid(3), Uid(4)})) << "nothing is slept through";
}

TEST_F(MailboxesShared, WakeAWaiterFromAnotherCoroutine) {
  append(message());
  auto watch = mailboxes->watch(kAccount, kInbox);
  std::optional<ChangeWatch::Woken> woken;
  const auto waiter = [](ChangeWatch* on, std::optional<ChangeWatch::Woken>* to) -> asio::awaitable<void> {
    *to = co_await on->wait(std::chrono::hours(1));
  };
  asio::co_spawn(io, waiter(&watch, &woken), asio::detached);
  io.restart();
  io.poll();
  EXPECT_FALSE(woken);
  append(message());
  io.restart();
  io.poll();
  EXPECT_EQ(woken, ChangeWatch::Woken::kChanged);
}

}  // namespace
}  // namespace veredus::state::mailbox
