#include <gtest/gtest.h>

#include <string>

#include "base/codec/utf8.h"
#include "wire/mime/charset.h"
#include "wire/mime/encoded_word.h"
#include "wire/mime/header_block.h"
#include "wire/mime/message_id.h"
#include "wire/mime/parameters.h"
#include "wire/mime/received.h"

namespace veredus::wire::mime {
namespace {

TEST(FieldReader, WalksFieldsAndPassesOverWhatIsNone) {
  const std::string block =
      "From someone Sun Nov 22 2026\r\nA: 1\r\nno colon\r\n  folded under nothing\r\nB :2\r\n\tmore\r\n: no name\r\nC "
      "D: no\r\nE:\nF: 3\n";
  const auto fields = read_fields(block);
  ASSERT_EQ(fields.size(), 4U);
  EXPECT_EQ(fields[0].name, "A");
  EXPECT_EQ(fields[0].value, " 1");
  EXPECT_EQ(fields[1].name, "B");
  EXPECT_EQ(fields[1].value, "2\r\n\tmore");
  EXPECT_EQ(fields[1].whole, "B :2\r\n\tmore\r\n");
  EXPECT_EQ(block.substr(fields[1].offset, 2), "B ");
  EXPECT_EQ(fields[2].name, "E");
  EXPECT_EQ(fields[2].value, "");
  EXPECT_EQ(fields[3].value, " 3");
}

TEST(FieldReader, StopsAtTheBlankLine) {
  EXPECT_EQ(read_fields("A: 1\r\n\r\nB: 2\r\n").size(), 1U);
  EXPECT_EQ(read_fields("\r\nB: 2\r\n").size(), 0U);
  EXPECT_EQ(find_field("A: 1\r\na: 2\r\n", "A")->value, " 2");
  EXPECT_EQ(read_fields(" A: 1\r\n").size(), 1U);
}

TEST(DecodeHeader, UndoesEncodedWords) {
  struct Case {
    std::string_view value, want;
  };
  const Case cases[] = {
      {"", ""},
      {" plain text ", "plain text"},
      {"folded\r\n\t text", "folded text"},
      {"=?US-ASCII?Q?Keith_Moore?=", "Keith Moore"},
      {"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"},  // RFC 2047 s8
      {"=?ISO-8859-1?Q?a?=  b", "a  b"},
      {"=?ISO-8859-1?Q?a_b?=", "a b"},
      {"=?utf-8?Q?=C3?= =?UTF-8?B?pA==?=", "ä"},  // a character cut in two
      {"=?utf-8?Q?a?= =?iso-8859-1?Q?=E4?=", "aä"},
      {"=?iso-2022-jp?B?GyRCJDMkcyRLJEEkTxsoQg==?=", "こんにちは"},
      {"=?koi8-r?Q?=D0=D2?=", "пр"},
      {"=?windows-1252?q?=80?=", "€"},
      {"=?iso-8859-1?q?=80?=", "€"},  // as its senders mean it
      {"=?us-ascii*en?q?x?=", "x"},
      {"=?nonsense?Q?x?=", "=?nonsense?Q?x?="},
      {"=?utf-8?X?x?=", "=?utf-8?X?x?="},
      {"=?utf-8?Q?x", "=?utf-8?Q?x"},
      {"=?utf-8?Q?=?=", "="},
      {"=?", "=?"},
      {"a =?utf-8?Q?=0D=0AX:_y?= b", "a   X: y b"},  // no line breaks come out
      {"J\xC3\xBCrgen", "Jürgen"},                   // RFC 6532
      {"J\xFCrgen", "Jürgen"},                       // guessed
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.value);
    EXPECT_EQ(decode_header(c.value), c.want);
  }
  EXPECT_EQ(decode_header("J\xFCrgen", Undeclared::kReplace), "J\xEF\xBF\xBDrgen");
}

TEST(DecodeHeader, IsLinear) {
  std::string many;
  for (int i = 0; i < 200'000; ++i) many += "=?utf-8?Q? ";
  EXPECT_EQ(decode_header(many).size(), many.size() - 1);
}

TEST(EncodeUnstructured, ComesBackTheSame) {
  const std::string cases[] = {
      "Hello",
      "Grüße aus dem Büro",
      "a =?utf-8?Q?x?= b",
      "こんにちは世界、こんにちは世界、こんにちは世界、こんにちは世界、こんにちは世界",
      "plain words that go on and on until the line has to be folded somewhere, and then on and on again",
      "mixed plain words that go on and on and then ümläüte über älles in a löng row of wörds öf that kind, and plain "
      "again",
      std::string(500, 'x'),
  };
  for (const auto& text : cases) {
    SCOPED_TRACE(text);
    const std::string encoded = encode_unstructured(text, 9);
    EXPECT_EQ(decode_header(encoded), text);
    EXPECT_TRUE(base::codec::is_ascii(encoded));
    std::size_t column = 9;
    for (const char c : encoded) {
      column = c == '\n' ? 0 : column + 1;
      EXPECT_LE(column, 78U);
    }
  }
}

TEST(EncodePhrase, QuotesOrEncodesWhatNeedsIt) {
  EXPECT_EQ(encode_phrase("Alice Example"), "Alice Example");
  EXPECT_EQ(encode_phrase("Example, Alice"), "\"Example, Alice\"");
  EXPECT_EQ(encode_phrase("a \"b\" \\"), "\"a \\\"b\\\" \\\\\"");
  EXPECT_EQ(encode_phrase("Jürgen"), "=?UTF-8?Q?J=C3=BCrgen?=");
  EXPECT_EQ(encode_phrase(""), "");
}

TEST(ToUtf8, KnowsCharsetsByTheNamesPeopleUse) {
  EXPECT_EQ(to_utf8("\xE4", "ISO-8859-1"), "ä");
  EXPECT_EQ(to_utf8("\xE4", "\"latin1\""), "ä");
  EXPECT_EQ(to_utf8("\xC3\xA4", "UTF8"), "ä");
  EXPECT_EQ(to_utf8("\xC3", "utf-8"), "\xEF\xBF\xBD");
  EXPECT_EQ(to_utf8(std::string_view("a\0b\0", 4), "utf-16le"), "ab");
  EXPECT_EQ(to_utf8("\xB0\xA1", "gb2312"), "啊");
  EXPECT_EQ(to_utf8("+AOQ-", "utf-7"), "ä");
  EXPECT_EQ(to_utf8("\x93\xFA", "shift_jis"), "日");
  EXPECT_EQ(to_utf8("\xE4", "no-such-charset"), "ä");
  EXPECT_EQ(to_utf8("\xE4", "no-such-charset", Undeclared::kReplace), "\xEF\xBF\xBD");
  EXPECT_TRUE(is_known_charset("windows-1252"));
  EXPECT_FALSE(is_known_charset("windows-1252,swaplfnl"));
  EXPECT_FALSE(is_known_charset(""));
}

TEST(Disposition, LosesItsQuotes) {
  EXPECT_EQ(parse_disposition("\"attachment\"; filename=a").kind, "attachment");
  EXPECT_EQ(parse_disposition(" Attachment ; filename=a").kind, "attachment");
}

TEST(ContentType, IsReadWhateverItsSpelling) {
  struct Case {
    std::string_view value, type, subtype, charset;
  };
  const Case cases[] = {
      {"text/plain; charset=utf-8", "text", "plain", "utf-8"},
      {" TEXT / Html ;Charset = \"utf-8\" (comment)", "text", "html", "utf-8"},
      {"text/plain charset=utf-8", "text", "plain", "utf-8"},
      {"text/plain;\r\n\tformat=flowed;\r\n charset=utf-8;", "text", "plain", "utf-8"},
      {"text/plain; charset=\"utf-8", "text", "plain", "utf-8"},
      {"text/plain; =; charset=\"u\\tf-8\"", "text", "plain", "utf-8"},
      {"text", "text", "", ""},
      {"", "", "", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.value);
    const auto type = parse_content_type(c.value);
    EXPECT_EQ(type.type, c.type);
    EXPECT_EQ(type.subtype, c.subtype);
    EXPECT_EQ(parameter(type.parameters, "charset"), c.charset);
  }
}

TEST(ParameterUtf8, PutsContinuationsTogether) {
  struct Case {
    std::string_view value, want;
  };
  const Case cases[] = {
      {"attachment; filename=a.txt", "a.txt"},
      {"attachment; filename=my file.txt; size=3", "my file.txt"},
      {"attachment; filename=\"a\\\"b.txt\"", "a\"b.txt"},
      {"attachment; filename*=utf-8''%C3%A4.txt", "ä.txt"},
      {"attachment; filename*=iso-8859-1'de'%E4.txt; filename=plain", "ä.txt"},
      {"attachment; filename*0=a; filename*1=b; filename*2=c", "abc"},
      {"attachment; filename*2=c; filename*0*=utf-8''%C3; filename*1*=%A4", "äc"},
      {"attachment; filename=\"=?utf-8?Q?=C3=A4?=.txt\"", "ä.txt"},
      {"attachment; filename*=%41", "A"},
      {"; filename=x", "x"},
      {"filename=x", "x"},
      {"attachment", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.value);
    EXPECT_EQ(parameter_utf8(parse_disposition(c.value).parameters, "filename"), c.want);
  }
}

TEST(Parameters, AreLimitedAndLinear) {
  std::string value = "a/b";
  for (int i = 0; i < 100'000; ++i) value += "; x" + std::to_string(i) + "=y";
  EXPECT_EQ(parse_content_type(value).parameters.size(), 100U);
  std::string open;
  for (int i = 0; i < 100'000; ++i) open += "x=\"a ";
  static_cast<void>(parse_content_type(open));
}

TEST(MessageIds, AreFound) {
  using Ids = std::vector<std::string>;
  EXPECT_EQ(parse_message_ids(" <a@b>\r\n <c@d> (x) <e f@g>"), (Ids{"a@b", "c@d", "ef@g"}));
  EXPECT_EQ(parse_message_ids("a@b c@d"), (Ids{"a@b", "c@d"}));
  EXPECT_EQ(parse_message_ids("your message of Sunday"), Ids());
  EXPECT_EQ(parse_message_ids("<1@x> <2@x> <3@x> <4@x>", 3), (Ids{"1@x", "3@x", "4@x"}));
}

TEST(MessageIds, AreTheSameWithQuotesTheyDoNotNeed) {  // RFC 5256 s3
  using Ids = std::vector<std::string>;
  EXPECT_EQ(parse_message_ids(R"(<"1"@a> <"x\.y"@b>)"), (Ids{"1@a", "x.y@b"}));
  for (const std::string id : {R"("x\\y"@a)", R"(""@a)", R"("x\"y"@a)", R"("x,y"@a)", R"("open@a)", R"("x"y@a)"})
    EXPECT_EQ(parse_message_ids("<" + id + ">"), Ids{id}) << id;
}

TEST(MessageIds, OfWhatIsRepliedToStandInBrackets) {  // RFC 5322 s4.5.4
  using Ids = std::vector<std::string>;
  EXPECT_EQ(parse_bracketed_ids("carol@example.org's message of Sunday <1@x>"), Ids{"1@x"});
  EXPECT_EQ(parse_bracketed_ids("carol@example.org's message of Sunday"), Ids());
}

TEST(BaseSubject, IsWhatRepliesShare) {  // RFC 5256 s2.1
  for (const std::string_view subject : {"hello", "Re: hello", "RE: Fwd: hello", "[list] Re: hello", "Re[2]: hello",
                                         "re [x]: [list] hello", "hello (fwd)", "[Fwd: Re: hello]", "  hello  "})
    EXPECT_EQ(base_subject(subject), "hello") << subject;
  EXPECT_EQ(base_subject("[only]"), "[only]");
  EXPECT_EQ(base_subject("Re:"), "");
}

TEST(Received, IsReadInTheFormsServersWrite) {
  const auto r = parse_received(
      " from mail.example.org (out.example.net [192.0.2.7]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 "
      "bits))\r\n"
      "\tby mx.example.com (Server) with ESMTPS id ABC for <bob@example.com>; Sun, 22 Nov 2026 03:40:05 +0000");
  EXPECT_EQ(r.from, "mail.example.org");
  EXPECT_EQ(r.from_ip, "192.0.2.7");
  EXPECT_EQ(r.from_iprev, "out.example.net");
  EXPECT_EQ(r.by, "mx.example.com");
  EXPECT_EQ(r.protocol, "ESMTPS");
  EXPECT_EQ(r.id, "ABC");
  EXPECT_EQ(r.recipient, "bob@example.com");
  EXPECT_EQ(r.tls_version, "TLSv1.3");
  EXPECT_EQ(r.tls_cipher, "TLS_AES_256_GCM_SHA384");
  EXPECT_TRUE(r.date.has_value());
  EXPECT_EQ(parse_received("").from, "");
}

}  // namespace
}  // namespace veredus::wire::mime
