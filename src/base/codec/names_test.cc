#include <gtest/gtest.h>

#include "base/codec/idna.h"
#include "base/codec/saslprep.h"

namespace veredus::base::codec {
namespace {

TEST(Idna, NamesBecomeWhatDnsKnows) {
  struct Case {
    std::string_view name;
    std::string_view ascii;
    std::string_view unicode;
  };
  const Case cases[] = {
      {"Example.ORG", "example.org", "example.org"},
      {"example.org.", "example.org", "example.org"},
      {"B\xC3\xBC"
       "cher.example",
       "xn--bcher-kva.example",
       "b\xC3\xBC"
       "cher.example"},
      {"xn--bcher-kva.example", "xn--bcher-kva.example",
       "b\xC3\xBC"
       "cher.example"},
      {"fa\xC3\x9F.de", "xn--fa-hia.de", "fa\xC3\x9F.de"},
      {"\xE4\xBE\x8B\xE3\x81\x88.\xE3\x83\x86\xE3\x82\xB9\xE3\x83\x88", "xn--r8jz45g.xn--zckzah",
       "\xE4\xBE\x8B\xE3\x81\x88.\xE3\x83\x86\xE3\x82\xB9\xE3\x83\x88"},
      {"_dmarc.example.org", "_dmarc.example.org", "_dmarc.example.org"},
      {"localhost", "localhost", "localhost"},
      {"xn--a.example", "xn--a.example", "xn--a.example"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(to_ascii(c.name), c.ascii);
    EXPECT_EQ(to_unicode(c.name), c.unicode);
  }
}

TEST(Idna, RefusesWhatIsNoDomainName) {
  const std::string long_label(64, 'a');
  const std::string long_name =
      std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." + std::string(63, 'd');
  for (const std::string_view name :
       {std::string_view(""), std::string_view("."), std::string_view("a..b"), std::string_view(".a"),
        std::string_view("-a.b"), std::string_view("a-.b"), std::string_view("a b"), std::string_view("a\0b", 3),
        std::string_view(long_label), std::string_view(long_name), std::string_view("\xFF.org"),
        std::string_view("\xC3\xBC\0.org", 7), std::string_view("a@b")}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(to_ascii(name), std::nullopt);
    EXPECT_EQ(to_unicode(name), std::nullopt);
  }
}

TEST(Saslprep, AgreesWithItsRfc) {  // RFC 4013 s3
  EXPECT_EQ(prepare_password("I\xC2\xADX"), "IX");
  EXPECT_EQ(prepare_password("user"), "user");
  EXPECT_EQ(prepare_username("USER"), "USER");
  EXPECT_EQ(prepare_password("\xC2\xAA"), "a");
  EXPECT_EQ(prepare_password("\xE2\x85\xA8"), "IX");
  EXPECT_EQ(prepare_password("\x07"), std::nullopt);
}

TEST(Saslprep, GivesOneFormToWhatLooksTheSame) {
  EXPECT_EQ(prepare_password("cafe\xCC\x81"), prepare_password("caf\xC3\xA9"));
  EXPECT_EQ(prepare_password("a\xC2\xA0"
                             "b"),
            "a b");
  EXPECT_EQ(prepare_password(" pass word "), " pass word ");
}

TEST(Saslprep, TakesCharactersYoungerThanTheRfc) {  // RFC 8265 s4.2
  EXPECT_EQ(prepare_password("\xF0\x9F\x98\x80"), "\xF0\x9F\x98\x80");
  EXPECT_EQ(prepare_password("\xE2\x9D\xA4\xEF\xB8\x8F\xF0\x9F\x98\x80"), "\xE2\x9D\xA4\xEF\xB8\x8F\xF0\x9F\x98\x80");
}

TEST(Saslprep, RefusesWhatNobodyTypes) {
  for (const std::string_view text :
       {std::string_view(""), std::string_view("a\nb"), std::string_view("a\0b", 3), std::string_view("\xFF"),
        std::string_view("\x7F"), std::string_view("\xC2\x85")}) {
    SCOPED_TRACE(testing::PrintToString(text));
    EXPECT_EQ(prepare_password(text), std::nullopt);
  }
  EXPECT_EQ(prepare_password(std::string(5000, 'a')), std::nullopt);
}

TEST(Saslprep, ChangesNothingTheSecondTime) {
  for (const std::string_view text :
       {"caf\xC3\xA9", "\xE2\x85\xA8 x", "\xF0\x9F\x98\x80 \xE2\x84\xA2", "\xEF\xBC\xA1"}) {
    const auto once = prepare_password(text);
    ASSERT_TRUE(once) << text;
    EXPECT_EQ(prepare_password(*once), once) << text;
  }
}

}  // namespace
}  // namespace veredus::base::codec
