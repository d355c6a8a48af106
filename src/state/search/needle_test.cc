#include "state/search/needle.h"

#include <gtest/gtest.h>

#include <random>

#include "state/search/fold.h"

namespace veredus::state::search {
namespace {

TEST(Fold, ComparesAsUnicodeCasemapDoes) {  // RFC 5051 s2
  EXPECT_EQ(fold("Hello, World 42"), "HELLO, WORLD 42");
  EXPECT_EQ(fold("müller"), fold("MÜLLER"));
  EXPECT_EQ(fold("mu\u0308ller"), fold("müller")) << "a letter and its mark, or both in one";
  EXPECT_EQ(fold("ﬁne"), fold("FINE")) << "a ligature";
  EXPECT_EQ(fold("ＡＢＣ"), "ABC") << "full width";
  EXPECT_EQ(fold("ǆ"), fold("Ǆ")) << "three forms of one letter";
  EXPECT_EQ(fold("привет"), fold("ПРИВЕТ"));
  EXPECT_EQ(fold("σ"), fold("ς")) << "both are sigma";
  EXPECT_NE(fold("straße"), fold("strasse"));
  EXPECT_EQ(fold("😀"), "😀");
  EXPECT_EQ(fold("한국어"), fold("한국어"));
  EXPECT_EQ(fold(""), "");
}

TEST(Fold, OfPiecesIsThePiecesOfTheFold) {
  const std::string text = "Grüße aus İstanbul, ΑΘΗΝΑ und Владивосток 東京";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    if (cut < text.size() && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) continue;
    SCOPED_TRACE(cut);
    EXPECT_EQ(fold(text.substr(0, cut)) + fold(text.substr(cut)), fold(text));
  }
}

TEST(Needle, IsFoundWhateverTheCase) {
  struct Case {
    std::string_view needle;
    std::string_view text;
    bool want;
  };
  const Case cases[] = {
      {"invoice", "Your INVOICE of March", true},
      {"invoices", "Your INVOICE of March", false},
      {"", "", true},
      {"", "anything", true},
      {"a", "", false},
      {"a", "bcdA", true},
      {"[x]", "{X}", false},
      {"@home", "`home", false},
      {"ü", "MÜLLER", true},
      {"u", "Müller", true},
      {"müller", "MUELLER", false},
      {"ß", "straße", true},
      {"東京", "我在東京", true},
      {"东京", "我在東京", false},
      {"end", "this is the very long line that has it at its very last place, in the end", true},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.needle);
    SCOPED_TRACE(c.text);
    EXPECT_EQ(Needle(c.needle).in(c.text), c.want);
  }
}

/// Texts of few letters, so that near misses are frequent.
std::string random_text(std::mt19937& random, std::size_t most, bool foreign) {
  static constexpr std::string_view kPieces[] = {"a", "A", "b", "B", "-", " ", "ä", "Ä", "a\u0308", "東", "😀"};
  std::uniform_int_distribution<std::size_t> length(0, most);
  std::uniform_int_distribution<std::size_t> piece(0, foreign ? 10 : 5);
  std::string text;
  for (auto left = length(random); left > 0; --left) text += kPieces[piece(random)];
  return text;
}

TEST(Needle, FindsWhatAPlainSearchOfFoldedTextFinds) {
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const bool foreign = i % 2 == 1;
    const auto text = random_text(random, 120, foreign);
    const auto wanted = random_text(random, 5, foreign);
    const bool want = fold(text).contains(fold(wanted));
    ASSERT_EQ(Needle(wanted).in(text), want) << wanted << " in " << text;
  }
}

TEST(Finder, FindsAcrossThePiecesOfAText) {
  std::mt19937 random(8);
  for (int i = 0; i < 5'000; ++i) {
    const bool foreign = i % 3 == 1;
    const Needle needle(random_text(random, 6, foreign));
    Finder finder(needle);
    std::string whole;
    for (int piece = 0; piece < 6; ++piece) {
      const auto text = random_text(random, 12, foreign && piece % 2 == 0);
      whole += text;
      finder.feed(text);
    }
    ASSERT_EQ(finder.found(), needle.in(whole)) << needle.folded() << " in " << whole;
  }
}

TEST(Finder, DoesNotJoinTwoTexts) {
  const Needle needle("abcd");
  Finder finder(needle);
  finder.feed("ab");
  finder.end();
  finder.feed("cd");
  EXPECT_FALSE(finder.found());
}

TEST(Finder, TakesLongTextWithAForeignLetterInIt) {
  std::string text(100'000, 'x');
  text.insert(50'000, "é");
  text += "needle";
  const Needle needle("NEEDLE");
  Finder finder(needle);
  finder.feed(text);
  EXPECT_TRUE(finder.found());
}

}  // namespace
}  // namespace veredus::state::search
