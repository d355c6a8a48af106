#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "rules/dkim/verification.h"
#include "support/json_zone.h"
#include "support/signed_message.h"
#include "support/suite_files.h"

namespace veredus::rules::dkim {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

const SystemTime kNow{std::chrono::seconds(1'790'000'000)};

std::vector<Verdict> verify(const std::string& whole, const test::JsonZone& zone, SystemTime now) {
  const auto [header, body] = test::split_message(whole);
  ReceivedMessage message(header);
  Verification verification(&message, now, Options());
  // Cut at every odd place, so that the streaming is tried too.
  for (std::size_t at = 0; at < body.size(); at += 7) message.body(std::string_view(body).substr(at, 7));
  message.end();
  return zone.run(verification.finish());
}

bool is_expected(std::string_view expected, const std::vector<Verdict>& verdicts) {
  const auto any = [&](Result result) {
    return std::ranges::any_of(verdicts, [result](const auto& v) { return v.result == result; });
  };
  if (expected == "not-pass") return !any(Result::kPass);
  if (expected == "pass-or-policy") return any(Result::kPass) || any(Result::kPolicy);
  if (expected == "pass-if-normalised") return any(Result::kPass);
  return std::ranges::any_of(verdicts, [&](const auto& v) { return to_string(v.result) == expected; }) &&
         (expected == "pass" || !any(Result::kPass));
}

TEST(DkimSuite, AgreesWithTheMatrix) {
  const auto folder = test::suite("dkim-matrix");
  if (folder.empty()) GTEST_SKIP() << "Skipped: the suite dkim-matrix is not here";
  const test::JsonZone zone(json::parse(test::read_whole(folder / "dns.json")).as_object());
  int right = 0;
  const auto cases = json::parse(test::read_whole(folder / "cases.json")).as_array();
  for (const auto& value : cases) {
    const auto& entry = value.as_object();
    const std::string file(entry.at("file").as_string());
    const auto verdicts = verify(test::with_crlf(test::read_whole(folder / file)), zone, kNow);
    const std::string_view expected = entry.at("expect").as_string();
    const bool good = is_expected(expected, verdicts);
    right += good ? 1 : 0;
    EXPECT_TRUE(good) << file << ": wanted " << expected << ", got "
                      << (verdicts.empty() ? "nothing" : to_string(verdicts.front().result)) << ' '
                      << (verdicts.empty() ? "" : verdicts.front().problem);
  }
  std::printf("suite dkim-matrix: %d of %zu\n", right, cases.size());
}

TEST(DkimSuite, VerifiesWhatOthersSigned) {
  const auto folder = test::suite("dkim-mail-auth");
  if (folder.empty()) GTEST_SKIP() << "Skipped: the suite dkim-mail-auth is not here";
  int right = 0;
  int all = 0;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (!std::isdigit(static_cast<unsigned char>(file.path().filename().string().front()))) continue;
    const auto [zone, message] = test::zone_and_message(test::read_whole(file.path()));
    // One of them expired in the year it was written.
    const auto verdicts = verify(message, test::JsonZone(zone), SystemTime(std::chrono::seconds(1'640'995'200)));
    const bool good =
        !verdicts.empty() && std::ranges::all_of(verdicts, [](const auto& v) { return v.result == Result::kPass; });
    ++all;
    right += good ? 1 : 0;
    for (const auto& verdict : verdicts)
      EXPECT_EQ(verdict.result, Result::kPass) << file.path() << ' ' << verdict.domain << ": " << verdict.problem;
  }
  std::printf("suite dkim-mail-auth: %d of %d\n", right, all);
}

}  // namespace
}  // namespace veredus::rules::dkim
