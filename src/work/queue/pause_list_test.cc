#include "work/queue/pause_list.h"

#include <gtest/gtest.h>

namespace veredus::work::queue {
namespace {

using state::spool::Pause;
using state::spool::PauseOf;

Pause pause_of(PauseOf of, std::string subject) {
  Pause pause;
  pause.of = of;
  pause.subject = std::move(subject);
  return pause;
}

TEST(IsSender, ComparesAddressesDomainsAndTheNullSender) {
  struct Case {
    std::string_view subject;
    std::optional<std::string> sender;
    bool want;
  };
  const Case cases[] = {
      {"alice@demo.test", "Alice@Demo.TEST", true},
      {"alice@demo.test", "malice@demo.test", false},
      {"@demo.test", "alice@demo.test", true},
      {"@demo.test", "alice@notdemo.test", false},
      {"<>", std::nullopt, true},
      {"<>", "alice@demo.test", false},
      {"alice@demo.test", std::nullopt, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.subject) + " " + c.sender.value_or("<>"));
    EXPECT_EQ(is_sender(c.subject, c.sender), c.want);
  }
}

TEST(PauseList, KeepsOneOfEachAndForgetsThem) {
  PauseList list;
  EXPECT_FALSE(list.everything());
  list.put(pause_of(PauseOf::kEverything, ""));
  list.put(pause_of(PauseOf::kSender, "@demo.test"));
  list.put(pause_of(PauseOf::kSender, "@demo.test"));
  EXPECT_EQ(list.all().size(), 2U);
  EXPECT_TRUE(list.everything());
  EXPECT_TRUE(list.holds_sender("alice@demo.test"));
  EXPECT_FALSE(list.holds_sender("alice@example.org"));
  EXPECT_TRUE(list.erase(PauseOf::kSender, "@demo.test"));
  EXPECT_FALSE(list.erase(PauseOf::kSender, "@demo.test"));
  EXPECT_FALSE(list.holds_sender("alice@demo.test"));
}

}  // namespace
}  // namespace veredus::work::queue
