#include "state/mailbox/sheet_rows.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <boost/asio/co_spawn.hpp>
#include <fstream>
#include <random>
#include <span>

#include "base/codec/hex.h"
#include "base/types/bytes.h"
#include "state/mailbox/keys.h"
#include "state/mailbox/stored_email.h"
#include "support/mailboxes_fixture.h"

namespace veredus::state::mailbox {
namespace {

EmailSheet sample() {
  SheetMaker maker(SheetColumn::kEnvelope, 10);
  maker.put({Uid(2050), EmailId(100)}, "(NIL \"two\")");
  maker.put({Uid(2048), EmailId(98)}, "(NIL \"one\")");
  maker.put({Uid(3071), EmailId(200)}, "");
  return maker.take();
}

std::vector<std::string> listed(const EmailSheet& sheet, std::uint32_t number) {
  std::vector<std::string> all;
  sheet.for_each(number, [&all](SheetMessage message, std::string_view value) {
    all.push_back(std::to_string(message.uid.value) + " " + std::to_string(message.email.value) + " " +
                  std::string(value));
  });
  return all;
}

TEST(SheetRows, AreReadAsTheyWereWritten) {
  const auto row = encode_sheet(2, sample(), UidSet::all());
  const auto sheet = decode_sheet(SheetColumn::kEnvelope, row);
  ASSERT_TRUE(sheet);
  EXPECT_EQ(listed(*sheet, 2),
            (std::vector<std::string>{"2048 98 (NIL \"one\")", "2050 100 (NIL \"two\")", "3071 200 "}));
  EXPECT_EQ(encode_sheet(2, *sheet, UidSet::all()), row);
  EXPECT_EQ(listed(*decode_sheet(SheetColumn::kEnvelope, encode_sheet(2, sample(), UidSet(Uid(2050)))), 2),
            std::vector<std::string>{"2050 100 (NIL \"two\")"});
  EXPECT_EQ(decode_sheet(SheetColumn::kEnvelope, encode_sheet(0, {}, UidSet::all()))->size(), 0u);
}

TEST(SheetRows, OfOldAreStillRead) {
  std::ifstream file(VEREDUS_SOURCE_DIR "/test/data/account/sheet_v1.txt");
  std::string hex;
  ASSERT_TRUE(file >> hex);
  const auto sheet = decode_sheet(SheetColumn::kEnvelope, *base::codec::hex_decode(hex));
  ASSERT_TRUE(sheet) << base::codec::hex_encode(encode_sheet(2, sample(), UidSet::all()));
  EXPECT_EQ(listed(*sheet, 2), listed(sample(), 2));
}

TEST(SheetRows, ThatAreDamagedAreRefused) {
  const auto row = encode_sheet(2, sample(), UidSet::all());
  for (std::size_t length = 0; length < row.size(); ++length)
    EXPECT_FALSE(decode_sheet(SheetColumn::kEnvelope, std::string_view(row).substr(0, length))) << length;
  EXPECT_FALSE(decode_sheet(SheetColumn::kEnvelope, row + "x"));
  EXPECT_FALSE(decode_sheet(SheetColumn::kEnvelope, "\x02" + row.substr(1)));
  for (std::size_t i = 0; i < row.size(); ++i) {
    for (const int bit : {1, 16, 128}) {
      auto damaged = row;
      damaged[i] = static_cast<char>(damaged[i] ^ bit);
      (void)decode_sheet(SheetColumn::kEnvelope, damaged);  // another value at worst
      (void)decode_sheet(SheetColumn::kFields, damaged);
    }
  }
  EXPECT_FALSE(decode_sheet(SheetColumn::kFields, row)) << "values of another column";
}

TEST(SheetRows, AreOfALimitedSize) {
  std::mt19937 random(1);
  std::string value(SheetMaker::kFullOctets / 2, '\0');  // that cannot be compressed
  for (auto& octet : value) octet = static_cast<char>(random());
  SheetMaker maker(SheetColumn::kEnvelope, 10);
  maker.put({Uid(1), EmailId(1)}, value);
  EXPECT_TRUE(encode_sheet(0, maker.take(), UidSet::all()).empty());
}

/// As SheetMaker does not make it: of messages that stand together, `octets` in all before it is compressed.
std::string row_of(const std::vector<SheetMessage>& messages, std::size_t octets) {
  std::string others;
  for (const auto& message : std::span(messages).subspan(1)) {
    put_varint(others, 0);
    put_be(others, message.email.value);
    put_varint(others, 1);
  }
  std::string plain;
  put_varint(plain, messages.size());
  put_varint(plain, messages.front().uid.value % EmailSheet::kUids);
  put_be(plain, messages.front().email.value);
  put_varint(plain, octets - plain.size() - 4 - others.size() - (messages.size() - 1));
  plain.append(others).resize(octets, 'v');
  std::string row(1, '\1');
  put_varint(row, plain.size());
  std::string packed(ZSTD_compressBound(plain.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 1));
  return row + packed;
}

TEST(SheetRows, ThatAreLongerThanAnyIsMadeAreRefused) {
  const std::vector<SheetMessage> messages{{Uid(7), EmailId(70)}, {Uid(8), EmailId(80)}};
  const auto longest = decode_sheet(SheetColumn::kEnvelope, row_of(messages, kSheetOctets));
  ASSERT_TRUE(longest);
  EXPECT_GT(longest->find(Uid(7), EmailId(70))->size(), kSheetOctets - 50);
  EXPECT_EQ(longest->find(Uid(8), EmailId(80)), "v");
  EXPECT_FALSE(decode_sheet(SheetColumn::kEnvelope, row_of(messages, kSheetOctets + 1)));
}

TEST(SheetRows, HaveRoomForTheLongestThatIsMade) {
  SheetMaker maker(SheetColumn::kEnvelope, EmailSheet::kUids);
  maker.put({Uid(0), EmailId(1)}, std::string(SheetMaker::kFullOctets, 'v'));
  const std::string value(SheetMaker::kShortOctets, 'v');
  for (std::uint32_t i = 1; i < EmailSheet::kUids; ++i) maker.put({Uid(i), EmailId(~0ULL - i)}, value);
  const auto row = encode_sheet(0, maker.take(), UidSet::all());
  const auto sheet = decode_sheet(SheetColumn::kEnvelope, row);
  ASSERT_TRUE(sheet);
  EXPECT_EQ(sheet->find(Uid(1023), EmailId(~0ULL - 1023)), value);
}

class StoredSheets : public test::MailboxesTest {
 protected:
  static constexpr std::uint32_t kMany = 1400;
  static constexpr io::engine::Partition kPartition{io::engine::Kind::kAccount, kAccount.value};

