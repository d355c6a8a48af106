#include "state/search/searcher.h"

#include <gtest/gtest.h>

#include "io/net/task_group.h"
#include "state/search/row_pass.h"
#include "state/search/search_memory.h"
#include "state/search/sort_columns.h"
#include "state/search/turns.h"
#include "support/mailboxes_fixture.h"
#include "wire/mime/message.h"
#include "wire/mime/summary.h"

namespace veredus::state::search {
namespace {

using mailbox::Flag;
using mailbox::kInbox;
using mailbox::NewMessage;

class SearcherTest : public test::MailboxesTest {
 protected:
  NewMessage mail(std::string octets) {
    NewMessage made;
    made.content = wire::mime::summarize(wire::mime::parse(octets));
    made.internal_date = clock.now();
    made.octets = std::move(octets);
    return made;
  }
  void deliver(std::string octets) { append(mail(std::move(octets))); }

  std::vector<std::uint32_t> find(Query query) {
    const auto found = run(searcher.search(kAccount, kInbox, std::move(query), nullptr));
    if (!found) throw std::runtime_error(std::string(to_string(found.error())));
    return numbers(found->uids);
  }
  std::vector<std::uint32_t> sorted(std::vector<SortKey> keys) {
    return numbers(run(searcher.sort(kAccount, kInbox, Query{All{}}, std::move(keys), nullptr))->uids);
  }
  static std::vector<std::uint32_t> numbers(const std::vector<Uid>& uids) {
    std::vector<std::uint32_t> numbers;
    for (const Uid uid : uids) numbers.push_back(uid.value);
    return numbers;
  }

  io::net::WorkerPool pool{{.threads = 2}};
  Searcher searcher{*mailboxes, pool, nullptr, Options()};
};

using Uids = std::vector<std::uint32_t>;

asio::awaitable<void> search_and_say(Searcher* searcher, AccountId account, std::string* order, char name) {
  const auto found = co_await searcher->search(account, kInbox, Query{BodyHas{"body"}}, nullptr);
  EXPECT_TRUE(found);
  order->push_back(name);
}

/// Of which one account may have `octets`.
std::size_t budget_of(std::size_t octets) {
  std::size_t budget = octets;
  while (SearchBudget(budget).limit_of_one() < octets) ++budget;
  return budget;
}

Query in_header(std::string name, std::string text) { return {HeaderHas{std::move(name), std::move(text)}}; }
Query in_body(std::string text) { return {BodyHas{std::move(text)}}; }
Query in_text(std::string text) { return {TextHas{std::move(text)}}; }
Query no(Query query) {
  Not none;
  none.none.push_back(std::move(query));
  return {std::move(none)};
}
Query both(Query a, Query b) {
  And all;
  all.all.push_back(std::move(a));
  all.all.push_back(std::move(b));
  return {std::move(all)};
}
Query either(Query a, Query b) {
  Or any;
  any.any.push_back(std::move(a));
  any.any.push_back(std::move(b));
  return {std::move(any)};
}

TEST_F(SearcherTest, AsksRows) {
  for (int i = 0; i < 4; ++i) {
    auto message = mail("Subject: " + std::to_string(i) + "\r\n\r\n" + std::string(100 * i, 'x'));
    if (i % 2 == 1) message.flags = {Flag::kSeen};
    if (i == 2) message.keywords = {"$Junk"};
    message.internal_date = SystemTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / (i + 1)));
    append(std::move(message));
  }
  EXPECT_EQ(find({All{}}), (Uids{1, 2, 3, 4}));
  EXPECT_EQ(find({HasFlag{Flag::kSeen}}), (Uids{2, 4}));
  EXPECT_EQ(find(no({HasFlag{Flag::kSeen}})), (Uids{1, 3}));
  EXPECT_EQ(find({HasKeyword{"$JUNK"}}), (Uids{3}));
  EXPECT_EQ(find({HasKeyword{"$NotJunk"}}), (Uids{}));
  EXPECT_EQ(find(no({HasKeyword{"$NotJunk"}})), (Uids{1, 2, 3, 4}));
  EXPECT_EQ(find({Size{200, std::nullopt}}), (Uids{3, 4}));
  EXPECT_EQ(find({Size{std::nullopt, 100}}), (Uids{1}));
  const auto day = [](unsigned d) { return SystemTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / d)); };
  EXPECT_EQ(find({Received{day(2), day(4)}}), (Uids{2, 3}));
  mailbox::UidSet some;
  some.add({Uid(2), Uid(9)});
  EXPECT_EQ(find({InUids{some}}), (Uids{2, 3, 4}));
  EXPECT_EQ(find(both({InUids{some}}, no({HasFlag{Flag::kSeen}}))), (Uids{3}));
  EXPECT_EQ(find(either({InUids{mailbox::UidSet(Uid(1))}}, {HasKeyword{"$junk"}})), (Uids{1, 3}));
  EXPECT_EQ(find({Or{}}), (Uids{}));
  EXPECT_EQ(find({And{}}), (Uids{1, 2, 3, 4}));
}

