#include "base/codec/quoted_printable.h"

#include <gtest/gtest.h>

namespace veredus::base::codec {
namespace {

std::string decode_in_pieces(std::string_view text, std::size_t piece, bool* malformed = nullptr) {
  QuotedPrintableDecoder decoder;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += piece) decoder.feed(text.substr(i, piece), out);
  decoder.finish(out);
  if (malformed != nullptr) *malformed = decoder.malformed();
  return out;
}

TEST(QuotedPrintableDecoder, DecodesHoweverTheInputIsCut) {
  struct Case {
    std::string_view text;
    std::string_view want;
    bool malformed = false;
  };
  const Case cases[] = {
      {"", ""},
      {"plain text\r\nand more\r\n", "plain text\r\nand more\r\n"},
      {"a=3Db=3d", "a=b="},
      {"one=\r\n line=\n here", "one line here"},
      {"soft= \t\r\nbreak", "softbreak"},
      {"trailing \t \r\nwhite\t\nspace  ", "trailing\r\nwhite\nspace"},
      {"kept =\r\nspace", "kept space"},
      {"=20\r\n", " \r\n"},
      {"=C3=A9=E2=82=AC", "\xC3\xA9\xE2\x82\xAC"},
      {"8 bit \xE9\r\n", "8 bit \xE9\r\n"},
      {"bad =ZZ escape", "bad =ZZ escape", true},
      {"bad =4", "bad =4", true},
      {"bad =4\r\nx", "bad =4\r\nx", true},
      {"double ==\r\nx", "double =x", true},
      {"==3D", "==", true},
      {"end=", "end"},
      {"bare \r cr", "bare \r cr"},
      {"=\rx", "=\rx", true},
      {"cr at end\r", "cr at end\r"},
      {"=\r\n=\r\n=41", "A"},
      {"\r\n\r\n", "\r\n\r\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    for (std::size_t piece = 1; piece <= c.text.size() + 1; ++piece) {
      SCOPED_TRACE(piece);
      bool malformed = !c.malformed;
      EXPECT_EQ(decode_in_pieces(c.text, piece, &malformed), c.want);
      EXPECT_EQ(malformed, c.malformed);
    }
  }
}

TEST(QuotedPrintableDecoder, HoldsBackNoMoreThanAFewKibibytesOfWhiteSpace) {
  const std::string spaces(100'000, ' ');
  EXPECT_GT(decode_in_pieces(spaces + "x", 1000).size(), 90'000u);
}

TEST(QpEncode, QuotesWhatWouldNotSurvive) {
  struct Case {
    std::string_view plain;
    std::string_view want;
  };
  const Case cases[] = {
      {"", ""},
      {"plain\r\n", "plain\r\n"},
      {"bare\nlf", "bare\r\nlf"},
      {"a=b", "a=3Db"},
      {"caf\xC3\xA9", "caf=C3=A9"},
      {"space \r\ntab\t\nend ", "space=20\r\ntab=09\r\nend=20"},
      {"From here\r\n.\r\nNot From", "=46rom here\r\n=2E\r\nNot From"},
      {"nul\0", "nul"},
      {"cr\rx", "cr=0Dx"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.plain);
    EXPECT_EQ(qp_encode(c.plain), c.want);
  }
  EXPECT_EQ(qp_encode_binary("a\r\nb\n"), "a=0D=0Ab=0A");
}

TEST(QpEncode, KeepsLinesShortAndComesBackAsItWas) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += static_cast<char>(i * 31 % 256 == '\r' ? 'x' : i * 31 % 256);
  text += std::string(500, 'y');
  for (const std::string& encoded : {qp_encode(text), qp_encode_binary(text)}) {
    std::size_t begin = 0;
    for (std::size_t end = encoded.find("\r\n"); end != std::string::npos; end = encoded.find("\r\n", begin)) {
      EXPECT_LE(end - begin, 76u);
      begin = end + 2;
    }
    EXPECT_LE(encoded.size() - begin, 76u);
  }
  EXPECT_EQ(decode_in_pieces(qp_encode_binary(text), 1000), text);
}

}  // namespace
}  // namespace veredus::base::codec
