#include "wire/mime/summary.h"

#include <gtest/gtest.h>

#include <string>

#include "wire/mime/imap_grammar.h"
#include "wire/mime/message.h"
#include "wire/mime/part_table.h"
#include "wire/mime/preview.h"

namespace veredus::wire::mime {
namespace {

TEST(Envelope, HasTheFormOfImap) {
  // The example of RFC 9051 s8.
  EXPECT_EQ(
      envelope("Date: Wed, 17 Jul 1996 02:23:25 -0700\r\nFrom: Terry Gray <gray@cac.washington.edu>\r\n"
               "Subject: IMAP4rev2 WG mtg summary and minutes\r\nTo: imap@cac.washington.edu\r\n"
               "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
               "Message-Id: <B27397-0100000@cac.washington.edu>\r\n"),
      "(\"Wed, 17 Jul 1996 02:23:25 -0700\" \"IMAP4rev2 WG mtg summary and minutes\" "
      "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
      "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) ((NIL NIL \"imap\" \"cac.washington.edu\")) "
      "((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL "
      "\"<B27397-0100000@cac.washington.edu>\")");
}

TEST(Envelope, IsValidWhateverTheHeader) {
  struct Case {
    std::string_view header, want;
  };
  const Case cases[] = {
      {"", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"},
      {"Subject:\r\n", "(NIL \"\" NIL NIL NIL NIL NIL NIL NIL NIL)"},
      {"Subject: a \"b\" \\\r\n", "(NIL \"a \\\"b\\\" \\\\\" NIL NIL NIL NIL NIL NIL NIL NIL)"},
      {"Subject: a\r\n  b\r\n", "(NIL \"a  b\" NIL NIL NIL NIL NIL NIL NIL NIL)"},
      {"Subject: \xC3\xA4\r\n", "(NIL {2}\r\n\xC3\xA4 NIL NIL NIL NIL NIL NIL NIL NIL)"},
      {"To: Friends: a@b;\r\n",
       "(NIL NIL NIL NIL NIL ((NIL NIL \"Friends\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL NIL NIL)) NIL NIL NIL NIL)"},
      {"To: root\r\n", "(NIL NIL NIL NIL NIL ((NIL NIL \"root\" \"MISSING_DOMAIN\")) NIL NIL NIL NIL)"},
      {"To: <>\r\nCc: ,\r\n", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"},
      {"From: \"a\\\"b\" <@x:c@d>\r\nSender: \r\n",
       "(NIL NIL ((\"a\\\"b\" \"@x\" \"c\" \"d\")) ((\"a\\\"b\" \"@x\" \"c\" \"d\")) ((\"a\\\"b\" \"@x\" \"c\" \"d\")) "
       "NIL NIL NIL NIL NIL)"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.header);
    EXPECT_EQ(envelope(c.header), c.want);
    EXPECT_TRUE(test::ImapGrammar::is_envelope(envelope(c.header)));
  }
  EXPECT_TRUE(test::ImapGrammar::is_envelope(envelope(std::string("Subject: a\0b\r\n", 14))));
}

TEST(BodyStructure, HasTheFormOfImap) {
  struct Case {
    std::string_view message, body, bodystructure;
  };
  const Case cases[] = {
      {"Subject: x\r\n\r\na\r\nb\r\n", "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 6 2)",
       "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 6 2 NIL NIL NIL NIL)"},
      {"Content-Type: Image/PNG; name=\"a b\"\r\nContent-Transfer-Encoding: BASE64\r\nContent-ID: <1@x>\r\n"
       "Content-Disposition: inline; filename=\"a b\"\r\nContent-Language: en, de\r\nContent-Location: "
       "l\r\nContent-MD5: m\r\n"
       "Content-Description: d\r\n\r\nAAAA",
       "(\"image\" \"png\" (\"name\" \"a b\") \"<1@x>\" \"d\" \"base64\" 4)",
       "(\"image\" \"png\" (\"name\" \"a b\") \"<1@x>\" \"d\" \"base64\" 4 \"m\" (\"inline\" (\"filename\" \"a b\")) "
       "(\"en\" \"de\") \"l\")"},
      {"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\nContent-Type: text/html; "
       "charset=utf-8\r\n\r\ny\r\n--b--\r\n",
       "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 1 0)(\"text\" \"html\" (\"charset\" "
       "\"utf-8\") NIL NIL \"7bit\" 1 0) \"mixed\")",
       "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 1 0 NIL NIL NIL NIL)(\"text\" \"html\" "
       "(\"charset\" \"utf-8\") NIL NIL "
       "\"7bit\" 1 0 NIL NIL NIL NIL) \"mixed\" (\"boundary\" \"b\") NIL NIL NIL)"},
      {"Content-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nx\r\n",
       "(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 17 (NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL) (\"text\" "
       "\"plain\" (\"charset\" \"us-ascii\") "
       "NIL NIL \"7bit\" 3 1) 3)",
       "(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 17 (NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL) (\"text\" "
       "\"plain\" (\"charset\" \"us-ascii\") "
       "NIL NIL \"7bit\" 3 1 NIL NIL NIL NIL) 3 NIL NIL NIL NIL)"},
      {"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
       "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0) \"mixed\")",
       "((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0 NIL NIL NIL NIL) \"mixed\" (\"boundary\" "
       "\"b\") NIL NIL NIL)"},
      {"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA",
       "(\"application\" \"octet-stream\" NIL NIL NIL \"base64\" 4)",
       "(\"application\" \"octet-stream\" NIL NIL NIL \"base64\" 4 NIL NIL NIL NIL)"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.message);
    const Summary s = summarize(parse(c.message));
    EXPECT_EQ(s.body, c.body);
    EXPECT_EQ(s.bodystructure, c.bodystructure);
    EXPECT_TRUE(test::ImapGrammar::is_body(s.body, false));
    EXPECT_TRUE(test::ImapGrammar::is_body(s.bodystructure, true));
  }
}

TEST(Summarize, TellsWhatAMailboxKeeps) {
  const std::string message =
      "Received: x\r\nDate: Sun, 22 Nov 2026 03:40:05 +0100\r\nsubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n and more\r\n"
      "Message-ID: <3@x>\r\nIn-Reply-To: <2@x>\r\nReferences: <1@x>\r\n <2@x>\r\nX-Other: y\r\n"
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello  you,\r\n> quoted\r\nfine.\r\n-- \r\nme\r\n"
      "--b\r\nContent-Type: application/pdf\r\n\r\nx\r\n--b--\r\n";
  const Summary s = summarize(parse(message));
  EXPECT_EQ(s.subject_utf8, "Grüße and more");
  EXPECT_EQ(s.message_id, "3@x");
  EXPECT_EQ(s.in_reply_to, std::vector<std::string>{"2@x"});
  EXPECT_EQ(s.references, (std::vector<std::string>{"1@x", "2@x"}));
  EXPECT_EQ(s.date, SystemTime(std::chrono::milliseconds(1795318805000 - 3600'000)));
  EXPECT_EQ(s.preview, "Hello you, fine.");
  EXPECT_TRUE(s.has_attachment);
  EXPECT_TRUE(s.fields_complete);
  ASSERT_EQ(s.fields.size(), 6U);
  EXPECT_EQ(s.fields[1], (SummaryField{"subject", " =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n and more"}));
}

TEST(Summarize, DoesNotKeepFieldsThatCannotBeSaidAgain) {  // RFC 3501 s6.4.5
  const auto complete = [](std::string_view header) {
    return summarize(parse(std::string(header) + "\r\n\r\nx")).fields_complete;
  };
  EXPECT_FALSE(complete("Subject : spaced colon"));
  EXPECT_FALSE(complete("Subject: x\r\nTo\t: y"));
  EXPECT_TRUE(complete("X-Other : y\r\nSubject: x"));
}

TEST(Preview, IsShortAndOneLine) {
  EXPECT_EQ(preview_of_text("> all\n> quoted"), "> all > quoted");
  EXPECT_EQ(preview_of_text(""), "");
  std::string umlauts;
  for (int i = 0; i < 1'000; ++i) umlauts += "ä";
  EXPECT_EQ(preview_of_text(umlauts).size(), 512U);
}

TEST(PartTable, ComesBackTheSame) {
  const std::string message =
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\nx\r\n--b\r\nContent-Transfer-Encoding: "
      "uuencode\r\n\r\ny\r\n--b--\r\n";
  const Structure structure = parse(message);
  const auto table = decode_part_table(encode_part_table(structure));
  ASSERT_TRUE(table.has_value());
  ASSERT_EQ(table->size(), 3U);
  EXPECT_EQ((*table)[0].kind, PartKind::kMultipart);
  EXPECT_EQ((*table)[0].type, "multipart/mixed");
  EXPECT_EQ((*table)[1].number, "1");
  EXPECT_EQ((*table)[1].charset, "utf-8");
  EXPECT_EQ((*table)[1].encoding, TransferEncoding::kQuotedPrintable);
  EXPECT_EQ(message.substr((*table)[1].body_begin, (*table)[1].body_end - (*table)[1].body_begin), "x");
  EXPECT_TRUE((*table)[2].unknown_encoding);
  EXPECT_EQ((*table)[2].parent, 0U);
}

TEST(PartTable, RefusesWhatItDidNotWrite) {
  const std::string table = encode_part_table(parse("Subject: x\r\n\r\ny"));
  EXPECT_TRUE(decode_part_table(table).has_value());
  for (std::size_t i = 0; i < table.size(); ++i) EXPECT_FALSE(decode_part_table(table.substr(0, i)).has_value());
  EXPECT_FALSE(decode_part_table(table + "x").has_value());
  EXPECT_FALSE(decode_part_table("\x02" + table.substr(1)).has_value());
}

TEST(PartTable, IsWrittenAsItsPageSays) {  // docs/formats/part-table.md
  EXPECT_EQ(encode_part_table(parse("A: b\r\n\r\nxy\r\n")), std::string("\x01\x01\x00\x00\x00\x08\x04\x01\x01"
                                                                        "1\x0A"
                                                                        "text/plain\x00",
                                                                        22));
}

}  // namespace
}  // namespace veredus::wire::mime
