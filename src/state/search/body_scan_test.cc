#include "state/search/body_scan.h"

#include <gtest/gtest.h>

#include "wire/mime/message.h"

namespace veredus::state::search {
namespace {

constexpr std::string_view kMessage = "Subject: hello\r\n\r\nThe quick\r\nbrown fox\r\n";

/// Scans a message in two pieces for a text in it.
Verdict scan(const Scene& scene, const Query& query) {
  const Program program(query, {});
  const auto parts = wire::mime::decode_part_table(wire::mime::encode_part_table(wire::mime::parse(kMessage)));
  BodyScan scan(scene, program, std::vector<Verdict>(program.leaves().size(), Verdict::kUnknown), *parts);
  scan.feed(0, kMessage.substr(0, 30));
  scan.feed(30, kMessage.substr(30));
  return scan.finish();
}

TEST(BodyScan, FindsManyTextsAtOnce) {
  const Scene scene{};
  const auto all = [](auto... texts) { return Query{And{{Query{TextHas{texts}}...}}}; };
  EXPECT_EQ(scan(scene, all("BROWN", "quick\r\nbrown", "subject: HELLO")), Verdict::kYes);
  EXPECT_EQ(scan(scene, all("BROWN", "quick brown")), Verdict::kNo);
  EXPECT_EQ(scan(scene, Query{BodyHas{"hello"}}), Verdict::kNo);
}

TEST(BodyScan, LooksNoFurtherWhenItIsStopped) {
  Scene scene{};
  scene.progress = std::make_shared<Progress>();
  EXPECT_EQ(scan(scene, Query{TextHas{"fox"}}), Verdict::kYes);
  scene.progress->stop = true;
  EXPECT_EQ(scan(scene, Query{TextHas{"fox"}}), Verdict::kNo);
  EXPECT_EQ(scan(scene, Query{TextHas{"hello"}}), Verdict::kNo) << "in a field";
}

}  // namespace
}  // namespace veredus::state::search
