#include <gtest/gtest.h>

#include "base/codec/ascii.h"
#include "base/codec/nfc.h"
#include "base/codec/utf7.h"
#include "base/codec/utf8.h"

namespace veredus::base::codec {
namespace {

TEST(Ascii, CaseIsThatOfAsciiAlone) {
  EXPECT_EQ(to_lower_ascii("AZaz09\xC4"), "azaz09\xC4");
  EXPECT_EQ(to_upper_ascii("azAZ\xE4"), "AZAZ\xE4");
  EXPECT_TRUE(iequals_ascii("EhLo", "eHlO"));
  EXPECT_FALSE(iequals_ascii("a", "ab"));
  EXPECT_FALSE(iequals_ascii("\xC4", "\xE4"));
  EXPECT_TRUE(istarts_with_ascii("Mail From:", "MAIL"));
  EXPECT_FALSE(istarts_with_ascii("MA", "MAIL"));
  EXPECT_TRUE(iends_with_ascii("a.ORG", ".org"));
  EXPECT_EQ(trim_ascii(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim_ascii(" \t"), "");
}

TEST(Utf8, KnowsWhatIsWellFormed) {  // RFC 3629 s4
  for (const std::string_view text : {"", "plain", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                                      "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "12345678\xE2\x82\xAC",
                                      "1234567\xE2\x82\xAC"
                                      "9"}) {
    SCOPED_TRACE(text);
    EXPECT_TRUE(is_valid_utf8(text));
    EXPECT_EQ(replace_invalid_utf8(text), text);
  }
  for (const std::string_view text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "abcdefgh\xC3", "\xC3("}) {
    SCOPED_TRACE(testing::PrintToString(text));
    EXPECT_FALSE(is_valid_utf8(text));
    EXPECT_TRUE(is_valid_utf8(replace_invalid_utf8(text)));
  }
}

TEST(Utf8, ReplacesEachIllFormedPartOnce) {
  EXPECT_EQ(replace_invalid_utf8("a\xE2\x82"
                                 "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(replace_invalid_utf8("\xFF\xFE"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Utf8, CharactersComeBackAsTheyWere) {
  for (const char32_t c :
       {U'\0', U'a', U'\x7F', U'\x80', U'\x7FF', U'\x800', U'\xD7FF', U'\xE000', U'\xFFFF', U'\x10000', U'\x10FFFF'}) {
    std::string text;
    append_utf8(text, c);
    const Utf8Character character = first_utf8_character(text + "x");
    EXPECT_EQ(character.code_point, c);
    EXPECT_EQ(character.octets, text.size());
  }
  std::string text;
  append_utf8(text, char32_t{0xD800});
  append_utf8(text, char32_t{0x110000});
  EXPECT_EQ(text, "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(first_utf8_character("\xFF").octets, 0u);
  EXPECT_EQ(first_utf8_character("").octets, 0u);
}

TEST(Utf8, APrefixCutsNoCharacter) {
  const std::string_view text =
      "a\xE2\x82\xAC"
      "b";
  EXPECT_EQ(utf8_prefix(text, 0), "");
  EXPECT_EQ(utf8_prefix(text, 2), "a");
  EXPECT_EQ(utf8_prefix(text, 3), "a");
  EXPECT_EQ(utf8_prefix(text, 4), "a\xE2\x82\xAC");
  EXPECT_EQ(utf8_prefix(text, 9), text);
  EXPECT_EQ(utf8_prefix("\x80\x80\x80\x80\x80\x80", 5).size(), 5u);
}

TEST(ModifiedUtf7, AgreesWithItsRfc) {  // RFC 3501 s5.1.3
  struct Case {
    std::string_view utf8;
    std::string_view utf7;
  };
  const Case cases[] = {
      {"INBOX", "INBOX"},
      {"~peter/mail/\xE5\x8F\xB0\xE5\x8C\x97/\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
      {"Entw\xC3\xBCrfe", "Entw&APw-rfe"},
      {"a&b", "a&-b"},
      {"\xF0\x9F\x98\x80", "&2D3eAA-"},
      {"\xC3\xBC&", "&APw-&-"},
      {"tab\t", "tab&AAk-"},
      {"", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.utf7);
    EXPECT_EQ(to_modified_utf7(c.utf8), c.utf7);
    EXPECT_EQ(from_modified_utf7(c.utf7), c.utf8);
  }
}

TEST(Nfc, ComposesLetters) {
  EXPECT_EQ(to_nfc(""), "");
  EXPECT_EQ(to_nfc("plain"), "plain");
  EXPECT_EQ(to_nfc("Cafe\xCC\x81"), "Caf\xC3\xA9");
  EXPECT_EQ(to_nfc("Caf\xC3\xA9"), "Caf\xC3\xA9");
  EXPECT_EQ(to_nfc("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB"), "\xED\x95\x9C") << "Hangul";
  EXPECT_EQ(to_nfc("e\xCC\x81\xFF"), "e\xCC\x81\xFF") << "no text at all";
  EXPECT_EQ(to_nfc("\xE2\x84\xAB"), "\xC3\x85") << "the sign of the angstrom is the letter";
}

TEST(ModifiedUtf7, RefusesOtherSpellingsOfTheSameName) {
  for (const std::string_view text : {"&", "&AGE-", "&APw", "&APw-&APw-", "&AP-", "&APx-", "&2D0-", "&3gA-", "&2D0AYQ-",
                                      "&A/w-", "\xC3\xBC", "a\tb", "&APwA-"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(from_modified_utf7(text), std::nullopt);
  }
  EXPECT_EQ(to_modified_utf7("\xFF"), std::nullopt);
}

}  // namespace
}  // namespace veredus::base::codec
