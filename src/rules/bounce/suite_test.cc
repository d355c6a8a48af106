#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "rules/bounce/classify.h"
#include "rules/bounce/recognize.h"
#include "support/suite_files.h"

namespace veredus::rules::bounce {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using test::read_whole;
using test::suite;

/// What the suite says of one recipient. Its words for reasons are ours.
struct Expected {
  std::string reason;
  bool hard = false;
};

/// Prints each disagreement when asked to by $VEREDUS_SUITE_DETAILS.
void disagree(const std::string& what, const std::string& want, const std::string& got, const std::string& text) {
  if (std::getenv("VEREDUS_SUITE_DETAILS") != nullptr)
    std::printf("%-28s want %-18s got %-18s %s\n", what.c_str(), want.c_str(), got.c_str(),
                text.substr(0, 240).c_str());
}

struct Counts {
  int messages = 0;
  int detected = 0;
  int recipients = 0;
  int reason = 0;
  int hard = 0;

  [[nodiscard]] static double percent(int part, int all) { return all == 0 ? 0 : 100.0 * part / all; }
};

void count_message(Counts& counts, const std::string& name, const json::array& expected, const std::string& message) {
  const auto found = recognize(message).recipients;
  ++counts.messages;
  counts.detected += found.empty() ? 0 : 1;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& want = expected[i].as_object();
    const std::string reason(want.at("reason").as_string());
    const bool hard = want.at("hardbounce").as_bool();
    ++counts.recipients;
    if (i >= found.size()) {
      disagree(name, reason, found.empty() ? "NOTHING" : "MISSING", "");
      continue;
    }
    const std::string got(to_string(found[i].reason));
    counts.reason += got == reason ? 1 : 0;
    counts.hard += found[i].hard == hard ? 1 : 0;
    if (got != reason || found[i].hard != hard)
      disagree(name, reason + (hard ? "!" : ""), got + (found[i].hard ? "!" : ""),
               found[i].status + '|' + found[i].reply + '|' + found[i].recipient + '|' + found[i].diagnostic);
  }
  if (found.size() > expected.size()) disagree(name, "", "TOO MANY", found.back().recipient);
}

TEST(BounceSuite, ReportsAreRecognizedAndUnderstood) {
  const auto folder = suite("bounces");
  if (folder.empty()) GTEST_SKIP() << "the suite of bounces is not there";
  const auto expected = json::parse(read_whole(folder / "expected.json")).as_object();
  Counts counts;
  for (const auto& [name, recipients] : expected) {
    const std::string file(name);
    count_message(counts, fs::path(file).stem().string(), recipients.as_array(), read_whole(folder / file));
  }
  std::printf(
      "suite bounces: %d messages, detected %d (%.2f %%), %d recipients, reason %d (%.2f %%), hard/soft %d (%.2f %%)\n",
      counts.messages, counts.detected, Counts::percent(counts.detected, counts.messages), counts.recipients,
      counts.reason, Counts::percent(counts.reason, counts.recipients), counts.hard,
      Counts::percent(counts.hard, counts.recipients));
  EXPECT_GE(Counts::percent(counts.detected, counts.messages), 99.0);
  EXPECT_GE(Counts::percent(counts.reason, counts.recipients), 95.0);
  EXPECT_GE(Counts::percent(counts.hard, counts.recipients), 97.0);
}

TEST(BounceSuite, OtherMailIsNoBounce) {
  const auto folder = suite("bounces") / "maildir" / "not";
  if (!fs::is_directory(folder)) GTEST_SKIP() << "the suite of bounces is not there";
  for (const auto& entry : fs::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().string());
    EXPECT_TRUE(recognize(read_whole(entry.path())).recipients.empty());
  }
}

TEST(BounceSuite, RepliesAreUnderstood) {
  const auto folder = suite("smtp-replies");
  if (folder.empty()) GTEST_SKIP() << "the suite of replies is not there";
  int right = 0;
  int all = 0;
  for (const auto& value : json::parse(read_whole(folder / "reasons.json")).as_array()) {
    const std::string text(value.at("text").as_string());
    const std::string want(value.at("reason").as_string());
    const std::string got(to_string(classify_text(text).category));
    ++all;
    right += want == got ? 1 : 0;
    if (want != got) disagree("reply", want, got, text);
  }
  std::printf("suite smtp-replies: %d, understood %d (%.2f %%)\n", all, right, Counts::percent(right, all));
  EXPECT_GE(Counts::percent(right, all), 95.0);
}

}  // namespace
}  // namespace veredus::rules::bounce
