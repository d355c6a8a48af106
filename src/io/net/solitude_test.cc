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

  /// One peer alone, at kStart and at kLater.
  void hear_one_for_long() const {
    for (const auto when : {kStart, kLater}) Solitude::note_heard(&one_, false, when);
  }

  static constexpr Solitude::Clock::time_point kStart{std::chrono::hours(1)};
  static constexpr auto kLater = kStart + 2 * Solitude::kLongEnough;
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
    hear_one_for_long();
    Solitude::note_heard(&other_, false, kLater);
    EXPECT_FALSE(Solitude::is_here(kLater));
    Solitude::note_heard(&one_, false, kLater + kMoment);
    EXPECT_FALSE(Solitude::is_here(kLater + kMoment)) << "the other one is still there";
  });
}

TEST_F(SolitudeTest, IsNotThatOfAPeerWhoHasSaidMore) {
  told([&] {
    hear_one_for_long();
    Solitude::note_heard(&one_, true, kLater);
    EXPECT_FALSE(Solitude::is_here(kLater));
    Solitude::note_heard(&one_, false, kLater);
    EXPECT_TRUE(Solitude::is_here(kLater));
  });
}

TEST_F(SolitudeTest, IsForgottenWhenThePeerHasLongBeenSilent) {
  told([&] {
    hear_one_for_long();
    EXPECT_TRUE(Solitude::is_here(kLater + Solitude::kJustNow));
    EXPECT_FALSE(Solitude::is_here(kLater + Solitude::kJustNow + kMoment));
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
    hear_one_for_long();
    Solitude::note_gone(&other_);
    EXPECT_TRUE(Solitude::is_here(kLater));
    Solitude::note_gone(&one_);
    EXPECT_FALSE(Solitude::is_here(kLater));
    Solitude::note_heard(&one_, false, kLater);
    EXPECT_FALSE(Solitude::is_here(kLater)) << "the next one at this address";
  });
}

TEST_F(SolitudeTest, IsSpentUntilThePeerSpeaksAgain) {
  told([&] {
    hear_one_for_long();
    Solitude::spend();
    EXPECT_FALSE(Solitude::is_here(kLater));
    Solitude::note_heard(&one_, false, kLater);
    EXPECT_TRUE(Solitude::is_here(kLater));
  });
}

TEST_F(SolitudeTest, IsOneThreadsOwn) {
  told([&] {
    hear_one_for_long();
    told([&] { EXPECT_FALSE(Solitude::is_here(kLater)); });
    EXPECT_TRUE(Solitude::is_here(kLater));
  });
}

}  // namespace
}  // namespace veredus::io::net
