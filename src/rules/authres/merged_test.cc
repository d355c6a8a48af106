#include "rules/authres/merged.h"

#include <gtest/gtest.h>

namespace veredus::rules::authres {
namespace {

TEST(MergedValue, HoldsTheResultsOfOneServerInOrder) {  // RFC 8617 s4.1.1
  EXPECT_EQ(merged_value({" mx.example.org; arc=none", " other.test; spf=fail",
                          " MX.example.org;\r\n\tspf=pass smtp.mailfrom=a.test;\r\n\tdkim=pass (1024-bit key)  "},
                         "mx.example.org"),
            "mx.example.org; arc=none; spf=pass smtp.mailfrom=a.test; dkim=pass (1024-bit key)");
}

TEST(MergedValue, ReadsTheServersNameAsTheGrammarHasIt) {  // RFC 8601 s2.2
  for (const auto* value : {"mx.example.org 1; spf=pass", "(a; b) mx.example.org (c); spf=pass",
                            "\"mx.example.org\";spf=pass;", "mx.example.org; ; spf=pass"}) {
    SCOPED_TRACE(value);
    EXPECT_EQ(merged_value({value}, "mx.example.org"), "mx.example.org; spf=pass");
  }
  EXPECT_EQ(merged_value({"mx.example.org; dkim=fail reason=\"a; b\" (c; d); spf=pass"}, "mx.example.org"),
            "mx.example.org; dkim=fail reason=\"a; b\" (c; d); spf=pass");
}

TEST(MergedValue, IsNoneWithoutAResult) {  // RFC 8601 s2.2, no-result
  for (const auto* value : {"", "mx.example.org", "mx.example.org; none", "mx.example.org 2; spf=pass", "; spf=pass"}) {
    SCOPED_TRACE(value);
    EXPECT_EQ(merged_value({value}, "mx.example.org"), "mx.example.org; none");
  }
  EXPECT_EQ(merged_value({}, "mx.example.org"), "mx.example.org; none");
  EXPECT_EQ(merged_value({"mx.example.org; none", "mx.example.org; spf=pass"}, "mx.example.org"),
            "mx.example.org; spf=pass");
}

}  // namespace
}  // namespace veredus::rules::authres