  void fill(std::uint32_t count) {
    for (std::uint32_t done = 0; done < count; done += 500) {
      std::vector<NewMessage> some;
      for (auto i = done; i < std::min(count, done + 500); ++i) {
        some.push_back(message("x"));
        some.back().content.envelope = "(NIL \"" + std::to_string(++appended_) + "\")";
      }
      must(mailboxes->append_all(kAccount, std::move(some), {}));
    }
  }
  /// As FETCH does: the table first, then sheet by sheet. Every envelope is that of its message.
  void list() {
    const auto table = must(mailboxes->table(kAccount, kInbox));
    std::map<std::uint32_t, std::vector<SheetMessage>> by_sheet;
    TableWalk walk(table, UidSet::all());
    while (const auto* row = walk.next())
      by_sheet[EmailSheet::number_of(row->uid)].push_back({row->uid, row->body.email});
    for (const auto& [number, messages] : by_sheet) {
      const auto sheet = must(mailboxes->sheets(kAccount, kInbox, {SheetColumn::kEnvelope}, messages))[0];
      for (const auto& one : messages)
        ASSERT_EQ(sheet->find(one.uid, one.email), "(NIL \"" + std::to_string(one.uid.value) + "\")");
    }
  }
  /// And goes.
  void expect_listed() {
    list();
    must(mailboxes->put_away(kAccount, kInbox));
    expect_verified();
  }
  std::vector<io::engine::Row> rows() { return run(engine.scan(kPartition, "w", "x", {})).value().rows; }
  void write(std::string key, std::string value) {
    io::engine::Batch batch;
    batch.keep_version().put(std::move(key), std::move(value));
    ASSERT_TRUE(run(engine.commit(kPartition, std::move(batch), io::engine::Durability::kSynced)));
  }
  void expunge(std::uint32_t first, std::uint32_t last) {
    UidSet some;
    some.add(UidRange{Uid(first), Uid(last)});
    must(mailboxes->expunge(kAccount, kInbox, std::move(some)));
  }

