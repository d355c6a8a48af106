#include "io/net/solitude.h"

#include <gtest/gtest.h>

#include <thread>

namespace veredus::io::net {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kMoment{1};

class SolitudeTest : public testing::Test {
 protected:
  /// On a thread of its own, which has heard nobody yet.
  template <class Story>
  static void told(Story story) {
    std::thread(story).join();
  }

  static constexpr Solitude::Clock::time_point kStart{std::chrono::hours(1)};
  int one_ = 0, other_ = 0;
};

TEST_F(SolitudeTest, BeginsOnceOnePeerAloneWasHeardLongEnough) {
  told([&] {
    EXPECT_FALSE(Solitude::is_here(kStart));
    Solitude::note_heard(&one_, false, kStart);
    EXPECT_FALSE(Solitude::is_here(kStart));
    Solitude::note_heard(&one_, false, kStart + Solitude::kLongEnough - kMoment);
    EXPECT_FALSE(Solitude::is_here(kStart + Solitude::kLongEnough));
    Solitude::note_heard(&one_, false, kStart + Solitude::kLongEnough);
    EXPECT_TRUE(Solitude::is_here(kStart + Solitude::kLongEnough + kMoment));
  });
}

TEST_F(SolitudeTest, EndsWithTheFirstWordOfAnother) {
  told([&] {
    Solitude::note_heard(&one_, false, kStart);
    const auto later = kStart + 2 * Solitude::kLongEnough;
    Solitude::note_heard(&other_, false, later);
    EXPECT_FALSE(Solitude::is_here(later));
    Solitude::note_heard(&one_, false, later + kMoment);
    EXPECT_FALSE(Solitude::is_here(later + kMoment)) << "the other one is still there";
  });
}

TEST_F(SolitudeTest, IsNotThatOfAPeerWhoHasSaidMore) {
  told([&] {
    Solitude::note_heard(&one_, false, kStart);
    const auto later = kStart + 2 * Solitude::kLongEnough;
    Solitude::note_heard(&one_, true, later);
    EXPECT_FALSE(Solitude::is_here(later));
    Solitude::note_heard(&one_, false, later);
    EXPECT_TRUE(Solitude::is_here(later));
  });
}

TEST_F(SolitudeTest, IsForgottenWhenThePeerHasLongBeenSilent) {
  told([&] {
    Solitude::note_heard(&one_, false, kStart);
    const auto later = kStart + 2 * Solitude::kLongEnough;
    Solitude::note_heard(&one_, false, later);
    EXPECT_TRUE(Solitude::is_here(later + Solitude::kJustNow));
    EXPECT_FALSE(Solitude::is_here(later + Solitude::kJustNow + kMoment));
  });
}

TEST_F(SolitudeTest, BeginsAnewAfterASilence) {
  told([&] {
    Solitude::note_heard(&one_, false, kStart);
    const auto later = kStart + Solitude::kSilence + kMoment;
    Solitude::note_heard(&one_, false, later);
    EXPECT_FALSE(Solitude::is_here(later));
  });
}

TEST_F(SolitudeTest, EndsWhenThePeerHasGone) {
  told([&] {
    Solitude::note_heard(&one_, false, kStart);
    const auto later = kStart + 2 * Solitude::kLongEnough;
    Solitude::note_heard(&one_, false, later);
    Solitude::note_gone(&other_);
    EXPECT_TRUE(Solitude::is_here(later));
    Solitude::note_gone(&one_);
    EXPECT_FALSE(Solitude::is_here(later));
    Solitude::note_heard(&one_, false, later);
    EXPECT_FALSE(Solitude::is_here(later)) << "the next one at this address";
  });
}

TEST_F(SolitudeTest, IsSpentUntilThePeerSpeaksAgain) {
  told([&] {
    Solitude::note_heard(&one_, false, kStart);
    const auto later = kStart + 2 * Solitude::kLongEnough;
    Solitude::note_heard(&one_, false, later);
    Solitude::spend();
    EXPECT_FALSE(Solitude::is_here(later));
    Solitude::note_heard(&one_, false, later);
    EXPECT_TRUE(Solitude::is_here(later));
  });
}

TEST_F(SolitudeTest, IsOneThreadsOwn) {
  told([&] {
    Solitude::note_heard(&one_, false, kStart);
    const auto later = kStart + 2 * Solitude::kLongEnough;
    Solitude::note_heard(&one_, false, later);
    told([&] { EXPECT_FALSE(Solitude::is_here(later)); });
    EXPECT_TRUE(Solitude::is_here(later));
  });
}

}  // namespace
}  // namespace veredus::io::net