TEST_F(SearcherTest, AsksHeadersDecoded) {
  deliver("From: =?iso-8859-1?q?J=FCrgen_M=FCller?= <jm@example.org>\r\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\r\n\r\n");
  deliver("From: Carol <carol@demo.test>\r\nSubject: a folded\r\n\tsubject\r\nX-Spam: no\r\n\r\n");
  deliver("To: \"Carol \\\"C\\\" Example\" <c@demo.test>\r\nX-Spam: Yes, =?utf-8?q?sp=C3=A4m?=\r\n\r\n");
  EXPECT_EQ(find(in_header("From", "MÜLLER")), (Uids{1}));
  EXPECT_EQ(find(in_header("from", "example.ORG")), (Uids{1}));
  EXPECT_EQ(find(in_header("Subject", "grüße")), (Uids{1}));
  EXPECT_EQ(find(in_header("Subject", "folded subject")), (Uids{2}));
  EXPECT_EQ(find(in_header("Subject", "")), (Uids{1, 2})) << "the field is there";
  EXPECT_EQ(find(in_header("To", "carol \"c\" ex")), (Uids{3}));
  EXPECT_EQ(find(in_header("X-Spam", "YES")), (Uids{3})) << "not stored: read from the message";
  EXPECT_EQ(find(in_header("x-spam", "späm")), (Uids{3}));
  EXPECT_EQ(find(in_header("X-Spam", "")), (Uids{2, 3}));
  EXPECT_EQ(find(no(in_header("X-Spam", ""))), (Uids{1}));
  EXPECT_EQ(find(in_header("X-None", "")), (Uids{}));
}

TEST_F(SearcherTest, AsksBodiesAndTexts) {
  deliver("Subject: needle in subject\r\n\r\nhay\r\n");
  deliver("Subject: x\r\n\r\nThis has a NEEDLE in it\r\n");
  deliver(
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Disposition: attachment; filename=needle.bin\r\n"
      "Content-Type: application/x-thing\r\n\r\nneedle\r\n--b--\r\n");
  deliver(
      "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+TsOkZGVsPC9iPg==\r\n");
  EXPECT_EQ(find(in_body("needle")), (Uids{2}));
  EXPECT_EQ(find(in_text("needle")), (Uids{1, 2, 3}));
  EXPECT_EQ(find(no(in_body("needle"))), (Uids{1, 3, 4}));
  EXPECT_EQ(find(in_body("nädel")), (Uids{4}));
  EXPECT_EQ(find(both(in_body("needle"), in_header("Subject", "x"))), (Uids{2}));
  EXPECT_EQ(find(both(in_body("needle"), no(in_text("in it")))), (Uids{}));
  EXPECT_EQ(find(either(in_body("hay"), in_body("NÄDEL"))), (Uids{1, 4}));
  EXPECT_EQ(find(in_body("")), (Uids{1, 2, 3, 4}));
  EXPECT_EQ(find(in_text("subject: needle")), (Uids{1}));
}

