#include "base/codec/base64.h"

#include <gtest/gtest.h>

#include <utility>

namespace veredus::base::codec {
namespace {

std::string decode_in_pieces(std::string_view text, std::size_t piece, bool* malformed = nullptr) {
  Base64Decoder decoder;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += piece) decoder.feed(text.substr(i, piece), out);
  decoder.finish(out);
  if (malformed != nullptr) *malformed = decoder.malformed();
  return out;
}

std::string all_octets(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<char>(static_cast<std::uint8_t>(i * 7 + i / 256)));
  return out;
}

TEST(Base64, AgreesWithTheVectorsOfItsRfc) {  // RFC 4648 s10
  const std::pair<std::string_view, std::string_view> cases[] = {{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : cases) {
    SCOPED_TRACE(plain);
    EXPECT_EQ(base64_encode(plain), encoded);
    EXPECT_EQ(base64_decode(encoded), plain);
    EXPECT_EQ(decode_in_pieces(encoded, 100), plain);
  }
}

TEST(Base64, StrictDecodingRefusesWhatIsNotCanonical) {
  for (const std::string_view text :
       {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v\n", "Z g=", "====", "=", "Zg==Zg==", "Zm-_"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(base64_decode(text), std::nullopt);
  }
}

TEST(Base64, TheUrlFormHasNoPaddingAndAnAlphabetOfItsOwn) {
  EXPECT_EQ(base64url_encode("\xFB\xFF\xFE"), "-__-");
  EXPECT_EQ(base64url_decode("-__-"), "\xFB\xFF\xFE");
  EXPECT_EQ(base64url_encode("f"), "Zg");
  EXPECT_EQ(base64url_decode("Zg"), "f");
  EXPECT_EQ(base64url_decode("Zg=="), std::nullopt);
  EXPECT_EQ(base64url_decode("Z"), std::nullopt);
}

TEST(Base64, LinesAreOfSeventySixCharacters) {
  EXPECT_EQ(base64_encode_lines(""), "");
  EXPECT_EQ(base64_encode_lines(std::string(57, 'a')).size(), 78u);
  const std::string lines = base64_encode_lines(std::string(58, 'a'));
  EXPECT_EQ(lines.find("\r\n"), 76u);
  EXPECT_TRUE(lines.ends_with("YQ==\r\n"));
}

TEST(Base64Decoder, DecodesTheSameHoweverTheInputIsCut) {
  const std::string plain = all_octets(1000);
  const std::string text = base64_encode_lines(plain);
  for (const std::size_t piece : {1, 2, 3, 4, 5, 7, 75, 76, 77, 78, 79, 1000, 5000}) {
    SCOPED_TRACE(piece);
    bool malformed = true;
    EXPECT_EQ(decode_in_pieces(text, piece, &malformed), plain);
    EXPECT_FALSE(malformed);
  }
}

TEST(Base64Decoder, TakesWhatMailProgramsSend) {
  struct Case {
    std::string_view text;
    std::string_view want;
    bool malformed;
  };
  const Case cases[] = {
      {"Zm9v\nYmFy\n", "foobar", false},
      {"Z m\t9v", "foo", false},
      {"Zm9vYg", "foob", true},
      {"Zm9vY", "foo", true},
      {"Zg==\r\nZg==\r\n", "ff", true},
      {"Zm9v!YmFy", "foobar", true},
      {"Zm8=\r\n", "fo", false},
      {"Zm8=Zm9v", "fofoo", true},
      {"====", "", true},
      {"Zh==", "f", false},
      {"Zm9v\xFF", "foo", true},
      {"\r\n\r\n", "", false},
      {"Zg=", "f", false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    for (const std::size_t piece : {1, 3, 100}) {
      bool malformed = !c.malformed;
      EXPECT_EQ(decode_in_pieces(c.text, piece, &malformed), c.want);
      EXPECT_EQ(malformed, c.malformed);
    }
  }
}

TEST(Base64Decoder, AppendsToWhatIsThere) {
  Base64Decoder decoder;
  std::string out = "before ";
  decoder.feed("Zm9v", out);
  EXPECT_EQ(out, "before foo");
}

}  // namespace
}  // namespace veredus::base::codec
