#include "wire/mime/structure_parser.h"

#include <gtest/gtest.h>

#include <string>

#include "wire/mime/message.h"
#include "wire/mime/summary.h"

namespace veredus::wire::mime {
namespace {

/// "multipart/mixed(text/plain[body],…)" with bodies of leaves.
std::string outline(const Structure& s, std::string_view message, std::uint32_t index = 0) {
  const Part& part = s.parts[index];
  std::string out =
      part.content_type.type + "/" + part.content_type.subtype + (part.implied ? "?" : "") + (part.opaque ? "!" : "");
  if (part.kind == PartKind::kLeaf) return out + "[" + std::string(body_of(part, message)) + "]";
  out += "(";
  for (auto i = part.first_child; i != kNoPart; i = s.parts[i].next_sibling)
    out += (i == part.first_child ? "" : ",") + outline(s, message, i);
  return out + ")";
}

std::string crlf(std::string_view text) {
  std::string out;
  for (const char c : text) c == '\n' ? out += "\r\n" : out += c;
  return out;
}

constexpr std::string_view kMixed = "Content-Type: multipart/mixed; boundary=b\n\n";

TEST(StructureParser, FindsThePartsOfAnyMessage) {
  struct Case {
    std::string_view name, message, want;
  };
  const Case cases[] = {
      {"nothing", "", "text/plain[]"},
      {"no header", "\nhello\n", "text/plain[hello\r\n]"},
      {"no body", "Subject: x\n", "text/plain[]"},
      {"no blank line", "Subject: x", "text/plain[]"},
      {"garbage", "\x01\x02\x03", "text/plain[\x01\x02\x03]"},
      {"bad type", "Content-Type: nonsense\n\nx", "text/plain[x]"},
      {"two parts",
       "Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n--b\nContent-Type: "
       "image/png\n\ntwo\n--b--\npost\n",
       "multipart/mixed(text/plain[one],image/png[two])"},
      {"no line end at the end", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--",
       "multipart/mixed(text/plain[one])"},
      {"not closed", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n",
       "multipart/mixed(text/plain[one\r\n])"},
      {"padding after the boundary", "Content-Type: multipart/mixed; boundary=b\n\n--b \t\n\none\n--b-- \n",
       "multipart/mixed(text/plain[one])"},
      {"empty parts", "Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n\n--b--\n",
       "multipart/mixed(text/plain[],text/plain[])"},
      {"delimiter as last line begins no part", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n",
       "multipart/mixed(text/plain[one])"},
      {"no delimiter", "Content-Type: multipart/mixed; boundary=b\n\nbody\n", "multipart/mixed(text/plain?[body\r\n])"},
      {"no boundary", "Content-Type: multipart/mixed\n\nbody\n", "multipart/mixed(text/plain?[body\r\n])"},
      {"closed at once", "Content-Type: multipart/mixed; boundary=b\n\n--b--\nrest", "multipart/mixed(text/plain?[])"},
      {"outer delimiter ends the inner multipart",
       "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; "
       "boundary=i\n\n--i\n\none\n--b\n\ntwo\n--b--\n",
       "multipart/mixed(multipart/alternative(text/plain[one]),text/plain[two])"},
      {"one boundary begins with the other",
       "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; "
       "boundary=bb\n\n--bb\n\none\n--bb--\n--b\n\ntwo\n--b--\n",
       "multipart/mixed(multipart/mixed(text/plain[one]),text/plain[two])"},
      {"a line that only begins with the boundary",
       "Content-Type: multipart/mixed; boundary=b\n\n--bx\n\none\n--b--x\n",
       "multipart/mixed(text/plain[one])"},  // RFC 2046 s5.1.1
      {"digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\none\n--b--\n",
       "multipart/digest(message/rfc822(text/plain[one]))"},
      {"message", "Content-Type: message/rfc822\n\nSubject: x\nContent-Type: text/html\n\none\n",
       "message/rfc822(text/html[one\r\n])"},
      {"encoded message", "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDo=",
       "message/rfc822![U3ViamVjdDo=]"},
      {"header cut by a delimiter",
       "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n--b--\n",
       "multipart/mixed(message/rfc822(text/plain[]))"},
      {"an empty last part of an inner multipart",
       "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; "
       "boundary=i\n\n--i\n\none\n--i\n--b--\n",
       "multipart/mixed(multipart/mixed(text/plain[one],text/plain[]))"},
      {"dashes in text", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n-- \n--\n-\n--c\n--b--\n",
       "multipart/mixed(text/plain[-- \r\n--\r\n-\r\n--c])"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const std::string message = crlf(c.message);
    EXPECT_EQ(outline(parse(message), message), c.want);
  }
}

TEST(StructureParser, KnowsOffsetsAndLines) {
  const std::string message = crlf(
      "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\npre\n--b\nA: b\n\none\ntwo\n--b\nContent-Type: "
      "message/rfc822\n\n"
      "Subject: y\n\nthree\n--b--\npost\n");
  const Structure s = parse(message);
  ASSERT_EQ(s.parts.size(), 4U);
  EXPECT_EQ(s.octets, message.size());
  EXPECT_EQ(s.lines, 17U);
  EXPECT_EQ(s.root().header_lines, 3U);
  EXPECT_EQ(s.root().body_end, message.size());
  EXPECT_EQ(s.parts[1].header_begin, message.find("A: b"));
  EXPECT_EQ(header_of(s.parts[1], message), "A: b\r\n\r\n");
  EXPECT_EQ(body_of(s.parts[1], message), "one\r\ntwo");
  EXPECT_EQ(s.parts[1].body_lines, 1U);
  EXPECT_EQ(s.parts[2].kind, PartKind::kMessage);
  EXPECT_EQ(body_of(s.parts[2], message), "Subject: y\r\n\r\nthree");
  EXPECT_EQ(s.parts[2].body_lines, 2U);
  EXPECT_EQ(s.parts[3].header_begin, s.parts[2].body_begin);
  EXPECT_EQ(body_of(s.parts[3], message), "three");
  EXPECT_EQ(s.parts[3].header, "Subject: y\r\n");
  EXPECT_EQ(part_numbers(s), (std::vector<std::string>{"", "1", "2", "2.1"}));
}

TEST(StructureParser, DoesNotCareHowTheInputIsCut) {
  const std::string message =
      crlf(std::string(kMixed) +
           "pre\n--b\nContent-Type: multipart/alternative;\n boundary=\"b i\"\n\n--b i\n\none\n--b i--\n--b\n" +
           "Content-Type: text/html\n\n<p>two</p>\n\n--b--" + std::string(600, ' ') + "x\npost\n--b");
  const Summary want = summarize(parse(message));
  for (std::size_t size = 1; size < 90; ++size) {
    StructureParser parser;
    for (std::size_t at = 0; at < message.size(); at += size) parser.feed(std::string_view(message).substr(at, size));
    const Structure s = parser.finish();
    const Summary have = summarize(s);
    EXPECT_EQ(have.bodystructure, want.bodystructure) << size;
    EXPECT_EQ(have.part_table, want.part_table) << size;
    EXPECT_EQ(have.preview, want.preview) << size;
  }
}

TEST(StructureParser, BeyondALimitTheRestIsOneOpaqueLeaf) {
  std::string nested;
  for (int i = 100; i < 300; ++i) {
    const std::string boundary = "b" + std::to_string(i);
    nested += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
  }
  const Structure deep = parse(nested);
  EXPECT_TRUE(deep.limited);
  EXPECT_EQ(deep.parts.size(), 64U);
  EXPECT_TRUE(deep.parts.back().opaque);
  EXPECT_NE(body_structure(deep, BodyForm::kBody).find("\"application\" \"octet-stream\""), std::string::npos);

  std::string many(crlf(kMixed));
  for (int i = 0; i < 5'000; ++i) many += "--b\r\n\r\nx\r\n";
  const Structure wide = parse(many);
  EXPECT_TRUE(wide.limited);
  EXPECT_EQ(wide.parts.size(), 1'000U);
  EXPECT_EQ(wide.parts.back().body_end, many.size());
  EXPECT_TRUE(wide.parts.back().opaque);

  std::string fields;
  for (int i = 0; i < 3'000; ++i) fields += "X-" + std::to_string(i) + ": y\r\n";
  const Structure headed = parse(fields + "\r\nbody");
  EXPECT_TRUE(headed.root().header_truncated);
  EXPECT_FALSE(summarize(headed).fields_complete);
  EXPECT_EQ(headed.root().body_octets(), 4U);
}

TEST(StructureParser, OfAFieldThatIsThereTwiceTheLastCounts) {  // RFC 8621 s4.1.3
  EXPECT_TRUE(parse("Content-Type: text/html\r\nContent-Type: image/gif\r\n\r\n").root().is_type("image", "gif"));
}

TEST(StructureParser, KeepsASampleOfTheFirstText) {
  const std::string message =
      crlf(std::string(kMixed) + "--b\nContent-Type: image/png\n\nxxx\n--b\n\nHello\nyou\n--b--\n");
  EXPECT_EQ(summarize(parse(message)).preview, "Hello you");
  EXPECT_EQ(summarize(parse(crlf(std::string(kMixed) + "just text\n"))).preview, "just text");
  EXPECT_EQ(summarize(parse("Content-Type: text/html\r\n\r\n<style>x{}</style><p>Caf&eacute; &amp; more</p>")).preview,
            "Café & more");
}

}  // namespace
}  // namespace veredus::wire::mime
