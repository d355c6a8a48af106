#include "rules/inquiry/remembered.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace veredus::rules::inquiry {
namespace {

/// What a text means here; counts how often it is read.
struct Length {
  std::size_t operator()(std::string_view text) const {
    ++read;
    return text.size();
  }
  mutable int read = 0;
};

TEST(Remembered, ReadsATextOnce) {
  Remembered<std::size_t> known({.texts = 2, .octets = 8});
  const Length length;
  EXPECT_EQ(*known.meaning_of("one", length), 3U);
  EXPECT_EQ(*known.meaning_of("one", length), 3U);
  EXPECT_EQ(*known.meaning_of("three", length), 5U);
  EXPECT_EQ(length.read, 2);
}

TEST(Remembered, ReadsALongTextEachTime) {
  Remembered<std::size_t> known({.texts = 2, .octets = 3});
  const Length length;
  EXPECT_EQ(*known.meaning_of("three", length), 5U);
  EXPECT_EQ(*known.meaning_of("three", length), 5U);
  EXPECT_EQ(length.read, 2);
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
