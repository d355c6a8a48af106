#include "rules/standing/record.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/codec/hex.h"

namespace veredus::rules::standing {
namespace {

using namespace std::chrono_literals;

constexpr SystemTime kNow{std::chrono::seconds(1'790'000'000)};

base::codec::IpAddress ip(std::string_view text) { return base::codec::parse_ip(text).value(); }

TEST(KeyOf, IsTheAuthenticatedDomainOrElseTheNetwork) {
  EXPECT_EQ(key_of("Example.org", ip("192.0.2.9")), "dexample.org");
  EXPECT_EQ(key_of("", ip("192.0.2.9")), "n192.0.2.0");
  EXPECT_EQ(key_of("", ip("2001:db8:1:2:3::9")), "n2001:db8:1::");
}

TEST(Greylist, PutsOffWhoIsNewUntilHeComesBack) {
  Record record;
  const GreylistOptions options;
  EXPECT_EQ(greylist(record, options, kNow), 300s);
  EXPECT_EQ(greylist(record, options, kNow + 100s), 200s);  // too early
  EXPECT_FALSE(greylist(record, options, kNow + 300s));
  count(record, Outcome::kAccepted, kNow + 300s);
  EXPECT_FALSE(greylist(record, options, kNow + 301s));
}

TEST(Greylist, LeavesThoseAloneWhoAreKnownAlready) {
  Record record;
  count(record, Outcome::kAccepted, kNow);
  EXPECT_FALSE(greylist(record, {}, kNow + 24h));
  Record bad;
  count(bad, Outcome::kRefused, kNow);
  EXPECT_TRUE(greylist(bad, {}, kNow + 24h));
}

TEST(Greylist, BeginsAgainWithWhoStaysAwayTooLong) {
  Record record;
  const GreylistOptions options;
  EXPECT_TRUE(greylist(record, options, kNow));
  EXPECT_EQ(greylist(record, options, kNow + 49h), 300s);
  EXPECT_FALSE(greylist(record, options, kNow + 49h + 5min));
  count(record, Outcome::kAccepted, kNow + 49h + 5min);
  EXPECT_FALSE(greylist(record, options, kNow + 49h + 24h * 59));
  const auto later = kNow + 49h + 24h * 120;
  EXPECT_TRUE(greylist(record, options, later));
  count(record, Outcome::kPutOff, later);
  EXPECT_EQ(greylist(record, options, later + 100s), 200s);
  EXPECT_FALSE(greylist(record, options, later + 300s));
}

TEST(Greylist, IsNotConfusedByAClockThatGoesBack) {
  Record record;
  EXPECT_TRUE(greylist(record, {}, kNow));
  EXPECT_EQ(greylist(record, {}, kNow - 10h), 300s);
  EXPECT_FALSE(greylist(record, {}, kNow - 10h + 300s));
}

TEST(InWords, SaysWhatIsKnown) {
  Record record;
  EXPECT_EQ(in_words(record, kNow), "not known before");
  count(record, Outcome::kAccepted, kNow);
  EXPECT_EQ(in_words(record, kNow), "known for 0 days, 1 message");
  count(record, Outcome::kJunk, kNow);
  count(record, Outcome::kRefused, kNow);
  count(record, Outcome::kPutOff, kNow);
  EXPECT_EQ(in_words(record, kNow + 36h), "known for 1 day, 2 messages, 1 junk, 1 refused");
}

Record full() {
  Record record;
  record.first_seen = kNow;
  record.last_seen = kNow + 1h;
  record.put_off_at = kNow + 2h;
  record.came_back = true;
  record.accepted = 300;
  record.junk = 2;
  record.refused = 3;
  record.put_off = 4;
  return record;
}

TEST(Encode, StaysAsItWasReleased) {  // docs/formats/senders.md
  std::ifstream file(std::string(VEREDUS_SOURCE_DIR) + "/test/data/formats/sender-1.hex");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(base::codec::hex_encode(encode(full())) + "\n", text.str());
}

TEST(Decode, ReadsWhatEncodeWrites) {
  EXPECT_EQ(decode(encode(full())), full());
  EXPECT_EQ(decode(encode(Record())), Record());
}

TEST(Decode, RefusesAllElse) {
  const auto row = encode(full());
  for (std::size_t i = 0; i < row.size(); ++i) EXPECT_FALSE(decode(row.substr(0, i))) << i;
  EXPECT_FALSE(decode(row + "x"));
  EXPECT_FALSE(decode("\x02" + row.substr(1)));
}

}  // namespace
}  // namespace veredus::rules::standing
