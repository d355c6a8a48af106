#include "work/shelf/job_shelf.h"

#include <gtest/gtest.h>

namespace veredus::work::shelf {
namespace {

struct View {
  std::string id;
  std::string title;
  JobState state = JobState::kRunning;
};

View titled(std::string title) { return {.id = {}, .title = std::move(title)}; }

std::string titles(const JobShelf<View>& shelf) {
  std::string out;
  for (const auto& view : shelf.list()) out += view.title;
  return out;
}

void end(const JobShelf<View>::Shared& job) {
  job->tell([](View& view) { view.state = JobState::kDone; });
}

TEST(JobShelf, RunsAsManyAsMay) {
  JobShelf<View> shelf({.running = 2, .kept = 10});
  const auto first = shelf.open(titled("a"));
  ASSERT_TRUE(first);
  EXPECT_TRUE(shelf.open(titled("b")));
  EXPECT_FALSE(shelf.open(titled("c")));
  end(first);
  EXPECT_TRUE(shelf.open(titled("d")));
  EXPECT_EQ(titles(shelf), "dba");
}

TEST(JobShelf, ForgetsTheOldestThatHasEnded) {
  JobShelf<View> shelf({.running = 3, .kept = 3});
  const auto running = shelf.open(titled("a"));
  for (const auto* title : {"b", "c", "d", "e"}) end(shelf.open(titled(title)));
  EXPECT_EQ(titles(shelf), "eda");
}

TEST(JobShelf, ShowsAJobByItsId) {
  JobShelf<View> shelf({});
  const auto job = shelf.open(titled("a"));
  job->tell([](View& view) { view.title = "half"; });
  EXPECT_EQ(shelf.look(job->id())->title, "half");
  EXPECT_FALSE(shelf.look("none"));
  shelf.find(job->id())->stop();
  EXPECT_TRUE(job->stopping());
}

TEST(Job, HasEndedOnce) {
  Job<View> job({.id = "1", .title = "a"});
  job.tell([](View& view) { view.state = JobState::kFailed; });
  job.tell([](View& view) { view.state = JobState::kDone; });
  EXPECT_EQ(job.look().state, JobState::kFailed);
  EXPECT_FALSE(job.runs());
}

}  // namespace
}  // namespace veredus::work::shelf
