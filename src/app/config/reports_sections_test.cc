#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "app/config/configuration.h"

namespace veredus::app::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

auto parse(const std::string& section) {
  return parse_configuration(
      "hostname = \"mx.example.org\"\ndata_directory = \"/d\"\n[[listener]]\nprotocol = \"smtp\"\naddress = "
      "\"127.0.0.1:25\"\n[reports]\n" +
          section,
      "veredus.toml", "/etc");
}

TEST(ReportsSection, IsOffUntilSomebodyIsNamed) {
  const auto parsed = parse("");
  ASSERT_TRUE(parsed) << to_string(parsed.error());
  EXPECT_EQ(parsed->reports.contact, "");
  EXPECT_TRUE(parsed->reports.addresses.empty());
  EXPECT_EQ(parsed->reports.spread, 4h);
}

TEST(ReportsSection, IsRead) {
  const auto parsed = parse(R"(contact = "dmarc@Example.org"
organization = "Example & Sons"
extra_contact = "https://example.org/dmarc"
dmarc = false
tls = false
spread = "30m"
addresses = ["Reports@Example.org", "tls@example.org"]
keep = "30d"
keep_most = 7
)");
  ASSERT_TRUE(parsed) << to_string(parsed.error());
  const auto& reports = parsed->reports;
  EXPECT_EQ(reports.contact, "dmarc@Example.org");
  EXPECT_EQ(reports.organization, "Example & Sons");
  EXPECT_EQ(reports.extra_contact, "https://example.org/dmarc");
  EXPECT_FALSE(reports.send_dmarc);
  EXPECT_FALSE(reports.send_tls);
  EXPECT_EQ(reports.spread, 30min);
  EXPECT_THAT(reports.addresses, ElementsAre("reports@example.org", "tls@example.org"));
  EXPECT_EQ(reports.received.life, std::chrono::days(30));
  EXPECT_EQ(reports.received.most, 7U);
}

TEST(ReportsSection, SaysWhatIsWrong) {
  struct Case {
    std::string text;
    std::string_view want;
  };
  const Case cases[] = {{"contact = \"postmaster\"", "wants an address"},
                        {"addresses = [\"x\"]", "wants addresses"},
                        {"spread = \"24h\"", "at most"},
                        {"keep_most = 0", "keep_most"},
                        {"rua = 1", "rua"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto parsed = parse(c.text);
    ASSERT_FALSE(parsed);
    EXPECT_THAT(to_string(parsed.error()), HasSubstr(c.want));
  }
}

}  // namespace
}  // namespace veredus::app::config
