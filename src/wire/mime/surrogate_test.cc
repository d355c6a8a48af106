#include "wire/mime/surrogate.h"

#include <gtest/gtest.h>

#include "base/codec/utf8.h"
#include "wire/mime/address.h"
#include "wire/mime/encoded_word.h"
#include "wire/mime/header_block.h"
#include "wire/mime/parameters.h"

namespace veredus::wire::mime {
namespace {

std::string value_of(std::string_view block, std::string_view name) {
  const auto surrogate = surrogate_header(block);
  EXPECT_TRUE(base::codec::is_ascii(surrogate)) << surrogate;
  const auto field = find_field(surrogate, name);
  return field ? unfold(field->value) : "(none)";
}

TEST(SurrogateHeader, LeavesAsciiAsItIs) {
  const std::string_view block =
      "Subject:  hello\r\n\tthere\r\nX-Odd : a\r\nFrom: =?utf-8?q?J=C3=BCrgen?= <j@demo.test>\r\n\r\n";
  EXPECT_EQ(surrogate_header(block), block);
  EXPECT_EQ(surrogate_header(""), "");
  EXPECT_EQ(surrogate_header("\r\n"), "\r\n");
}

TEST(SurrogateHeader, PutsTextsIntoEncodedWords) {  // RFC 6858 s2.3
  const auto subject = value_of("Subject: Grüße aus München\r\n\r\n", "Subject");
  EXPECT_EQ(decode_header(subject), "Grüße aus München");
  EXPECT_EQ(decode_header(value_of("X-Note: 你好\r\n", "X-Note")), "你好");
}

TEST(SurrogateHeader, KeepsNamesAndTellsOfAddressesThatCannotBe) {  // RFC 6858 s2.1
  struct Case {
    std::string_view field;
    std::string_view name;
    std::string_view address;
  };
  const Case cases[] = {
      {"From: Jürgen <j@demo.test>\r\n", "Jürgen", "j@demo.test"},
      {"From: \"Jürgen, der\" <j@demo.test>\r\n", "Jürgen, der", "j@demo.test"},
      {"From: j@bücher.example\r\n", "", "j@xn--bcher-kva.example"},
      {"From: jürgen@demo.test\r\n", "jürgen@demo.test", "invalid@internationalized-address.invalid"},
      {"From: Der J <jürgen@demo.test>\r\n", "Der J (jürgen@demo.test)", "invalid@internationalized-address.invalid"},
      {"From: j@demo.test (Jürgen)\r\n", "Jürgen", "j@demo.test"},
      {"From: \xfc <j@demo.test>\r\n", "ü", "j@demo.test"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.field);
    const auto list = parse_address_list(value_of(c.field, "From"));
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(display_name(list.front()), c.name);
    EXPECT_EQ(address_text(list.front()), c.address);
  }
}

TEST(SurrogateHeader, KeepsListsAndGroups) {
  const auto to = value_of("To: a@demo.test, Grüße: b@demo.test, C <ü@demo.test>;, leer: ;, d@demo.test\r\n", "To");
  const auto list = parse_address_list(to);
  ASSERT_EQ(list.size(), 8U) << to;
  EXPECT_EQ(address_text(list[0]), "a@demo.test");
  EXPECT_EQ(list[1].kind, AddressKind::kGroupStart);
  EXPECT_EQ(display_name(list[1]), "Grüße");
  EXPECT_EQ(address_text(list[2]), "b@demo.test");
  EXPECT_EQ(list[4].kind, AddressKind::kGroupEnd);
  EXPECT_EQ(list[5].kind, AddressKind::kGroupStart);
  EXPECT_EQ(address_text(list[7]), "d@demo.test");
}

TEST(SurrogateHeader, ExtendsParameters) {
  const auto type = value_of("Content-Type: application/pdf; name=\"Übersicht 1.pdf\"; x=\"a b\"\r\n", "Content-Type");
  const auto read = parse_content_type(type);
  EXPECT_EQ(read.type + "/" + read.subtype, "application/pdf");
  EXPECT_EQ(parameter_utf8(read.parameters, "name"), "Übersicht 1.pdf");
  EXPECT_EQ(parameter(read.parameters, "x"), "a b");
  const auto disposition = value_of("Content-Disposition: attachment; filename=ü; naïf=1\r\n", "Content-Disposition");
  const auto how = parse_disposition(disposition);
  EXPECT_EQ(how.kind, "attachment");
  EXPECT_EQ(parameter_utf8(how.parameters, "filename"), "ü");
  EXPECT_EQ(how.parameters.size(), 1U);
}

TEST(SurrogateHeader, LeavesOutWhatHasNoForm) {  // RFC 6858 s2.4
  EXPECT_EQ(value_of("Received: from ü by mx.demo.test; Sun, 22 Nov 2026 10:00:00 +0000\r\nSubject: a\r\n", "Received"),
            "(none)");
  EXPECT_EQ(value_of("Message-ID: <ü@demo.test>\r\n", "Message-ID"), "(none)");
  EXPECT_EQ(value_of("Content-Type: ü/x\r\n", "Content-Type"), "(none)");
}

TEST(SurrogateHeader, FoldsLongLines) {
  std::string to = "To: ü@demo.test";
  for (int i = 0; i < 200; ++i) to += ", somebody" + std::to_string(i) + "@demo.test";
  const auto surrogate = surrogate_header(to + "\r\n\r\n");
  EXPECT_TRUE(surrogate.ends_with("\r\n\r\n"));
  for (std::size_t at = 0; at < surrogate.size();) {
    const auto end = surrogate.find("\r\n", at);
    EXPECT_LE(end - at, 100U);
    at = end + 2;
  }
  EXPECT_EQ(parse_address_list(find_field(surrogate, "To")->value).size(), 201U);
}

}  // namespace
}  // namespace veredus::wire::mime