TEST_F(SearcherTest, FindsAcrossTheChunksOfALongMessage) {
  const std::string head = "Subject: long\r\n\r\n";
  std::string octets = head;
  while (octets.size() < 700'000) octets += "line after line of nothing much\r\n";
  const std::size_t first = mailbox::kChunkOctets;
  octets.replace(first - 3, 6, "NEEDLE");                        // over the first border
  octets.replace(first + mailbox::kChunkOctets - 2, 4, "pinS");  // and the second
  NewMessage made;
  made.content = wire::mime::summarize(wire::mime::parse(octets));
  made.internal_date = clock.now();
  made.octets = octets.substr(0, first);
  const auto id = mailboxes->new_staged_email();
  std::uint32_t index = 1;
  for (std::size_t at = first; at < octets.size(); at += mailbox::kChunkOctets)
    must(mailboxes->stage_chunk(kAccount, id, index++, octets.substr(at, mailbox::kChunkOctets),
                                clock.now() + std::chrono::hours(1)));
  made.staged = mailbox::StagedBody{id, octets.size() - first};
  append(std::move(made));
  EXPECT_EQ(find(in_body("needle")), (Uids{1}));
  EXPECT_EQ(find(in_body("PINs")), (Uids{1}));
  EXPECT_EQ(find(in_body("needles")), (Uids{}));
  EXPECT_EQ(find(both(in_body("needle"), in_body("pins"))), (Uids{1}));
}

TEST_F(SearcherTest, ReadsTheHeaderOfAMessageWhoseFieldsWereNotKept) {
  auto message = mail("Subject: whole\r\nFrom: a@demo.test\r\n\r\nbody\r\n");
  message.content.fields.clear();
  message.content.fields_complete = false;
  message.content.part_table.clear();
  append(std::move(message));
  EXPECT_EQ(find(in_header("Subject", "whole")), (Uids{1}));
  EXPECT_EQ(find(in_header("Subject", "part")), (Uids{}));
  EXPECT_EQ(find(in_body("body")), (Uids{1}));
}

TEST_F(SearcherTest, TakesTheDayOfTheDateFieldByItsOwnClock) {  // RFC 9051 s6.4.4 SENTON
  deliver("Date: Sun, 01 Mar 2026 23:30:00 -0800\r\n\r\n");
  deliver("Date: Mon, 02 Mar 2026 00:30:00 +0100\r\n\r\n");
  deliver("Subject: undated\r\n\r\n");
  const std::chrono::sys_days first = std::chrono::year(2026) / 3 / 1;
  EXPECT_EQ(find({SentOn{first, first + std::chrono::days(1)}}), (Uids{1}));
  EXPECT_EQ(find({SentOn{first + std::chrono::days(1), std::nullopt}}), (Uids{2}));
  EXPECT_EQ(find({SentOn{std::nullopt, first}}), (Uids{}));
}

TEST_F(SearcherTest, IsExactOverThousandsOfMessagesInSeveralLanes) {
  std::vector<NewMessage> some;
  Uids want_subject;
  Uids want_body;
  for (std::uint32_t i = 1; i <= 2'000; ++i) {
    some.push_back(mail("Subject: number " + std::to_string(i) + "\r\nX-Odd: " + (i % 2 == 1 ? "odd" : "even") +
                        "\r\n\r\nthe body of " + std::to_string(i * 7) + ".\r\n"));
    if (std::to_string(i).contains("77")) want_subject.push_back(i);
    if (("of " + std::to_string(i * 7) + ".").contains("of 77")) want_body.push_back(i);
    if (some.size() < 500) continue;
    must(mailboxes->append_all(kAccount, std::move(some), {}));
    some.clear();
  }
  EXPECT_EQ(find(in_header("Subject", "77")), want_subject);
  EXPECT_EQ(find(in_body("OF 77")), want_body);
  EXPECT_EQ(find(in_header("X-Odd", "odd")).size(), 1'000U);
  const auto progress = std::make_shared<Progress>();
  EXPECT_TRUE(run(searcher.search(kAccount, kInbox, in_body("zzz"), progress)));
  EXPECT_EQ(progress->total, 2'000U);
  EXPECT_EQ(progress->done, 2'000U);
}

TEST_F(SearcherTest, StopsWhenItIsTold) {
  deliver("Subject: x\r\n\r\nbody\r\n");
  const auto progress = std::make_shared<Progress>();
  progress->stop = true;
  const auto found = run(searcher.search(kAccount, kInbox, in_body("x"), progress));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error(), SearchError::kStopped);
}

TEST_F(SearcherTest, LeavesRowsToTheWorkersWhenManyConditionsAreAskedOfThem) {
  std::vector<NewMessage> some;
  for (int i = 0; i < 110; ++i) some.push_back(mail("Subject: x\r\n\r\nbody\r\n"));
  ASSERT_TRUE(run(mailboxes->append_all(kAccount, std::move(some), {})));
  io::net::WorkerPool ended;
  ended.stop();
  Searcher alone(*mailboxes, ended, nullptr, Options());
  Or any;
  for (int i = 0; i < 900; ++i) any.any.push_back(Query{HasFlag{Flag::kSeen}});
  EXPECT_TRUE(run(alone.search(kAccount, kInbox, Query{any}, nullptr)));
  for (int i = 0; i < 90; ++i) any.any.push_back(Query{HasFlag{Flag::kSeen}});
  const auto many = run(alone.search(kAccount, kInbox, Query{any}, nullptr));
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error(), SearchError::kBusy);
}

TEST_F(SearcherTest, StopsSortsAndThreadsToo) {
  for (int i = 0; i < 3; ++i) deliver("Subject: x\r\n\r\nbody\r\n");
  const auto progress = std::make_shared<Progress>();
  progress->stop = true;
  const std::vector<SortKey> by_arrival{{SortBy::kArrival}};  // which reads nothing
  const auto sorted = run(searcher.sort(kAccount, kInbox, Query{All{}}, by_arrival, progress));
  ASSERT_FALSE(sorted);
  EXPECT_EQ(sorted.error(), SearchError::kStopped);
  const auto threads = run(searcher.thread(kAccount, kInbox, Query{All{}}, ThreadBy::kRefs, progress));
  ASSERT_FALSE(threads);
  EXPECT_EQ(threads.error(), SearchError::kStopped);
  const auto rows = run(searcher.search(kAccount, kInbox, Query{All{}}, progress));
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error(), SearchError::kStopped);
}

TEST_F(SearcherTest, RefusesThreadsThatTakeMoreMemoryThanItsLimit) {
  std::string references = "References:";
  for (int i = 0; i < 500; ++i) references += "\r\n <missing" + std::to_string(i) + "@x>";
  for (int i = 0; i < 4; ++i) deliver(references + "\r\n\r\n");
  const auto threads_within = [this](std::size_t octets) {
    Searcher tight(*mailboxes, pool, nullptr, Options{.memory_octets = budget_of(octets)});
    const auto threads = run(tight.thread(kAccount, kInbox, Query{All{}}, ThreadBy::kRefs, nullptr));
    return threads ? std::expected<void, SearchError>() : std::unexpected(threads.error());
  };
  const std::size_t messages = 4 * (kThreadMessageOctets + sizeof(Rows::value_type));
  const std::size_t named = messages + std::size_t{4} * 500 * kThreadReferenceOctets;
  EXPECT_EQ(threads_within(messages - 1), std::unexpected(SearchError::kTooLarge)) << "before any is read";
  EXPECT_EQ(threads_within(messages), std::unexpected(SearchError::kTooLarge)) << "while they are read";
  EXPECT_EQ(threads_within(named), std::unexpected(SearchError::kTooLarge)) << "while they are linked";
  EXPECT_TRUE(threads_within(named + std::size_t{8192} * kThreadMissingOctets));
}

TEST_F(SearcherTest, ReservesMemoryForWhatIsFoundAlone) {
  for (int i = 0; i < 50; ++i) deliver("Subject: " + std::to_string(i) + "\r\n\r\nbody\r\n");
  const std::size_t rows = 50 * RowPass::kMessageOctets;
  Searcher tight(*mailboxes, pool, nullptr, Options{.memory_octets = budget_of(rows)});
  const auto by_arrival = std::vector<SortKey>{{SortBy::kArrival}};
  const Query few{InUids{mailbox::UidSet(Uid(3))}};
  const Query large{Size{1'000, std::nullopt}};
  for (const auto& query : {few, large}) {
    EXPECT_TRUE(run(tight.thread(kAccount, kInbox, query, ThreadBy::kRefs, nullptr)));
    EXPECT_TRUE(run(tight.sort(kAccount, kInbox, query, by_arrival, nullptr)));
  }
  EXPECT_FALSE(run(tight.thread(kAccount, kInbox, Query{All{}}, ThreadBy::kRefs, nullptr)));
}

TEST_F(SearcherTest, RefusesSortsAndSearchesThatTakeMoreMemoryThanItsLimit) {
  for (int i = 0; i < 50; ++i) deliver("Subject: " + std::string(100, 'x') + "\r\n\r\nbody\r\n");
  const auto within = [this](std::size_t octets) {
    return std::make_unique<Searcher>(*mailboxes, pool, nullptr, Options{.memory_octets = budget_of(octets)});
  };
  const auto by = [](SortBy by) { return std::vector<SortKey>{{by}}; };
  const auto too_large = std::unexpected(SearchError::kTooLarge);
  const auto sort = [&](Searcher& with, SortBy one) {
    const auto sorted = run(with.sort(kAccount, kInbox, Query{All{}}, by(one), nullptr));
    return sorted ? std::expected<void, SearchError>() : std::unexpected(sorted.error());
  };
  const std::size_t items = std::size_t{50} * (2 * sizeof(Rows::value_type) + sizeof(SortItems::Item));
  EXPECT_EQ(sort(*within(items - 1), SortBy::kArrival), too_large);
  EXPECT_TRUE(sort(*within(items), SortBy::kArrival));
  const std::size_t values = items + 50 * sizeof(SortValue);
  EXPECT_EQ(sort(*within(values - 1), SortBy::kSubject), too_large) << "before any is read";
  EXPECT_EQ(sort(*within(values), SortBy::kSubject), too_large) << "long subjects";
  EXPECT_EQ(sort(*within(values + 50 * 100), SortBy::kSubject), too_large) << "and all of them again";
  EXPECT_TRUE(sort(*within(values + 50 * 400), SortBy::kSubject));
  const std::size_t rows = 50 * RowPass::kMessageOctets;
  EXPECT_TRUE(run(within(rows)->search(kAccount, kInbox, Query{All{}}, nullptr)));
  const auto bodies = run(within(rows)->search(kAccount, kInbox, in_body("x"), nullptr));
  ASSERT_FALSE(bodies);
  EXPECT_EQ(bodies.error(), SearchError::kTooLarge);
}

TEST_F(SearcherTest, OfOneAccountLeavesTheOthersTheirTurns) {
  for (int i = 0; i < 3; ++i) deliver("Subject: x\r\n\r\nbody\r\n");
  constexpr AccountId kOther{2};
  must(mailboxes->append(kOther, mail("Subject: x\r\n\r\nbody\r\n"), {}));
  Searcher narrow(*mailboxes, pool, nullptr, Options{.turns = 1});
  std::string order;
  io::net::TaskGroup group(io.get_executor());
  for (int i = 0; i < 20; ++i) group.spawn(search_and_say(&narrow, kAccount, &order, 'm'));
  group.spawn(search_and_say(&narrow, kOther, &order, 'o'));
  io.restart();
  while (group.size() > 0) io.run_one();
  EXPECT_EQ(order.size(), 21U);
  EXPECT_LT(order.find('o'), 10U) << order;
}

asio::awaitable<void> search_once(Searcher* searcher, AccountId account, Query query) {
  const auto found = co_await searcher->search(account, kInbox, std::move(query), nullptr);
  EXPECT_TRUE(found);
}

TEST_F(SearcherTest, LeavesNothingBehindWhenItIsCancelled) {
  for (int i = 0; i < 200; ++i) deliver("Subject: x\r\n\r\nbody " + std::to_string(i) + "\r\n");
  for (int steps = 1; steps < 40; ++steps) {
    SCOPED_TRACE(steps);
    io::net::TaskGroup group(io.get_executor());
    group.spawn(search_once(&searcher, kAccount, in_body("body 19")));
    io.restart();
    for (int i = 0; i < steps; ++i) io.run_one();
    group.cancel();
    io.run();
    EXPECT_EQ(group.size(), 0U);
  }
  EXPECT_EQ(find(in_body("body 19")).size(), 11U);
}

TEST_F(SearcherTest, RefusesMoreConditionsThanItsLimit) {
  Or any;
  for (int i = 0; i < 1'001; ++i) any.any.push_back({All{}});
  const auto found = run(searcher.search(kAccount, kInbox, Query{std::move(any)}, nullptr));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error(), SearchError::kTooComplex);
}

TEST_F(SearcherTest, KnowsNoMailboxThatIsNotThere) {
  const auto found = run(searcher.search(kAccount, MailboxId(99), Query{All{}}, nullptr));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error(), SearchError::kNoSuchMailbox);
}

TEST_F(SearcherTest, SortsByEveryCriterion) {  // RFC 5256 s3
  deliver(
      "From: \"Zoe\" <bob@demo.test>\r\nTo: x@demo.test\r\nSubject: Re: beta\r\n"
      "Date: Mon, 02 Mar 2026 00:00:00 +0000\r\n\r\nlonger than the other one\r\n");
  deliver(
      "From: Adam <carol@demo.test>\r\nTo: b@demo.test\r\nSubject: ALPHA\r\n"
      "Date: Tue, 03 Mar 2026 00:00:00 +0000\r\n\r\nx\r\n");
  deliver(
      "From: alice@demo.test\r\nTo: c@demo.test\r\nSubject: [list] Fwd: beta\r\n"
      "Date: Sun, 01 Mar 2026 00:00:00 +0000\r\n\r\n");
  EXPECT_EQ(sorted({{SortBy::kDate}}), (Uids{3, 1, 2}));
  EXPECT_EQ(sorted({{SortBy::kDate, Direction::kDescending}}), (Uids{2, 1, 3}));
  EXPECT_EQ(sorted({{SortBy::kFrom}}), (Uids{3, 1, 2}));
  EXPECT_EQ(sorted({{SortBy::kDisplayFrom}}), (Uids{2, 3, 1})) << "Adam, alice@demo.test, Zoe";
  EXPECT_EQ(sorted({{SortBy::kTo}}), (Uids{2, 3, 1}));
  EXPECT_EQ(sorted({{SortBy::kSubject}}), (Uids{2, 1, 3})) << "the same base subject: by number";
  EXPECT_EQ(sorted({{SortBy::kSubject}, {SortBy::kDate}}), (Uids{2, 3, 1}));
  EXPECT_EQ(sorted({{SortBy::kSize, Direction::kDescending}}), (Uids{1, 3, 2}));
  EXPECT_EQ(sorted({{SortBy::kArrival, Direction::kDescending}}), (Uids{1, 2, 3})) << "equal: not turned round";
  EXPECT_EQ(sorted({{SortBy::kCc}}), (Uids{1, 2, 3}));
}

TEST_F(SearcherTest, SortsMailThatCameSinceTheLastSort) {
  deliver("Subject: b\r\n\r\n");
  deliver("Subject: d\r\n\r\n");
  EXPECT_EQ(sorted({{SortBy::kSubject}}), (Uids{1, 2}));
  deliver("Subject: c\r\n\r\n");
  deliver("Subject: a\r\nDate: Sun, 01 Mar 2020 00:00:00 +0000\r\n\r\n");
  EXPECT_EQ(sorted({{SortBy::kSubject}}), (Uids{4, 1, 3, 2}));
  EXPECT_EQ(sorted({{SortBy::kDate}}), (Uids{4, 1, 2, 3})) << "without a Date: when it came";
  EXPECT_EQ(sorted({{SortBy::kDate, Direction::kDescending}, {SortBy::kSubject}}), (Uids{1, 3, 2, 4}));
  must(mailboxes->expunge(kAccount, kInbox, mailbox::UidSet(Uid(1))));
  EXPECT_EQ(sorted({{SortBy::kSubject}}), (Uids{4, 3, 2}));
}

TEST_F(SearcherTest, SortsWithNoRoomToRememberAnything) {
  Searcher forgetful(*mailboxes, pool, nullptr, Options{.sort_octets = 0});
  deliver("Subject: b\r\n\r\n");
  deliver("Subject: a\r\n\r\n");
  const std::vector<SortKey> keys{{SortBy::kSubject}};
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(numbers(run(forgetful.sort(kAccount, kInbox, Query{All{}}, keys, nullptr))->uids), (Uids{2, 1}));
}

TEST_F(SearcherTest, ThreadsByWhatIsStored) {
  deliver("Message-ID: <a@x>\r\nSubject: one\r\n\r\n");
  deliver("Message-ID: <b@x>\r\nIn-Reply-To: <a@x>\r\nSubject: Re: one\r\n\r\n");
  deliver("Message-ID: <c@x>\r\nReferences: <a@x> <b@x>\r\nSubject: Re: one\r\n\r\n");
  const auto threads = run(searcher.thread(kAccount, kInbox, Query{All{}}, ThreadBy::kReferences, nullptr));
  ASSERT_TRUE(threads);
  const auto& root = threads->nodes[threads->first];
  EXPECT_EQ(root.uid, Uid(1));
  EXPECT_EQ(root.next, kNoNode);
  const auto& second = threads->nodes[root.first_child];
  EXPECT_EQ(second.uid, Uid(2));
  EXPECT_EQ(threads->nodes[second.first_child].uid, Uid(3));
}

}  // namespace
}  // namespace veredus::state::search
