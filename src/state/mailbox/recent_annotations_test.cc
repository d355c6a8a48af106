#include "state/mailbox/recent_annotations.h"

#include <gtest/gtest.h>

#include <string>

namespace veredus::state::mailbox {
namespace {

std::vector<AnnotationNote> notes(int count) {
  std::vector<AnnotationNote> made;
  for (int i = 0; i < count; ++i) {
    AnnotationNote note;
    note.name = "/" + std::to_string(i);
    made.push_back(std::move(note));
  }
  return made;
}

TEST(RecentAnnotations, RemembersWhatCameAfter) {
  RecentAnnotations recent;
  EXPECT_TRUE(recent.after(ModSeq(5), ModSeq(5)).has_value()) << "nothing happened, whatever is known";
  EXPECT_FALSE(recent.after(ModSeq(4), ModSeq(5)).has_value());
  recent.add(ModSeq(6), notes(2));
  recent.add(ModSeq(7), {});
  recent.add(ModSeq(8), notes(1));
  EXPECT_EQ(recent.after(ModSeq(5), ModSeq(8))->size(), 3u);
  EXPECT_EQ(recent.after(ModSeq(6), ModSeq(8))->size(), 1u);
  EXPECT_EQ(recent.after(ModSeq(6), ModSeq(8))->front().modseq, ModSeq(8));
  EXPECT_FALSE(recent.after(ModSeq(4), ModSeq(8)).has_value());
  EXPECT_FALSE(recent.after(ModSeq(7), ModSeq(9)).has_value()) << "the account went on without it";
}

TEST(RecentAnnotations, ForgetsWhatHasAGapAndTheOldest) {
  RecentAnnotations recent;
  recent.add(ModSeq(6), notes(2));
  recent.add(ModSeq(9), notes(1));
  EXPECT_FALSE(recent.after(ModSeq(7), ModSeq(9)).has_value());
  EXPECT_EQ(recent.after(ModSeq(8), ModSeq(9))->size(), 1u);
  recent.add(ModSeq(10), notes(static_cast<int>(RecentAnnotations::kNotes)));
  EXPECT_FALSE(recent.after(ModSeq(8), ModSeq(10)).has_value());
  EXPECT_EQ(recent.after(ModSeq(9), ModSeq(10))->size(), RecentAnnotations::kNotes);
  recent.add(ModSeq(11), notes(1));
  EXPECT_FALSE(recent.after(ModSeq(9), ModSeq(11)).has_value());
  EXPECT_EQ(recent.after(ModSeq(10), ModSeq(11))->size(), 1u);
}

}  // namespace
}  // namespace veredus::state::mailbox
