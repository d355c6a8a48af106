#include "rules/inquiry/remembered.h"

#include <gtest/gtest.h>

#include <string>

namespace veredus::rules::inquiry {
namespace {

TEST(Remembered, ReadsATextOnce) {
  Remembered<std::size_t> known({.texts = 2, .octets = 8});
  int read = 0;
  const auto length = [&read](std::string_view text) {
    ++read;
    return text.size();
  };
  EXPECT_EQ(*known.meaning_of("one", length), 3U);
  EXPECT_EQ(*known.meaning_of("one", length), 3U);
  EXPECT_EQ(*known.meaning_of("three", length), 5U);
  EXPECT_EQ(read, 2);
}

TEST(Remembered, ReadsALongTextEachTime) {
  Remembered<std::size_t> known({.texts = 2, .octets = 3});
  int read = 0;
  const auto length = [&read](std::string_view text) {
    ++read;
    return text.size();
  };
  EXPECT_EQ(*known.meaning_of("three", length), 5U);
  EXPECT_EQ(*known.meaning_of("three", length), 5U);
  EXPECT_EQ(read, 2);
}

TEST(Remembered, ForgetsAllWhenThereAreTooMany) {
  Remembered<std::string> known({.texts = 2, .octets = 8});
  int read = 0;
  const auto copy = [&read](std::string_view text) {
    ++read;
    return std::string(text);
  };
  const auto first = known.meaning_of("a", copy);
  for (const auto* text : {"b", "c", "a"}) EXPECT_EQ(*known.meaning_of(text, copy), text);
  EXPECT_EQ(read, 4);
  EXPECT_EQ(*first, "a") << "who holds a meaning keeps it";
}

}  // namespace
}  // namespace veredus::rules::inquiry
