#include "base/codec/dns_name.h"

#include <gtest/gtest.h>

namespace veredus::base::codec {
namespace {

TEST(PresentedName, EscapesWhatNoHostHas) {
  const std::pair<std::string, std::string> cases[] = {{"Mail-1._x.Example.ORG", "mail-1._x.example.org"},
                                                       {"a+b.test", "a\\+b.test"},
                                                       {"a\\b.test", "a\\\\b.test"},
                                                       {"a b.test", "a\\032b.test"},
                                                       {std::string("a\0b", 3), "a\\000b"},
                                                       {"\xC3\xBC", "\\195\\188"},
                                                       {"", ""}};
  for (const auto& [octets, text] : cases) {
    SCOPED_TRACE(text);
    EXPECT_EQ(presented_name(octets), text);
    if (!text.empty()) EXPECT_EQ(normal_presented_name(text), text);
  }
}

TEST(NormalPresentedName, IsOneTextForAllWaysToWriteAName) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"a\\.b.test", "a\\.b.test"},
                                                                 {"a\\046b.test", "a\\.b.test"},
                                                                 {"\\A\\098C.test.", "abc.test"},
                                                                 {"\\\\\\..test", "\\\\\\..test"},
                                                                 {"\\255", "\\255"}};
  for (const auto& [text, want] : cases) {
    SCOPED_TRACE(text);
    EXPECT_EQ(normal_presented_name(text), want);
  }
}

TEST(NormalPresentedName, RefusesWhatCannotStandInDns) {
  std::string longest = std::string(63, 'a') + '.' + std::string(63, 'b') + '.' + std::string(63, 'c') + '.';
  for (int i = 0; i < 61; ++i) longest += "\\001";
  EXPECT_TRUE(normal_presented_name(longest)) << "an escape counts as one octet";
  for (const std::string& text : {std::string(), std::string("."), std::string("a..b"), std::string(".a"),
                                  longest + "\\001", std::string(64, 'a'), std::string("a\\"), std::string("a\\25"),
                                  std::string("a\\2x5"), std::string("a\\256"), std::string("a+b"), std::string("a b"),
                                  std::string("a\\ b"), std::string("\\\xC3\xBC"), std::string("\xC3\xBC")}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(normal_presented_name(text));
  }
}

}  // namespace
}  // namespace veredus::base::codec
