#include "doors/imap/section.h"

#include <gtest/gtest.h>

#include <string>

#include "doors/imap/header_filter.h"
#include "wire/mime/structure_parser.h"

namespace veredus::doors::imap {
namespace {

using wire::imap::Section;
using wire::imap::SectionText;

const std::string kMessage =
    "Subject: outer\r\nX-Long: a\r\n b\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
    "--B\r\nContent-Type: text/plain\r\n\r\nfirst\r\n"
    "--B\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\nTo: x@example.org\r\n\r\ninner body\r\n"
    "--B--\r\n";

class Sections : public testing::Test {
 protected:
  std::vector<wire::mime::PartEntry> parts() {
    wire::mime::StructureParser parser;
    parser.feed(kMessage);
    return *wire::mime::decode_part_table(wire::mime::encode_part_table(parser.finish()));
  }
  /// "-": there is no such section.
  std::string text(const Section& section) {
    const auto table = parts();
    const auto place = locate(section, table, kMessage.size());
    if (place.kind == SectionPlace::Kind::kNotThere) return "-";
    const auto octets = kMessage.substr(place.begin, place.end - place.begin);
    if (place.kind != SectionPlace::Kind::kFields) return octets;
    const FieldNames names(section.fields);
    HeaderFilter filter(octets, &names, section.text);
    while (filter.step()) continue;
    return filter.take();
  }
};

TEST_F(Sections, AreFoundByTheirNumbers) {
  EXPECT_EQ(text({}), kMessage);
  EXPECT_EQ(text({.part = {1}}), "first");
  EXPECT_EQ(text({.part = {1}, .text = SectionText::kMime}), "Content-Type: text/plain\r\n\r\n");
  EXPECT_EQ(text({.part = {2}}), "Subject: inner\r\nTo: x@example.org\r\n\r\ninner body");
  EXPECT_EQ(text({.part = {2}, .text = SectionText::kHeader}), "Subject: inner\r\nTo: x@example.org\r\n\r\n");
  EXPECT_EQ(text({.part = {2}, .text = SectionText::kText}), "inner body");
  EXPECT_EQ(text({.part = {2, 1}}), "inner body");
  EXPECT_EQ(text({.part = {2}, .text = SectionText::kHeaderFields, .fields = {"TO"}}), "To: x@example.org\r\n\r\n");
  EXPECT_EQ(text({.part = {3}}), "-");
  EXPECT_EQ(text({.part = {1}, .text = SectionText::kHeader}), "-") << "only messages have headers of their own";
  EXPECT_TRUE(text({.text = SectionText::kText}).starts_with("--B\r\n"));
}

TEST_F(Sections, FilterHeaderFieldsWithTheirFolding) {
  EXPECT_EQ(text({.text = SectionText::kHeaderFields, .fields = {"x-long", "nothing"}}), "X-Long: a\r\n b\r\n\r\n");
  EXPECT_EQ(text({.text = SectionText::kHeaderFieldsNot, .fields = {"X-Long", "content-type"}}),
            "Subject: outer\r\n\r\n");
}

TEST(ClipRange, StaysWithinWhatThereIs) {
  const auto clipped = [](std::uint64_t first, std::uint64_t count) {
    return std::string(clip(std::string_view("0123456789"), wire::imap::OctetRange{first, count}));
  };
  EXPECT_EQ(clipped(0, 4), "0123");
  EXPECT_EQ(clipped(8, 100), "89");
  EXPECT_EQ(clipped(10, 1), "");
  EXPECT_EQ(clipped(1'000'000'000'000, UINT64_MAX), "");
  EXPECT_EQ(clipped(1, UINT64_MAX), "123456789");
}

}  // namespace
}  // namespace veredus::doors::imap
