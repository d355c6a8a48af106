#include "state/search/message_text.h"

#include <gtest/gtest.h>

#include "base/codec/base64.h"
#include "wire/mime/message.h"
#include "wire/mime/part_table.h"

namespace veredus::state::search {
namespace {

struct Collected final : TextSink {
  void field(Owner owner, std::string_view name, std::string_view value) override {
    fields += owner == Owner::kMessage ? "m " : "p ";
    fields.append(name).append(": ").append(value).append("\n");
  }
  void text(std::string_view piece) override { texts.append(piece); }
  void end_text() override { texts += "|"; }

  std::string fields;
  std::string texts;
};

std::vector<wire::mime::PartEntry> parts_of(const std::string& message) {
  return *wire::mime::decode_part_table(wire::mime::encode_part_table(wire::mime::parse(message)));
}

/// What is found when the message comes in pieces of `piece` octets.
Collected collect(const std::string& message, std::size_t piece, MessageText::Parts wanted = MessageText::Parts::kAll) {
  Collected sink;
  const auto parts = parts_of(message);
  MessageText text(parts, wanted, sink);
  for (std::uint64_t at = 0; at < message.size(); at += piece) {
    if (text.wants() >= at + piece) continue;
    text.feed(at, std::string_view(message).substr(at, piece));
  }
  EXPECT_GE(text.wants(), message.size());
  return sink;
}

const std::string kMixed =
    "From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r\n"
    "Subject: folded\r\n subject\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "preamble\r\n"
    "--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    "Gr=FC=DFe, a long=\r\n line\r\n"
    "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    "VGV4dCBpbiBCYXNlNjQ6IMOkw7bDvA==\r\n"
    "--b\r\nContent-Type: application/octet-stream; name=secret.bin\r\n\r\nnot searched\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\n"
    "Subject: inner\r\nContent-Type: text/html\r\n\r\n<p>inner &amp; text</p>\r\n"
    "--b--\r\nepilogue\r\n";

TEST(MessageText, UndoesTransferEncodingsAndCharsets) {
  const auto got = collect(kMixed, kMixed.size());
  EXPECT_EQ(got.texts, "Grüße, a long line|Text in Base64: äöü|<p>inner &amp; text</p>|");
  EXPECT_TRUE(got.fields.starts_with("m From: Jürgen <j@example.org>\nm Subject: folded subject\n")) << got.fields;
  EXPECT_TRUE(got.fields.contains("p Subject: inner\n"));
  EXPECT_TRUE(got.fields.contains("secret.bin"));
}

TEST(MessageText, IsTheSameHoweverTheMessageIsCut) {
  const auto whole = collect(kMixed, kMixed.size());
  for (const std::size_t piece : {1, 2, 3, 7, 16, 61, 200}) {
    SCOPED_TRACE(piece);
    const auto got = collect(kMixed, piece);
    EXPECT_EQ(got.texts, whole.texts);
    EXPECT_EQ(got.fields, whole.fields);
  }
}

TEST(MessageText, GivesNoMoreThanIsWanted) {
  EXPECT_EQ(collect(kMixed, 50, MessageText::Parts::kBodies).fields, "");
  const auto header = collect(kMixed, 50, MessageText::Parts::kFirstHeader);
  EXPECT_EQ(header.texts, "");
  EXPECT_FALSE(header.fields.contains("p "));
}

TEST(MessageText, KeepsCharactersWholeThatPiecesCut) {
  struct Case {
    std::string_view charset;
    std::string octets;
    std::string_view want;
  };
  const Case cases[] = {
      {"utf-8", "日本語\r\nテキスト", "日本語\r\nテキスト|"},
      {"iso-2022-jp", "\x1b$BF|K\\8l\x1b(B\r\n\x1b$B%F\x1b(B", "日本語\r\nテ|"},
      {"shift_jis", "\x93\xfa\x96\x7b\x8c\xea", "日本語|"},
      {"utf-7", "+ZeVnLIqe-!", "日本語!|"},
      {"koi8-r", "\xf0\xd2\xc9", "При|"},
      {"utf-16le", std::string("\xe5\x65\x2c\x67", 4), "日本|"},
      {"no-such-charset", "plain", "plain|"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.charset);
    const std::string message = "Content-Type: text/plain; charset=" + std::string(c.charset) +
                                "\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
                                base::codec::base64_encode_lines(c.octets);
    for (const std::size_t piece : {1, 5, 1000}) EXPECT_EQ(collect(message, piece).texts, c.want);
  }
}

TEST(MessageText, KnowsWhichCharsetsHoldAscii) {
  for (const auto* yes : {"", "utf-8", "us-ascii", "ISO-8859-1", "windows-1252", "gb18030", "koi8-r", "no-such"})
    EXPECT_TRUE(reads_as_ascii(yes)) << yes;
  for (const auto* no : {"utf-7", "utf-16", "utf-16le", "iso-2022-jp", "hz-gb-2312", "ibm037"})
    EXPECT_FALSE(reads_as_ascii(no)) << no;
}

TEST(MessageText, EndsWithAMessageWithoutBody) {
  EXPECT_EQ(collect("Subject: x\r\n", 4).fields, "m Subject: x\n");
  EXPECT_EQ(collect("\r\n", 1).fields, "");
}

}  // namespace
}  // namespace veredus::state::search
