#include "state/search/needle.h"

#include <gtest/gtest.h>

#include <random>

#include "base/codec/utf8.h"
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

void feed(Finder& finder, std::string_view text_utf8) {
  PieceReader pieces(text_utf8);
  while (const auto piece = pieces.next()) finder.feed(*piece);
}

/// Texts that a search octet by octet goes over again and again: few letters, in some case, much repeated.
class Repetitions {
 public:
  explicit Repetitions(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }

  /// Of `octets` octets or one more, made of a period.
  std::string periodic(std::size_t octets, bool foreign) {
    const std::size_t period = 1 + below(8);
    std::string once;
    while (once.size() < period) once += letter(foreign);
    std::string text;
    while (text.size() < octets) text += once;
    return fold(text);
  }

  /// Of stretches of `folded`, other stretches and single letters; ASCII letters in either case.
  std::string text_of(std::string_view folded, std::size_t octets, bool foreign) {
    std::string text;
    while (text.size() < octets) {
      const auto what = below(8);
      if (what == 0) text += letter(foreign);
      if (what == 1) text += periodic(1 + below(40), foreign);
      if (what >= 2) text += base::codec::utf8_prefix(folded, what == 2 ? folded.size() : below(folded.size() + 1));
    }
    for (auto& octet : text)
      if (octet >= 'A' && octet <= 'Z' && below(2) == 0) octet = static_cast<char>(octet + ('a' - 'A'));
    return text;
  }

 private:
  std::string_view letter(bool foreign) {
    static constexpr std::string_view kLetters[] = {"a", "b", "é", "東"};
    return kLetters[below(foreign ? 4 : 2)];
  }

  std::mt19937 random_;
};

TEST(Needle, FindsRepetitionsAsAPlainSearchDoes) {
  Repetitions random(9);
  std::size_t found = 0;
  for (int i = 0; i < 5'000; ++i) {
    const bool foreign = i % 2 == 1;
    const auto wanted = random.periodic(1 + random.below(64), foreign) + (i % 4 < 2 ? "c" : "");
    const auto text =
        random.text_of(base::codec::utf8_prefix(wanted, wanted.size() - (i % 3 == 0 ? 0 : 1)), 1500, foreign);
    const auto folded = fold(text);
    const bool want = folded.contains(fold(wanted));
    const Needle needle(wanted);
    ASSERT_EQ(needle.in(text), want) << wanted << " in " << text;
    ASSERT_EQ(needle.in_folded(folded), want) << wanted << " in " << folded;
    found += want ? 1 : 0;
  }
  EXPECT_GT(found, 1'000U);
  EXPECT_LT(found, 4'000U);
}

TEST(Finder, FindsRepetitionsWhereverTheTextIsCut) {
  Repetitions random(10);
  for (int i = 0; i < 400; ++i) {
    const bool foreign = i % 2 == 1;
    const Needle needle(random.periodic(1 + random.below(64), foreign) + (i % 4 < 2 ? "c" : ""));
    const auto text = random.text_of(needle.folded(), 200, foreign);
    const bool want = fold(text).contains(needle.folded());
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      if (base::codec::utf8_prefix(text, cut).size() != cut) continue;
      Finder finder(needle);
      feed(finder, std::string_view(text).substr(0, cut));
      feed(finder, std::string_view(text).substr(cut));
      ASSERT_EQ(finder.found(), want) << needle.folded() << " in " << text << " cut at " << cut;
    }
  }
}

TEST(Finder, FindsRepetitionsInManyPieces) {
  Repetitions random(11);
  for (int i = 0; i < 5'000; ++i) {
    const bool foreign = i % 2 == 1;
    const Needle needle(random.periodic(1 + random.below(64), foreign) + (i % 4 < 2 ? "c" : ""));
    const auto text = random.text_of(needle.folded(), 600, foreign);
    Finder finder(needle);
    for (std::string_view rest = text; !rest.empty();) {
      auto piece = base::codec::utf8_prefix(rest, 4 + random.below(i % 3 == 0 ? 8 : 200));
      feed(finder, piece);
      rest.remove_prefix(piece.size());
    }
    ASSERT_EQ(finder.found(), fold(text).contains(needle.folded())) << needle.folded() << " in " << text;
  }
}

/// What takes minutes when the time is the product of both.
TEST(Finder, TakesTimeThatIsLinearWhateverTheText) {
  constexpr std::size_t kOctets = 400'000;
  for (const std::string_view letter : {"a", "é"}) {
    SCOPED_TRACE(letter);
    std::string line;
    while (line.size() < kOctets) line += letter;
    std::string text;
    for (int i = 0; i < 8; ++i) text += line + "\r\n";
    const Needle needle(line + std::string(letter));
    EXPECT_FALSE(needle.in(text));
    Finder finder(needle);
    feed(finder, text);
    EXPECT_FALSE(finder.found());
    feed(finder, line);
    feed(finder, letter);
    EXPECT_TRUE(finder.found());
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
      feed(finder, text);
    }
    ASSERT_EQ(finder.found(), needle.in(whole)) << needle.folded() << " in " << whole;
  }
}

TEST(Finder, DoesNotJoinTwoTexts) {
  const Needle needle("abcd");
  Finder finder(needle);
  feed(finder, "ab");
  finder.end();
  feed(finder, "cd");
  EXPECT_FALSE(finder.found());
}

TEST(Finder, TakesLongTextWithAForeignLetterInIt) {
  std::string text(100'000, 'x');
  text.insert(50'000, "é");
  text += "needle";
  const Needle needle("NEEDLE");
  Finder finder(needle);
  feed(finder, text);
  EXPECT_TRUE(finder.found());
}

}  // namespace
}  // namespace veredus::state::search
