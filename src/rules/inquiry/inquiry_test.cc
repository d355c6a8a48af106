#include "rules/inquiry/inquiry.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace veredus::rules::inquiry {
namespace {

Inquiry<std::size_t> count_texts(std::string name) {
  const Reply reply = co_await ask(RecordType::kTxt, std::move(name));
  co_return reply.texts.size();
}

Inquiry<std::size_t> count_texts_of_all(std::vector<std::string> names) {
  std::size_t all = 0;
  for (const auto& name : names) {
    auto inner = count_texts(name);
    all += co_await inner;
  }
  co_return all;
}

TEST(Inquiry, PassesOnTheQuestionsOfThoseItWaitsFor) {
  auto inquiry = count_texts_of_all({"a.test", "b.test", "c.test"});
  std::string asked;
  while (const auto* question = inquiry.question()) {
    EXPECT_EQ(question, inquiry.question()) << "the question stands until it is answered";
    asked += question->name + ' ';
    Reply reply{.status = ReplyStatus::kFound, .addresses = {}, .exchanges = {}, .names = {}, .texts = {"x", "y"}};
    inquiry.answer(std::move(reply));
  }
  EXPECT_EQ(asked, "a.test b.test c.test ");
  EXPECT_EQ(inquiry.take(), 6U);
}

TEST(Inquiry, EndsAtOnceWhenThereIsNothingToAsk) {
  auto inquiry = count_texts_of_all({});
  EXPECT_EQ(inquiry.question(), nullptr);
  EXPECT_EQ(inquiry.take(), 0U);
}

TEST(Inquiry, MayBeGivenUpAndMovedWhileItWaits) {
  auto inquiry = count_texts_of_all({"a.test"});
  ASSERT_NE(inquiry.question(), nullptr);
  auto moved = std::move(inquiry);
  EXPECT_EQ(moved.question()->name, "a.test");
}

}  // namespace
}  // namespace veredus::rules::inquiry
