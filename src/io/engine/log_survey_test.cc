#include "io/engine/log_survey.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "io/engine/crc32c.h"

namespace veredus::io::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;
using testing::Pair;

constexpr std::uint64_t kToken = 0x1122334455667788;
constexpr std::size_t kSector = 512;

/// Writes a log as RocksDB does.
class LogDraft {
 public:
  explicit LogDraft(std::uint64_t number, std::uint64_t sequence = 100) : number_(number), sequence_(sequence) {}

  void add(std::string_view record) {
    for (bool begins = true, ends = false; !ends; begins = false) {
      std::size_t left = kLogBlockOctets - octets_.size() % kLogBlockOctets;
      if (left < 7) octets_.append(left, '\0');
      left = kLogBlockOctets - octets_.size() % kLogBlockOctets - 7;
      const auto part = record.substr(0, left);
      record.remove_prefix(part.size());
      ends = record.empty();
      const char kinds[] = {3, 4, 2, 1};
      add_fragment(kinds[(begins ? 2 : 0) + (ends ? 1 : 0)], part);
    }
    ends_.push_back(octets_.size());
  }
  /// A write of one change, as the committer makes it; `is_synced`: by a sync after it.
  void write(std::string_view body, bool is_synced = true) {
    auto batch = begun(LogNote{.token = kToken, .synced = {.log = synced_ == 0 ? 0 : number_, .octets = synced_}});
    batch += body;
    batch += kRecordEnd;
    add(batch);
    if (is_synced) synced_ = octets_.size();
  }
  /// The same of a version that left no notes.
  void write_plain(std::string_view body) { add(begun(std::nullopt) + std::string(body)); }

  std::string begun(std::optional<LogNote> note) {
    std::string batch;
    for (int i = 0; i < 8; ++i) batch.push_back(static_cast<char>(sequence_ >> 8 * i));
    ++sequence_;
    batch.append("\1\0\0\0", 4);
    if (!note) return batch;
    const auto octets = encode(*note);
    return batch + '\3' + static_cast<char>(octets.size()) + octets;
  }
  void skip_sequence() { ++sequence_; }

  [[nodiscard]] const std::string& octets() const { return octets_; }
  [[nodiscard]] std::uint64_t end(std::size_t record) const { return ends_[record]; }
  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] std::uint64_t sequence() const { return sequence_; }
  [[nodiscard]] std::uint64_t synced() const { return synced_; }

 private:
  void add_fragment(char kind, std::string_view part) {
    const std::uint32_t crc = crc32c(crc32c(0, {&kind, 1}), part);
    const std::uint32_t masked = (crc >> 15 | crc << 17) + 0xa282ead8U;
    for (int i = 0; i < 4; ++i) octets_.push_back(static_cast<char>(masked >> 8 * i));
    octets_.push_back(static_cast<char>(part.size()));
    octets_.push_back(static_cast<char>(part.size() >> 8));
    octets_.push_back(kind);
    octets_ += part;
  }

  std::uint64_t number_, sequence_, synced_ = 0;
  std::string octets_;
  std::vector<std::uint64_t> ends_;
};

using Logs = std::vector<std::pair<std::uint64_t, std::string>>;

LogVerdict survey(const Logs& logs) {
  LogTokens tokens;
  std::vector<LogTrace> traces;
  for (const auto& [number, octets] : logs) {
    LogReader reader(number, tokens);
    for (std::size_t at = 0; at < octets.size(); at += kLogBlockOctets)
      reader.read_block(std::string_view(octets).substr(at, kLogBlockOctets));
    traces.push_back(reader.finish());
  }
  return judge(traces);
}
LogVerdict survey(const LogDraft& draft, const std::string& octets) { return survey({{draft.number(), octets}}); }

/// Octets as they come from a text: none is zero.
std::string text(std::size_t size, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::string out(size, ' ');
  for (char& octet : out) octet = static_cast<char>(1 + random() % 255);
  return out;
}

TEST(LogSurvey, AWholeLogEndsWhereItsFileEnds) {
  LogDraft draft(5);
  EXPECT_THAT(survey(draft, "").ends, ElementsAre(Pair(5, 0)));
  for (const std::size_t size : {1, 300, 32'000, 700, 100'000, 50}) draft.write(text(size));
  const auto verdict = survey(draft, draft.octets());
  EXPECT_EQ(verdict.damage, std::nullopt);
  EXPECT_THAT(verdict.ends, ElementsAre(Pair(5, draft.octets().size())));
}

