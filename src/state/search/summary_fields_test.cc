#include "state/search/summary_fields.h"

#include <gtest/gtest.h>

#include <string>

namespace veredus::state::search {
namespace {

TEST(FieldTexts, AreFoundAsTheyAreDecoded) {
  const std::string subject = "=?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n aus Wien";
  const std::string from = "\"Carol \\\"C\\\" Example\" <c@demo.test>";
  const std::string plain = "Hello there";
  FieldTexts texts;
  for (int i = 0; i < 2; ++i) {
    SCOPED_TRACE(i);
    EXPECT_TRUE(texts.have(Needle("GRÜSSE"), "Grüsse"));
    EXPECT_TRUE(texts.have(Needle("grüße aus"), subject));
    EXPECT_FALSE(texts.have(Needle("carol"), subject));
    EXPECT_TRUE(texts.have(Needle("carol \"c\" ex"), from));
    EXPECT_TRUE(texts.have(Needle("C\\\""), from)) << "and as it is written";
    EXPECT_TRUE(texts.have(Needle("HELLO"), plain));
    EXPECT_FALSE(texts.have(Needle("grüße"), plain));
    EXPECT_TRUE(texts.have(Needle(""), ""));
  }
}

TEST(FieldTexts, AreDecodedOnceHoweverManyKeysAskForThem) {
  std::string value = "=?utf-8?q?one?=";
  FieldTexts texts;
  EXPECT_TRUE(texts.have(Needle("one"), value));
  value.replace(value.find("one"), 3, "two");
  EXPECT_TRUE(texts.have(Needle("one"), value));
  EXPECT_FALSE(texts.have(Needle("two"), value));
}

}  // namespace
}  // namespace veredus::state::search
