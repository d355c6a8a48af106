#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdio>
#include <sstream>
#include <string>

#include "rules/spf/check_host.h"
#include "support/json_zone.h"
#include "support/suite_files.h"

namespace veredus::rules::spf {
namespace {

namespace json = boost::json;

struct Score {
  int cases = 0;
  int right = 0;
};

Verdict run(const json::object& test, const json::object& zones) {
  const test::JsonZone zone(zones.at(test.at("zone").as_string()).as_object());
  Subject subject;
  subject.address = base::codec::parse_ip(test.at("ip").as_string()).value_or(base::codec::IpAddress());
  subject.helo = test.at("helo").as_string();
  subject.mail_from = test.at("mailfrom").as_string();
  subject.receiver = "unknown";
  return zone.run(check_host(std::move(subject), Options()));
}

void judge(const json::object& test, const json::object& zones, Score& score) {
  const auto verdict = run(test, zones);
  bool right = false;
  for (const auto& wanted : test.at("result").as_array())
    right = right || wanted.as_string() == to_string(verdict.result);
  if (const auto* text = test.at("explanation").if_string(); text != nullptr && right) {
    const std::string wanted = *text == "DEFAULT" ? "" : std::string(*text);
    right = verdict.explanation == wanted;
  }
  ++score.cases;
  score.right += right ? 1 : 0;
  EXPECT_TRUE(right) << json::serialize(test) << "\n  got " << to_string(verdict.result) << " \"" << verdict.explanation
                     << "\" " << verdict.problem;
}

TEST(SpfSuite, AgreesWithTheCasesOfRfc7208) {
  const auto folder = test::suite("spf-rfc7208");
  if (folder.empty()) GTEST_SKIP() << "Skipped: the suite spf-rfc7208 is not here";
  const auto zones = json::parse(test::read_whole(folder / "zones.json")).as_object();
  std::istringstream lines(test::read_whole(folder / "cases.jsonl"));
  Score score;
  for (std::string line; std::getline(lines, line);) judge(json::parse(line).as_object(), zones, score);
  std::printf("suite spf-rfc7208: %d of %d\n", score.right, score.cases);
  EXPECT_GT(score.cases, 100);
}

}  // namespace
}  // namespace veredus::rules::spf