TEST(LogSurvey, ZerosAreNoPartOfALog) {
  LogDraft draft(5);
  draft.write(text(300));
  draft.write(text(40'000));
  for (const std::size_t zeros : {1, 6, 7, 511, 40'000, 1 << 20}) {
    SCOPED_TRACE(zeros);
    const auto verdict = survey(draft, draft.octets() + std::string(zeros, '\0'));
    EXPECT_EQ(verdict.damage, std::nullopt);
    EXPECT_THAT(verdict.ends, ElementsAre(Pair(5, draft.octets().size())));
    EXPECT_THAT(survey(draft, std::string(zeros, '\0')).ends, ElementsAre(Pair(5, 0)));
  }
}

TEST(LogSurvey, AWriteThatTheFilesEndCutsShortIsDropped) {
  LogDraft draft(5);
  draft.write(text(300));
  draft.write(text(33'000), false);
  for (std::size_t size = draft.end(0); size < draft.octets().size(); size += size < draft.end(0) + 100 ? 1 : 97) {
    SCOPED_TRACE(size);
    const auto verdict = survey(draft, draft.octets().substr(0, size));
    EXPECT_EQ(verdict.damage, std::nullopt);
    EXPECT_THAT(verdict.ends, ElementsAre(Pair(5, draft.end(0))));
  }
}

/// Sectors that were not synced are as they were before, or as they are, by chance.
std::string torn(const LogDraft& draft, std::mt19937& luck) {
  std::string octets = draft.octets() + std::string(20'000, '\0');
  for (std::size_t from = draft.synced(), to = 0; from < octets.size(); from = to) {
    to = std::min((from / kSector + 1) * kSector, octets.size());
    if (luck() % 2 == 0) std::fill_n(octets.begin() + static_cast<std::ptrdiff_t>(from), to - from, '\0');
  }
  return octets;
}

TEST(LogSurvey, TornWritesThatWereNotSyncedAreDroppedWhateverIsLeftOfThem) {
  std::mt19937 luck(7);
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE(round);
    LogDraft draft(5);
    for (unsigned i = 0; i < luck() % 4; ++i) draft.write(text(luck() % 3000 + 20, round));
    for (unsigned i = 0; i < luck() % 5 + 1; ++i)
      draft.write(text(luck() % (luck() % 4 == 0 ? 70'000 : 2000) + 20, round), false);
    const auto verdict = survey(draft, torn(draft, luck));
    EXPECT_EQ(verdict.damage, std::nullopt);
    EXPECT_GE(verdict.ends.at(5), draft.synced());
  }
}

TEST(LogSurvey, AnyDamagedOctetOfWhatWasSyncedIsFound) {
  LogDraft draft(5);
  draft.write(text(32'300));
  for (const std::size_t size : {20, 400, 1300, 7}) draft.write(text(size, static_cast<unsigned>(size)));
  const std::string zeros(3000, '\0');
  for (std::size_t at = 0; at < draft.octets().size(); at += at < 80 || at > 32'200 ? 1 : 101)
    for (const int bits : {0x01, 0x80, 0xff}) {
      SCOPED_TRACE(testing::Message() << "octet " << at << " ^ " << bits);
      auto octets = draft.octets() + zeros;
      octets[at] = static_cast<char>(octets[at] ^ bits);
      const auto verdict = survey(draft, octets);
      if (verdict.damage) continue;
      ASSERT_EQ(verdict.ends.at(5), draft.octets().size()) << "only what nobody reads may be damaged in silence";
    }
}

TEST(LogSurvey, ASectorThatWasLostIsDamageWhenALaterNoteSaysThatItWasSynced) {
  LogDraft draft(5);
  for (unsigned i = 0; i < 8; ++i) draft.write(text(5000, i));
  for (std::size_t from = 0; from + kSector <= draft.end(6); from += kSector) {
    SCOPED_TRACE(from);
    auto octets = draft.octets() + std::string(3000, '\0');
    std::fill_n(octets.begin() + static_cast<std::ptrdiff_t>(from), kSector, '\0');
    const auto verdict = survey(draft, octets);
    EXPECT_THAT(verdict.damage, Optional(HasSubstr("the log 000005.log is damaged at octet")));
    EXPECT_LE(verdict.ends.at(5), from);
  }
}

TEST(LogSurvey, WhatWasSyncedAndIsZerosIsDamage) {
  LogDraft draft(5);
  for (unsigned i = 0; i < 8; ++i) draft.write(text(9000, i));
  auto octets = draft.octets();
  std::fill(octets.begin() + static_cast<std::ptrdiff_t>(draft.end(1)),
            octets.begin() + static_cast<std::ptrdiff_t>(draft.end(6)), '\0');
  EXPECT_NE(survey(draft, octets).damage, std::nullopt);
}

TEST(LogSurvey, LogsWithoutNotesAreReadAsEver) {
  LogDraft draft(5);
  for (unsigned i = 0; i < 20; ++i) draft.write_plain(text(5000, i));
  EXPECT_THAT(survey(draft, draft.octets()).ends, ElementsAre(Pair(5, draft.octets().size())));
  const auto cut = survey(draft, draft.octets().substr(0, draft.octets().size() - 100));
  EXPECT_EQ(cut.damage, std::nullopt);
  EXPECT_THAT(cut.ends, ElementsAre(Pair(5, draft.end(18))));
  auto holed = draft.octets();
  std::fill_n(holed.begin() + 20'480, 4096, '\0');
  EXPECT_NE(survey(draft, holed).damage, std::nullopt) << "records without notes follow";
}

TEST(LogSurvey, ANoteInsideAMessageProvesNothing) {
  LogDraft other(5), draft(5);
  other.add(other.begun(LogNote{.token = 666, .synced = {.log = 5, .octets = 1 << 30}}) + "x");
  draft.write(text(3000));
  draft.write(text(1000) + other.octets() + text(1000), false);
  auto octets = draft.octets();
  std::fill_n(octets.begin() + 3072, kSector, '\0');  // with the header of the write
  const auto verdict = survey(draft, octets);
  EXPECT_EQ(verdict.damage, std::nullopt);
  EXPECT_THAT(verdict.ends, ElementsAre(Pair(5, draft.end(0))));
}

TEST(LogSurvey, ALogGoesOnInTheNext) {
  LogDraft first(5);
  for (unsigned i = 0; i < 3; ++i) first.write(text(2000, i));
  LogDraft second(9, first.sequence());
  for (unsigned i = 0; i < 3; ++i) second.write(text(2000, i));
  const auto whole = survey({{5, first.octets() + std::string(5000, '\0')}, {9, second.octets()}});
  EXPECT_EQ(whole.damage, std::nullopt) << "zeros between them are no gap";
  EXPECT_THAT(whole.ends, ElementsAre(Pair(5, first.octets().size()), Pair(9, second.octets().size())));

  const auto cut = survey({{5, first.octets().substr(0, first.end(1))}, {9, second.octets()}});
  EXPECT_NE(cut.damage, std::nullopt) << "the second was synced, and so the first";
  EXPECT_THAT(cut.ends, ElementsAre(Pair(5, first.end(1)), Pair(9, 0)));
}

TEST(LogSurvey, WhatFollowsALostWriteInTheNextLogIsDroppedWithIt) {
  LogDraft first(5);
  first.write(text(2000));
  first.write(text(2000), false);
  LogDraft second(9, first.sequence());
  second.add(second.begun(LogNote{.token = kToken, .synced = {.log = 5, .octets = first.end(0)}}) + "x");
  const auto whole = survey({{5, first.octets()}, {9, second.octets()}});
  EXPECT_THAT(whole.ends, ElementsAre(Pair(5, first.octets().size()), Pair(9, second.octets().size())));
  for (const auto* lost : {"the file's end", "zeros"}) {
    SCOPED_TRACE(lost);
    const std::string zeros(lost[0] == 'z' ? 4096 : 0, '\0');
    const auto cut = survey({{5, first.octets().substr(0, first.end(0)) + zeros}, {9, second.octets()}});
    EXPECT_EQ(cut.damage, std::nullopt);
    EXPECT_THAT(cut.ends, ElementsAre(Pair(5, first.end(0)), Pair(9, 0)));
  }
}

}  // namespace
}  // namespace veredus::io::engine
