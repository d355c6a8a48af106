#include <gtest/gtest.h>

#include <filesystem>

#include "rules/reportmail/presentation.h"
#include "support/suite_files.h"

namespace veredus::rules::reportmail {
namespace {

using test::read_whole;
using test::suite;

TEST(Suite, TlsReportsOfOthersAreRead) {
  const auto folder = suite("tlsrpt");
  if (folder.empty()) GTEST_SKIP() << "the suites are not here ($VEREDUS_SUITES)";
  for (const auto& extension : {".eml", ".json"}) {
    for (const auto& path : test::files_with(folder, extension)) {
      SCOPED_TRACE(path.filename().string());
      const auto report = read_report(read_whole(path));
      ASSERT_TRUE(report) << report.error().why;
      ASSERT_EQ(report->kind(), Kind::kTls);
      // Beside some messages stands what is in them.
      auto expected = path;
      expected.replace_extension(".json");
      if (!std::filesystem::exists(expected)) continue;
      const auto want = tlsrpt::read_json(read_whole(expected));
      ASSERT_TRUE(want);
      EXPECT_EQ(tlsrpt::write_json(std::get<tlsrpt::Report>(report->content)), tlsrpt::write_json(*want));
    }
  }
}

TEST(Suite, FeedbackOfOthersIsRead) {
  const auto folder = suite("arf");
  if (folder.empty()) GTEST_SKIP() << "the suites are not here ($VEREDUS_SUITES)";
  for (const auto& path : test::files_with(folder, ".eml")) {
    SCOPED_TRACE(path.filename().string());
    const auto report = read_report(read_whole(path));
    ASSERT_TRUE(report) << report.error().why;
    EXPECT_EQ(report->kind(), Kind::kFailure);
  }
}

}  // namespace
}  // namespace veredus::rules::reportmail
