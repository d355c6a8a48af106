#include "base/codec/date.h"

#include <gtest/gtest.h>

namespace veredus::base::codec {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

// 2026-11-22T03:40:05Z
constexpr SystemTime kMoment{milliseconds(1795318805000)};

TEST(Rfc5322Date, IsWrittenWithItsOffset) {
  EXPECT_EQ(format_rfc5322_date(kMoment), "Sun, 22 Nov 2026 03:40:05 +0000");
  EXPECT_EQ(format_rfc5322_date(kMoment, minutes(-330)), "Sat, 21 Nov 2026 22:10:05 -0530");
  EXPECT_EQ(format_rfc5322_date(kMoment + milliseconds(999), minutes(60)), "Sun, 22 Nov 2026 04:40:05 +0100");
  EXPECT_EQ(format_rfc5322_date(SystemTime{}), "Thu, 01 Jan 1970 00:00:00 +0000");
}

TEST(Rfc5322Date, StaysWithinFourDigitsOfYear) {
  EXPECT_EQ(format_rfc5322_date(SystemTime::max()), "Fri, 31 Dec 9999 23:59:59 +0000");
  EXPECT_EQ(format_rfc5322_date(SystemTime::min(), minutes(-60)), "Sat, 01 Jan 0000 00:00:00 -0100");
}

TEST(Rfc5322Date, ManySpellingsAreRead) {
  for (const std::string_view text : {"Sun, 22 Nov 2026 03:40:05 +0000",
                                      "22 Nov 2026 03:40:05 +0000",
                                      "Sun,22 Nov 2026 03:40:05 GMT",
                                      "sun, 22 NOV 26 3:40:05 UT",
                                      " Sun,\r\n 22 Nov 2026\r\n 03:40:05 (comment (nested \\) )) +0000 (UTC)",
                                      "Sat, 21 Nov 2026 22:40:05 EST",
                                      "Sat, 21 Nov 2026 19:40:05 -0800",
                                      "Mon, 22 Nov 2026 03:40:05 Z",
                                      "Sunday, 22 November 2026 03:40:05 +0000",
                                      "22-Nov-2026 04:40:05 +0100",
                                      "Sun Nov 22 03:40:05 2026",
                                      "Sun Nov 22 03:40:05 UTC 2026",
                                      "Sun, 22 Nov 126 03:40:05 +0000",
                                      "Sun, 22 Nov 2026 04:40:05 +01:00",
                                      "Sun, 22 Nov 2026 03:40:05",
                                      "Sun, 22 Nov 2026 03 : 40 : 05 +0000",
                                      "Sun, 22 Nov 2026 03:40:05.678 +0000",
                                      "Sun, Nov 22, 2026 03:40:05 +0000",
                                      "Sun, 22 Nov 2026 03.40.05 +0000",
                                      "Sun, 22 Nov 2026 03:40:05 \"GMT\"",
                                      "Sun, 22 Nov 2026 03:40:05 A",
                                      "Sun, 22 Nov 2026 05:40:05 GMT+0200"}) {
    SCOPED_TRACE(text);
    const auto parsed = parse_rfc5322_date(text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->time, kMoment) << format_rfc3339(parsed->time);
  }
}

TEST(Rfc5322Date, TheOffsetIsKept) {
  EXPECT_EQ(parse_rfc5322_date("Sat, 21 Nov 2026 22:10:05 -0530")->offset, minutes(-330));
  EXPECT_EQ(parse_rfc5322_date("Sat, 21 Nov 2026 22:10:05 PDT")->offset, minutes(-420));
  EXPECT_EQ(parse_rfc5322_date("Sat, 21 Nov 2026 22:10:05 +9959")->offset, minutes(5999));
  EXPECT_EQ(parse_rfc5322_date("Sat, 21 Nov 2026 22:10:05 +0099")->offset, minutes(0));
}

TEST(Rfc5322Date, OldYearsAndLeapSecondsAreRead) {  // RFC 5322 s4.3
  EXPECT_EQ(format_rfc3339(parse_rfc5322_date("1 Jan 49 00:00 GMT")->time), "2049-01-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339(parse_rfc5322_date("1 Jan 50 00:00 GMT")->time), "1950-01-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339(parse_rfc5322_date("1 Jan 100 00:00 GMT")->time), "2000-01-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339(parse_rfc5322_date("31 Dec 2016 23:59:60 +0000")->time), "2016-12-31T23:59:59Z");
  EXPECT_EQ(format_rfc3339(parse_rfc5322_date("29 Feb 2024 12:00 +0000")->time), "2024-02-29T12:00:00Z");
}

TEST(Rfc5322Date, WhatIsNoDateIsRefused) {
  for (const std::string_view text :
       {"", "now", "Sun", "Sun, 22", "22 Nov", "22 Nov 2026", "22 Nov 2026 x", "32 Nov 2026 00:00", "31 Nov 2026 00:00",
        "29 Feb 2026 00:00", "22 Nov 2026 24:00", "22 Nov 2026 00:60", "22 Nov 2026 00:00:61", "22 Foo 2026 00:00",
        "22 Nov 20266 00:00", "22 Nov 6 00:00", "222 Nov 2026 00:00", "(unclosed", "22 Nov 2026 000:00"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(parse_rfc5322_date(text), std::nullopt);
  }
}

TEST(Rfc3339, ComesBackAsItWas) {
  for (const std::string_view text :
       {"2026-11-22T03:40:05Z", "2026-11-22T03:40:05.007Z", "1969-12-31T23:59:59.999Z", "2026-11-22T03:40:05-08:00",
        "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"}) {
    SCOPED_TRACE(text);
    const auto parsed = parse_rfc3339(text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(format_rfc3339(parsed->time, parsed->offset), text);
  }
  EXPECT_EQ(parse_rfc3339("2026-11-22t03:40:05.1239z")->time, kMoment + milliseconds(123));
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z")->time, parse_rfc3339("2016-12-31T23:59:59Z")->time);
}

TEST(Rfc3339, IsStrict) {
  for (const std::string_view text :
       {"", "2026-11-22", "2026-11-22T03:40:05", "26-11-22T03:40:05Z", "2026-13-22T03:40:05Z", "2026-11-31T03:40:05Z",
        "2026-11-22T3:40:05Z", "2026-11-22T03:40:05.Z", "2026-11-22T03:40:05+0100", "2026-11-22T03:40:05Zx",
        "2026-11-22T03:40:05+24:00", "2026-11-22T24:00:00Z"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(parse_rfc3339(text), std::nullopt);
  }
}

}  // namespace
}  // namespace veredus::base::codec