  std::uint32_t appended_ = 0;
};

TEST_F(StoredSheets, AreReadInsteadOfTheEmails) {
  fill(kMany);
  expect_listed();
  ASSERT_EQ(rows().size(), 2u);
  SheetMaker other(SheetColumn::kEnvelope, 10);
  decode_sheet(SheetColumn::kEnvelope, rows()[0].value)->for_each(0, [&other](SheetMessage one, std::string_view) {
    other.put(one, "(NIL \"told apart\")");
  });
  write(keys::sheet(kInbox, 0, SheetColumn::kEnvelope), encode_sheet(0, other.take(), UidSet::all()));
  restart();
  const auto rows = all();
  std::vector<SheetMessage> some;
  for (std::size_t i = 0; i < 100; ++i) some.push_back({rows[i].uid, rows[i].body.email});
  const auto sheet = must(mailboxes->sheets(kAccount, kInbox, {SheetColumn::kEnvelope}, some))[0];
  EXPECT_EQ(sheet->find(rows[5].uid, rows[5].body.email), "(NIL \"told apart\")");
}

TEST_F(StoredSheets, AreWrittenWhenTheMailboxIsPutAway) {
  fill(kMany);
  list();
  EXPECT_TRUE(rows().empty()) << "nobody who lists it waits for that";
  must(mailboxes->put_away(kAccount, kInbox));
  const auto written = rows();
  EXPECT_EQ(written.size(), 2u);
  for (const auto& row : written) write(row.key, "known by now");
  list();
  must(mailboxes->put_away(kAccount, kInbox));
  EXPECT_EQ(rows()[0].value, "known by now") << "and not again";
}

TEST_F(StoredSheets, AreWrittenWithTheFewThatArrivedMeanwhile) {
  fill(600);
  list();
  fill(3);
  list();
  must(mailboxes->put_away(kAccount, kInbox));
  EXPECT_EQ(decode_sheet(SheetColumn::kEnvelope, rows().at(0).value)->size(), 603u);
}

TEST_F(StoredSheets, AreWrittenAnotherTimeWhenSomethingIsCommittedMeanwhile) {
  fill(kMany);
  list();
  const auto before = must(mailboxes->highest_modseq(kAccount));
  bool done = false;
  asio::co_spawn(io, mailboxes->put_away(kAccount, kInbox), [&done](const auto&, const auto&) { done = true; });
  io.restart();
  io.poll();  // as a rule the first one is being packed now
  fill(1);
  io.restart();
  io.run();
  ASSERT_TRUE(done);
  EXPECT_GT(must(mailboxes->highest_modseq(kAccount)), before);
  must(mailboxes->table(kAccount, kInbox));
  must(mailboxes->put_away(kAccount, kInbox));
  EXPECT_EQ(rows().size(), 2u);
  restart();
  expect_listed();
}

TEST_F(StoredSheets, OfAMailboxThatWentMeanwhileAreNotWritten) {
  fill(kMany);
  list();
  must(mailboxes->erase_account(kAccount));
  must(mailboxes->put_away(kAccount, kInbox));
  EXPECT_TRUE(rows().empty());
  EXPECT_TRUE(must(mailboxes->accounts(AccountId(), 10)).empty());
}

TEST_F(StoredSheets, OfFewMessagesAreNotWritten) {
  fill(100);
  expect_listed();
  EXPECT_TRUE(rows().empty());
}

TEST_F(StoredSheets, ThatAreDamagedAreDoneWithout) {
  fill(kMany);
  expect_listed();
  write(keys::sheet(kInbox, 0, SheetColumn::kEnvelope), "\x01???");
  restart();
  expect_listed();
}

TEST_F(StoredSheets, ThatAreTooLongAreWrittenAnew) {
  fill(kMany);
  expect_listed();
  const auto before = rows();
  std::vector<SheetMessage> messages;
  decode_sheet(SheetColumn::kEnvelope, before[0].value)->for_each(0, [&messages](SheetMessage one, std::string_view) {
    messages.push_back(one);
  });
  write(before[0].key, row_of(messages, 2 * kSheetOctets));
  restart();
  expect_listed();
  EXPECT_EQ(rows()[0].value, before[0].value);
}

TEST_F(StoredSheets, LoseWhatIsExpungedInTheSameCommit) {
  fill(kMany);
  expect_listed();
  expunge(1100, 1100);
  EXPECT_EQ(rows().size(), 1u);
  expect_listed();
  restart();
  expect_listed();
  EXPECT_EQ(rows().size(), 2u) << "and are written anew";
  expunge(1, 1000);
  restart();
  expect_listed();
}

TEST_F(StoredSheets, LoseWhatIsMovedAway) {
  fill(kMany);
  expect_listed();
  const auto archive = must(mailboxes->find(kAccount, "Archive")).id;
  must(mailboxes->move(kAccount, kInbox, UidSet(Uid(3)), archive));
  EXPECT_EQ(rows().size(), 1u);
  expect_listed();
  must(mailboxes->move(kAccount, kInbox, UidSet::all(), archive));
  EXPECT_TRUE(rows().empty());
  expect_verified();
}

TEST_F(StoredSheets, AreNotWrittenOfMessagesThatHaveGone) {
  fill(kMany);
  const auto before = all();
  must(mailboxes->table(kAccount, kInbox));
  expunge(1, 1400);
  std::vector<SheetMessage> gone;  // a session that still shows them asks
  for (std::size_t i = 0; i < 1000; ++i) gone.push_back({before[i].uid, before[i].body.email});
  const auto sheet = must(mailboxes->sheets(kAccount, kInbox, {SheetColumn::kEnvelope}, gone))[0];
  EXPECT_EQ(sheet->size(), 1000u);
  must(mailboxes->put_away(kAccount, kInbox));
  EXPECT_TRUE(rows().empty());
  expect_verified();
}

TEST_F(StoredSheets, TakeInWhatArrived) {
  fill(600);
  expect_listed();
  const auto before = rows();
  fill(10);
  expect_listed();
  EXPECT_EQ(rows()[0].value, before[0].value) << "not for so few";
  restart();
  expect_listed();
  fill(300);
  expect_listed();
  EXPECT_EQ(decode_sheet(SheetColumn::kEnvelope, rows()[0].value)->size(), 910u);
}

}  // namespace
}  // namespace veredus::state::mailbox
