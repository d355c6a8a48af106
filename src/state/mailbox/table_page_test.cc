#include "state/mailbox/table_page.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "state/mailbox/rows.h"

namespace veredus::state::mailbox {
namespace {

rows::TablePart sample(std::uint32_t count) {
  rows::TablePart part;
  part.messages.resize(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    part.messages[i].uid = Uid(3 * i + 1);
    part.messages[i].modseq = part.messages[i].created_modseq = ModSeq(i + 1);
    part.messages[i].body.email = EmailId(i + 1);
  }
  return part;
}

TEST(TablePage, IsTheSameForAllWhoLookAtItAtOnce) {
  constexpr int kReaders = 4;
  constexpr int kRounds = 50;
  const auto part = sample(400);
  for (int round = 0; round < kRounds; ++round) {
    auto survey = *rows::survey_table_part(std::make_shared<const std::string>(rows::encode(part)), 512);
    ASSERT_EQ(survey.pages.size(), 1u);
    const TablePage page(survey.pages[0].summary, survey.pages[0].messages);
    std::latch start(kReaders);
    std::vector<std::jthread> readers;
    std::vector<const std::vector<Message>*> seen(kReaders);
    for (int i = 0; i < kReaders; ++i) {
      readers.emplace_back([&, i] {
        start.arrive_and_wait();
        seen[i] = &page.messages();
      });
    }
    readers.clear();
    for (const auto* messages : seen) ASSERT_EQ(messages, seen[0]);
    ASSERT_EQ(*seen[0], part.messages);
  }
}

TEST(TablePage, KnowsTheSamePackedAndNot) {
  const auto part = sample(5);
  const TablePage plain(part.messages);
  auto survey = *rows::survey_table_part(std::make_shared<const std::string>(rows::encode(part)), 512);
  const TablePage packed(survey.pages[0].summary, survey.pages[0].messages);
  for (const auto* page : {&plain, &packed}) {
    EXPECT_EQ(page->size(), 5u);
    EXPECT_EQ(page->first(), Uid(1));
    EXPECT_EQ(page->last(), Uid(13));
    EXPECT_EQ(page->uids().ranges().size(), 5u);
    EXPECT_EQ(page->highest_modseq(), ModSeq(5));
    EXPECT_EQ(page->first_unseen(), Uid(1));
  }
}

}  // namespace
}  // namespace veredus::state::mailbox
