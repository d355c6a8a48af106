#include "state/spool/queue_query.h"

#include <gtest/gtest.h>

#include "support/queue_draft.h"

namespace veredus::state::spool {
namespace {

using test::kQueueNow;
using namespace std::chrono_literals;
using Kind = QueueChange::Kind;

TEST(QueueQueryMatches, WhenEverythingGivenHolds) {
  auto entry = test::queue_entry(1, "example.org");
  entry.submitter = AccountId(4);
  entry.recipients[0].last_reply = "451 4.7.1 Greylisted, come back";
  const auto other = EntryId::make(test::queue_id(2), "example.org", "");
  struct Case {
    QueueQuery query;
    bool want;
  };
  const Case cases[] = {
      {{}, true},
      {{.message = test::queue_id(1)}, true},
      {{.message = test::queue_id(2)}, false},
      {{.entry = entry.id}, true},
      {{.entry = other}, false},
      {{.sender = "Alice@Demo.test"}, true},
      {{.sender = "@demo.TEST"}, true},
      {{.sender = "@mo.test"}, false},
      {{.sender = ""}, false},
      {{.recipient = "bob@example.org"}, true},
      {{.recipient = "@example.org"}, true},
      {{.recipient = "ob@example.org"}, false},
      {{.domain = "example.org"}, true},
      {{.domain = "example.com"}, false},
      {{.submitter = AccountId(4)}, true},
      {{.submitter = AccountId(5)}, false},
      {{.route = ""}, true},
      {{.route = "smart"}, false},
      {{.reason = "greylist"}, true},
      {{.reason = "blocked"}, false},
      {{.accepted_before = kQueueNow + 1ms}, true},
      {{.accepted_before = kQueueNow}, false},
      {{.held = false}, true},
      {{.held = true}, false},
      {{.sender = "alice@demo.test", .domain = "example.com"}, false},
  };
  int number = 0;
  for (const auto& c : cases) {
    SCOPED_TRACE(number++);
    EXPECT_EQ(matches(c.query, entry), c.want);
  }
  entry.sender = std::nullopt;
  EXPECT_TRUE(matches({.sender = ""}, entry));
  EXPECT_FALSE(matches({.sender = "alice@demo.test"}, entry));
}

TEST(QueueQueryMatches, FindsWhyAnEntryIsHeld) {
  auto entry = test::queue_entry(1, "example.org");
  entry.hold = Hold::kBrake;
  entry.hold_reason = "over 100 messages an hour";
  EXPECT_TRUE(matches({.reason = "messages an hour", .held = true}, entry));
}

TEST(QueueChange, DoesWhatItSaysAndKnowsWhenThereIsNothingToDo) {
  auto entry = test::queue_entry(1, "example.org");
  const auto later = kQueueNow + 1h;
  EXPECT_TRUE(apply({.kind = Kind::kHold, .reason = "looked into"}, entry));
  EXPECT_EQ(entry.hold, Hold::kAdministrator);
  EXPECT_FALSE(apply({.kind = Kind::kHold, .reason = "looked into"}, entry));
  EXPECT_FALSE(apply({.kind = Kind::kHold, .hold = Hold::kBrake, .reason = "rate"}, entry));
  EXPECT_TRUE(apply({.kind = Kind::kRelease, .due_at = later}, entry));
  EXPECT_EQ(entry.hold, Hold::kNone);
  EXPECT_EQ(entry.hold_reason, "");
  EXPECT_EQ(entry.due_at, later);
  EXPECT_FALSE(apply({.kind = Kind::kRelease, .due_at = later}, entry));
  EXPECT_TRUE(apply({.kind = Kind::kRetry, .due_at = kQueueNow}, entry));
  EXPECT_FALSE(apply({.kind = Kind::kRetry, .due_at = kQueueNow}, entry));
  EXPECT_TRUE(apply({.kind = Kind::kReroute, .due_at = later, .route = "smart"}, entry));
  EXPECT_FALSE(apply({.kind = Kind::kReroute, .due_at = later, .route = "smart"}, entry));
  EXPECT_EQ(entry.route, "smart");
  EXPECT_TRUE(apply({.kind = Kind::kBounce, .due_at = later}, entry));
  EXPECT_EQ(entry.expires_at, later);
  EXPECT_EQ(entry.due_at, later);
}

TEST(QueueQuery, NamesTheShardOfItsDomain) {
  EXPECT_EQ(only_shard({}), std::nullopt);
  EXPECT_EQ(only_shard({.domain = "example.org"}), shard_of("example.org"));
}

}  // namespace
}  // namespace veredus::state::spool
