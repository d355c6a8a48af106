#include "state/mailbox/flag_page.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <utility>

namespace veredus::state::mailbox {
namespace {

FlagRun run(std::uint32_t first, std::uint32_t last, FlagSet flags, std::uint64_t modseq) {
  return {Uid(first), Uid(last), flags, {}, ModSeq(modseq)};
}

FlagPage page(std::initializer_list<FlagRun> runs) {
  FlagPage made;
  for (const auto& one : runs) made.append(one);
  return made;
}

TEST(FlagPage, JoinsWhatGoesOn) {
  EXPECT_EQ(page({run(1, 3, {Flag::kSeen}, 7), run(4, 4, {Flag::kSeen}, 7)}), page({run(1, 4, {Flag::kSeen}, 7)}));
  EXPECT_EQ(page({run(1, 3, {Flag::kSeen}, 7), run(5, 5, {Flag::kSeen}, 7)}).runs().size(), 2) << "a gap";
  EXPECT_EQ(page({run(1, 3, {Flag::kSeen}, 7), run(4, 4, {}, 7)}).runs().size(), 2) << "other flags";
  EXPECT_EQ(page({run(1, 3, {Flag::kSeen}, 7), run(4, 4, {Flag::kSeen}, 8)}).runs().size(), 2) << "another change";
}

TEST(FlagPage, IsHiddenWhereANewerOneSpeaks) {
  const FlagSet seen{Flag::kSeen};
  const FlagSet draft{Flag::kDraft};
  struct Case {
    const char* name;
    FlagPage old, newer, both;
  };
  const Case cases[] = {
      {"nothing", {}, {}, {}},
      {"the first", {}, page({run(3, 5, seen, 2)}), page({run(3, 5, seen, 2)})},
      {"none newer", page({run(3, 5, seen, 2)}), {}, page({run(3, 5, seen, 2)})},
      {"in the middle", page({run(1, 9, seen, 1)}), page({run(3, 5, draft, 2)}),
       page({run(1, 2, seen, 1), run(3, 5, draft, 2), run(6, 9, seen, 1)})},
      {"at both ends", page({run(1, 9, seen, 1)}), page({run(1, 1, draft, 2), run(9, 9, draft, 2)}),
       page({run(1, 1, draft, 2), run(2, 8, seen, 1), run(9, 9, draft, 2)})},
      {"all of several", page({run(2, 3, seen, 1), run(5, 6, {}, 1)}), page({run(1, 9, draft, 2)}),
       page({run(1, 9, draft, 2)})},
      {"across two", page({run(1, 4, seen, 1), run(6, 9, {}, 1)}), page({run(3, 7, draft, 2)}),
       page({run(1, 2, seen, 1), run(3, 7, draft, 2), run(8, 9, {}, 1)})},
      {"beside", page({run(3, 4, seen, 1)}), page({run(1, 1, draft, 2), run(8, 8, draft, 2)}),
       page({run(1, 1, draft, 2), run(3, 4, seen, 1), run(8, 8, draft, 2)})},
  };
  for (const auto& [name, old, newer, both] : cases) {
    SCOPED_TRACE(name);
    EXPECT_EQ(old.with(newer), both);
  }
}

TEST(FlagPage, SaysOfEachMessageWhatWasSaidLast) {
  std::mt19937 random(7);
  const auto below = [&random](std::uint32_t limit) { return static_cast<std::uint32_t>(random()) % limit; };
  for (int round = 0; round < 200; ++round) {
    std::map<std::uint32_t, std::pair<FlagSet, std::uint64_t>> model;
    FlagPage all;
    for (std::uint64_t modseq = 1; modseq < 8; ++modseq) {
      FlagPage newer;
      for (std::uint32_t uid = 1; uid < 40; ++uid) {
        if (below(3) != 0) continue;
        const auto flags = FlagSet::from_bits(static_cast<std::uint8_t>(below(3)));
        newer.append(run(uid, uid, flags, modseq));
        model[uid] = {flags, modseq};
      }
      all = all.with(newer);
    }
    std::map<std::uint32_t, std::pair<FlagSet, std::uint64_t>> said;
    for (const auto& one : all.runs())
      for (auto uid = one.first.value; uid <= one.last.value; ++uid) said[uid] = {one.flags, one.modseq.value};
    ASSERT_EQ(said, model);
  }
}

TEST(FlagOverlay, LeavesRowsAsNewAsThePageAlone) {
  FlagOverlay overlay;
  overlay.add(page({run(2, 4, {Flag::kSeen}, 5), run(6, 6, {Flag::kDraft}, 9)}));
  overlay.add(page({run(1024, 2047, {}, 7)}));
  struct Case {
    std::uint32_t uid;
    std::uint64_t modseq;
    FlagSet flags;
    std::uint64_t then;
  };
  const FlagSet own{Flag::kFlagged};
  const Case cases[] = {{1, 1, own, 1},   {2, 4, {Flag::kSeen}, 5},  {3, 5, own, 5},    {4, 8, own, 8},
                        {5, 1, own, 1},   {6, 1, {Flag::kDraft}, 9}, {1023, 1, own, 1}, {1024, 1, {}, 7},
                        {2047, 6, {}, 7}, {2048, 1, own, 1}};
  for (const auto& [uid, modseq, flags, then] : cases) {
    SCOPED_TRACE(uid);
    Message message;
    message.uid = Uid(uid);
    message.modseq = ModSeq(modseq);
    message.flags = own;
    overlay.apply(message);
    EXPECT_EQ(message.flags, flags);
    EXPECT_EQ(message.modseq, ModSeq(then));
  }
}

}  // namespace
}  // namespace veredus::state::mailbox
