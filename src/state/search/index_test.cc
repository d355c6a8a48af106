#include "state/search/index.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "base/codec/utf8.h"
#include "base/observe/log.h"
#include "base/observe/metrics.h"
#include "state/search/fold.h"
#include "state/search/indexes.h"
#include "state/search/searcher.h"
#include "support/mailboxes_fixture.h"
#include "support/scratch_directory.h"
#include "wire/mime/message.h"
#include "wire/mime/summary.h"

namespace veredus::state::search {
namespace {

TEST(Trigrams, AreTheSameHoweverTheTextIsCut) {
  const std::string text = "Grüße, ΑΘΗΝΑ, ﬁne 東京 and on";
  TrigramSet whole;
  whole.feed(text);
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    if ((static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) continue;
    TrigramSet pieces;
    pieces.feed(text.substr(0, cut));
    pieces.feed(text.substr(cut));
    EXPECT_EQ(pieces.sorted(), whole.sorted()) << cut;
  }
}

TEST(Trigrams, AreThoseOfFoldedText) {
  TrigramSet set;
  set.feed("abÄ");  // A B A ¨
  std::vector<std::string> texts;
  for (const auto trigram : set.sorted()) texts.push_back(trigram_text(trigram));
  EXPECT_EQ(texts, (std::vector<std::string>{"ABA", "BA\u0308"}));
  set.end();
  set.feed("xy");
  EXPECT_EQ(set.sorted().size(), 2U) << "two texts are not joined";
}

TEST(Trigrams, OfEveryCodePointFoldedTwiceAreThoseFoldedOnce) {  // what is looked up is folded already
  std::string text;
  for (char32_t c = 1; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    text.clear();
    base::codec::append_utf8(text, c);
    const auto once = fold(text);
    ASSERT_EQ(fold(once), once) << static_cast<std::uint32_t>(c);
  }
}

TEST(Trigrams, AreLimited) {
  TrigramSet set;
  std::string text;
  for (char32_t c = 0x4E00; text.size() < 1'000'000; c = c == 0x9FFF ? 0x4E00 : c + 1) {
    base::codec::append_utf8(text, c);
    base::codec::append_utf8(text, 0x3041 + static_cast<char32_t>(text.size() % 80));
  }
  set.feed(text);
  EXPECT_TRUE(set.too_many());
  set.clear();
  EXPECT_FALSE(set.too_many());
}

class IndexedSearch : public test::MailboxesTest {
 protected:
  IndexedSearch() { make_indexes(Indexing::kOnDemand); }

  void make_indexes(Indexing indexing) {
    searcher.reset();
    indexes.reset();
    IndexesOptions settings;
    settings.folder = folder.path() / "search";
    settings.indexing = indexing;
    settings.min_messages = 1;
    indexes = std::make_unique<Indexes>(*mailboxes, log, metrics, settings);
    searcher = std::make_unique<Searcher>(*mailboxes, pool, indexes.get(), Options());
  }
  void deliver(std::string octets) {
    mailbox::NewMessage made;
    made.content = wire::mime::summarize(wire::mime::parse(octets));
    made.internal_date = clock.now();
    made.octets = std::move(octets);
    append(std::move(made));
  }
  void work_off() {
    const auto done = [](Indexes* of) -> asio::awaitable<int> {
      co_await of->work_off();
      co_return 0;
    };
    run(done(indexes.get()));
  }
  void index_all() {
    ASSERT_TRUE(indexes->rebuild(kAccount));
    work_off();
  }
  std::vector<std::uint32_t> find(Searcher& with, Query query) {
    const auto found = run(with.search(kAccount, mailbox::kInbox, std::move(query), nullptr));
    std::vector<std::uint32_t> uids;
    if (!found) throw std::runtime_error(std::string(to_string(found.error())));
    for (const Uid uid : found->uids) uids.push_back(uid.value);
    return uids;
  }
  /// What the index says to a query of one leaf.
  std::shared_ptr<const IndexAnswer> ask(Query query) { return indexes->ask(kAccount, Program(query, {})); }
  std::filesystem::path path() { return folder.path() / "search" / std::to_string(kAccount.value); }

