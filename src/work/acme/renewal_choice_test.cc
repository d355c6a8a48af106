#include "work/acme/renewal_choice.h"

#include <gtest/gtest.h>

namespace veredus::work::acme {
namespace {

SystemTime at(std::int64_t milliseconds) { return SystemTime(std::chrono::milliseconds(milliseconds)); }

TEST(RenewalChoice, HasItsFormOnDisk) {  // docs/formats/acme.md
  const RenewalChoice choice{
      .of = "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE", .from = at(1'767'225'600'000), .at = at(1'767'312'000'123)};
  EXPECT_EQ(to_text(choice), "renewal 1 aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE 1767225600000 1767312000123\n");
  EXPECT_EQ(parse_renewal_choice(to_text(choice)), choice);
}

TEST(RenewalChoice, IsNothingElse) {
  for (const auto* text :
       {"", "renewal", "renewal 1 ", "renewal 1 id\n", "renewal 1 id 5\n", "renewal 1 id 5 x\n", "renewal 1 id 5 6 7\n",
        "renewal 1  5 6\n", "renewal 2 id 5 6\n", "renewal 1 id 5 99999999999999999999\n"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_renewal_choice(text));
  }
}

}  // namespace
}  // namespace veredus::work::acme
