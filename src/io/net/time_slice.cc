#include "io/net/time_slice.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>

namespace veredus::io::net {
namespace {

constexpr std::chrono::nanoseconds kSlice{100'000};  // the shortest there is

/// As linux/sched/types.h has it, which cannot be included beside sched.h.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime_ns = 0;
  std::uint64_t deadline_ns = 0;
  std::uint64_t period_ns = 0;
};
static_assert(sizeof(SchedulingAttributes) == 48);  // SCHED_ATTR_SIZE_VER0

}  // namespace

void ask_for_short_slices() {
  constexpr int kThisThread = 0;
  SchedulingAttributes attributes;
  if (::syscall(SYS_sched_getattr, kThisThread, &attributes, sizeof(attributes), 0) != 0) return;
  if (attributes.policy != SCHED_OTHER) return;  // whoever chose another one knows better
  attributes.size = sizeof(attributes);
  attributes.runtime_ns = kSlice.count();
  ::syscall(SYS_sched_setattr, kThisThread, &attributes, 0);
}

}  // namespace veredus::io::net