  test::ScratchDirectory folder;
  base::observe::Logger log;
  base::observe::Metrics metrics;
  io::net::WorkerPool pool{{.threads = 2}};
  std::unique_ptr<Indexes> indexes;
  std::unique_ptr<Searcher> searcher;
  Searcher scanner{*mailboxes, pool, nullptr, Options()};
};

Query in_body(std::string text) { return {BodyHas{std::move(text)}}; }
Query in_text(std::string text) { return {TextHas{std::move(text)}}; }
Query in_header(std::string name, std::string text) { return {HeaderHas{std::move(name), std::move(text)}}; }
using Uids = std::vector<std::uint32_t>;

TEST_F(IndexedSearch, IsExactWithPartOfTheMailIndexed) {
  deliver("Subject: first\r\n\r\nthe needle is here\r\n");
  deliver("Subject: needle\r\n\r\nnothing\r\n");
  EXPECT_EQ(ask(in_body("needle")), nullptr) << "no index yet";
  index_all();
  deliver("Subject: third\r\n\r\nNEEDLES, after the index\r\n");
  const auto answer = ask(in_body("needle"));
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(answer->emails->size(), 2U);
  EXPECT_EQ(find(*searcher, in_body("needle")), (Uids{1, 3}));
  EXPECT_EQ(find(*searcher, in_text("needle")), (Uids{1, 2, 3}));
  EXPECT_EQ(find(*searcher, in_header("Subject", "needle")), (Uids{2}));
  EXPECT_EQ(find(*searcher, in_body("nee")), (Uids{1, 3})) << "three letters: the index is exact";
  EXPECT_EQ(find(*searcher, in_body("ne")), (Uids{1, 3})) << "two: scanned";
  EXPECT_EQ(find(*searcher, in_body("hereneedle")), (Uids{}));
}

TEST_F(IndexedSearch, FollowsTheChangeLog) {
  deliver("Subject: a\r\n\r\nalpha\r\n");
  EXPECT_EQ(find(*searcher, in_body("alpha")), (Uids{1}));
  work_off();  // the search has asked for an index
  ASSERT_NE(ask(in_body("alpha")), nullptr);
  for (int i = 0; i < 70; ++i) deliver("Subject: b\r\n\r\nbeta " + std::to_string(i) + "\r\n");
  EXPECT_EQ(find(*searcher, in_body("beta")).size(), 70U);
  work_off();
  EXPECT_EQ(ask(in_body("beta"))->emails->size(), 71U);
  EXPECT_EQ(find(*searcher, in_body("beta 69")), (Uids{71}));
}

TEST_F(IndexedSearch, IsDroppedAndMadeAnewWhenDamaged) {
  for (int i = 0; i < 30; ++i) deliver("Subject: a\r\n\r\nalpha " + std::to_string(i) + "\r\n");
  index_all();
  make_indexes(Indexing::kOnDemand);  // as after a restart
  for (const auto& file : std::filesystem::directory_iterator(path()))
    std::ofstream(file.path(), std::ios::binary | std::ios::trunc) << "rubbish, rubbish, rubbish";
  EXPECT_EQ(find(*searcher, in_body("alpha 7")), (Uids{8}));
  index_all();
  ASSERT_NE(ask(in_body("alpha")), nullptr);
  EXPECT_EQ(ask(in_body("alpha"))->emails->size(), 30U);
  EXPECT_EQ(find(*searcher, in_body("alpha 7")), (Uids{8}));
}

TEST_F(IndexedSearch, GoesWithTheAccount) {
  deliver("Subject: a\r\n\r\nalpha\r\n");
  index_all();
  EXPECT_TRUE(std::filesystem::exists(path()));
  must(mailboxes->erase_account(kAccount));
  indexes->erase(kAccount);
  work_off();
  EXPECT_FALSE(std::filesystem::exists(path()));
  EXPECT_EQ(ask(in_body("alpha")), nullptr);
}

TEST_F(IndexedSearch, IsNotMadeWhereItIsOff) {
  make_indexes(Indexing::kOff);
  deliver("Subject: a\r\n\r\nalpha\r\n");
  EXPECT_FALSE(indexes->rebuild(kAccount));
  EXPECT_EQ(find(*searcher, in_body("alpha")), (Uids{1}));
  work_off();
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(IndexedSearch, FindsWhatAScanFindsInRandomMail) {
  static constexpr std::string_view kWords[] = {"alpha", "Beta", "gämma", "DELTA", "ﬁn", "東京都", "a-b", "x", "\r\n"};
  std::mt19937 random(11);
  std::uniform_int_distribution<std::size_t> word(0, std::size(kWords) - 1);
  const auto words = [&](int most) {
    std::string some;
    for (int i = std::uniform_int_distribution<int>(1, most)(random); i > 0; --i)
      some.append(kWords[word(random)]).append(i % 2 == 0 ? " " : "");
    return some;
  };
  const auto mail = [&] {
    auto subject = words(3);
    std::erase_if(subject, [](char c) { return c == '\r' || c == '\n'; });
    return "Subject: " + subject + "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + words(20);
  };
  for (int i = 0; i < 80; ++i) deliver(mail());
  index_all();
  for (int i = 0; i < 30; ++i) deliver(mail());
  for (int i = 0; i < 60; ++i) {
    const auto wanted = words(2);
    Not none;
    none.none.push_back(in_body(wanted));
    ASSERT_EQ(find(*searcher, in_body(wanted)), find(scanner, in_body(wanted))) << wanted;
    ASSERT_EQ(find(*searcher, in_text(wanted)), find(scanner, in_text(wanted))) << wanted;
    ASSERT_EQ(find(*searcher, in_header("Subject", wanted)), find(scanner, in_header("Subject", wanted))) << wanted;
    ASSERT_EQ(find(*searcher, Query{none}), find(scanner, Query{none})) << wanted;
  }
}

TEST(IndexWriter, KeepsWhereItIsOverARestart) {
  const test::ScratchDirectory folder;
  const auto path = folder.path() / "7";
  {
    auto writer = IndexWriter::open(path);
    ASSERT_TRUE(writer);
    EXPECT_EQ((*writer)->position(), std::nullopt);
    MessageTrigrams trigrams;
    trigrams.text("hello");
    ASSERT_TRUE((*writer)->add(EmailId(42), trigrams));
    ASSERT_TRUE((*writer)->commit(ModSeq(9), 3));
  }
  auto writer = IndexWriter::open(path);
  ASSERT_TRUE(writer);
  EXPECT_EQ((*writer)->position(), ModSeq(9));
  EXPECT_EQ((*writer)->destroyed(), 3U);
  EXPECT_TRUE((*writer)->contains(EmailId(42)));
  EXPECT_FALSE(IndexWriter::open(path)) << "one writer at a time";
  const auto reader = IndexReader::open(path);
  ASSERT_TRUE(reader);
  EXPECT_EQ((*reader)->emails()->size(), 1U);
  EXPECT_EQ(IndexReader::open(folder.path() / "8").error(), IndexError::kMissing);
}

}  // namespace
}  // namespace veredus::state::search
