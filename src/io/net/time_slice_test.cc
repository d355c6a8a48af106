#include "io/net/time_slice.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>

#include <thread>

namespace veredus::io::net {
namespace {

TEST(TimeSlice, LeavesAllElseOfTheThreadAsItIs) {
  std::thread([] {
    const int before = ::getpriority(PRIO_PROCESS, 0);
    ask_for_short_slices();
    EXPECT_EQ(::getpriority(PRIO_PROCESS, 0), before);
    EXPECT_EQ(::sched_getscheduler(0), SCHED_OTHER);
  }).join();
}

TEST(TimeSlice, LeavesAThreadThatHasAnotherPolicyAlone) {
  std::thread([] {
    const sched_param none{};
    ASSERT_EQ(::sched_setscheduler(0, SCHED_BATCH, &none), 0);
    ask_for_short_slices();
    EXPECT_EQ(::sched_getscheduler(0), SCHED_BATCH);
  }).join();
}

}  // namespace
}  // namespace veredus::io::net
