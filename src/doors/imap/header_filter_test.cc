#include "doors/imap/header_filter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace veredus::doors::imap {
namespace {

using wire::imap::SectionText;

TEST(FieldNames, AreFoundInWhateverCase) {
  const FieldNames names({"To", "SUBJECT", "x-b", "X-a", "to"});
  for (const std::string name : {"to", "TO", "Subject", "x-A", "X-B"}) EXPECT_TRUE(names.contains(name)) << name;
  for (const std::string name : {"", "t", "tox", "X-c", "X_a", "Subjec"}) EXPECT_FALSE(names.contains(name)) << name;
  EXPECT_FALSE(FieldNames({}).contains("to"));
}

TEST(HeaderFilter, GoesThroughALongBlockStepByStep) {
  std::vector<std::string> names;
  std::string block;
  std::string wanted;
  std::string others;
  for (int i = 0; i < 5'000; ++i) {
    const auto line = "Field-" + std::to_string(i) + ": a\r\n b\r\n";
    block += line;
    if (i % 3 == 0) names.push_back("FIELD-" + std::to_string(i));
    (i % 3 == 0 ? wanted : others) += line;
  }
  const FieldNames some(names);
  for (const auto text : {SectionText::kHeaderFields, SectionText::kHeaderFieldsNot}) {
    HeaderFilter filter(block, &some, text);
    std::size_t steps = 0;
    while (filter.step()) ++steps;
    EXPECT_EQ(filter.take(), (text == SectionText::kHeaderFields ? wanted : others) + "\r\n");
    EXPECT_GE(steps, 5u);
  }
}

}  // namespace
}  // namespace veredus::doors::imap
