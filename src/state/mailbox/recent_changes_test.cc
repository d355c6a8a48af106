#include "state/mailbox/recent_changes.h"

#include <gtest/gtest.h>

namespace veredus::state::mailbox {
namespace {

constexpr MailboxId kOne(1), kTwo(2);

std::map<MailboxId, rows::ChangeRow> changed(MailboxId mailbox, std::size_t messages) {
  std::map<MailboxId, rows::ChangeRow> all;
  for (std::uint32_t uid = 1; uid <= messages; ++uid)
    all[mailbox].changes.push_back({rows::ChangeKind::kFlags, Uid(uid), EmailId(uid)});
  return all;
}

std::vector<std::uint64_t> modseqs(const std::optional<std::vector<LogEntry>>& found) {
  std::vector<std::uint64_t> all;
  for (const auto& entry : found.value_or(std::vector<LogEntry>())) all.push_back(entry.modseq.value);
  return all;
}

TEST(RecentChanges, AnswersTheCommitsAfterOneItKnows) {
  RecentChanges recent;
  recent.add(ModSeq(5), changed(kOne, 1));
  recent.add(ModSeq(6), changed(kTwo, 2));
  recent.add(ModSeq(7), changed(kOne, 1));
  EXPECT_EQ(modseqs(recent.after(ModSeq(4), std::nullopt)), (std::vector<std::uint64_t>{5, 6, 7}));
  EXPECT_EQ(modseqs(recent.after(ModSeq(5), kOne)), (std::vector<std::uint64_t>{7}));
  EXPECT_TRUE(recent.after(ModSeq(7), std::nullopt)->empty());
}

TEST(RecentChanges, SaysWhenItDoesNotReachBack) {
  RecentChanges recent;
  EXPECT_FALSE(recent.after(ModSeq(0), std::nullopt));
  recent.add(ModSeq(5), changed(kOne, 1));
  EXPECT_FALSE(recent.after(ModSeq(3), std::nullopt));
}

TEST(RecentChanges, CommitsWithoutChangesOfMessagesCountAsKnown) {
  RecentChanges recent;
  recent.add(ModSeq(5), changed(kOne, 1));
  recent.add(ModSeq(6), {});
  recent.add(ModSeq(7), changed(kOne, 1));
  EXPECT_EQ(modseqs(recent.after(ModSeq(4), kOne)), (std::vector<std::uint64_t>{5, 7}));
}

TEST(RecentChanges, ForgetsAllBeforeAGap) {
  RecentChanges recent;
  recent.add(ModSeq(5), changed(kOne, 1));
  recent.add(ModSeq(9), changed(kOne, 1));
  EXPECT_FALSE(recent.after(ModSeq(5), kOne));
  EXPECT_EQ(modseqs(recent.after(ModSeq(8), kOne)), (std::vector<std::uint64_t>{9}));
}

TEST(RecentChanges, TheOldestCommitsGoWhenThereAreMany) {
  RecentChanges recent;
  for (std::uint64_t modseq = 1; modseq <= 20; ++modseq) recent.add(ModSeq(modseq), changed(kOne, 10));
  EXPECT_FALSE(recent.after(ModSeq(13), kOne));
  EXPECT_EQ(modseqs(recent.after(ModSeq(14), kOne)), (std::vector<std::uint64_t>{15, 16, 17, 18, 19, 20}));
}

TEST(RecentChanges, OneLargeCommitIsNotKept) {
  RecentChanges recent;
  recent.add(ModSeq(1), changed(kOne, 1));
  recent.add(ModSeq(2), changed(kOne, RecentChanges::kChanges + 1));
  EXPECT_FALSE(recent.after(ModSeq(1), kOne));
  EXPECT_TRUE(recent.after(ModSeq(2), kOne)->empty());
  recent.add(ModSeq(3), changed(kOne, 1));
  EXPECT_EQ(modseqs(recent.after(ModSeq(2), kOne)), (std::vector<std::uint64_t>{3}));
}

}  // namespace
}  // namespace veredus::state::mailbox
