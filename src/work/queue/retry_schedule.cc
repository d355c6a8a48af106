#include "work/queue/retry_schedule.h"

#include <algorithm>

namespace veredus::work::queue {

std::string_view to_string(Setback setback) {
  switch (setback) {
    case Setback::kReply:
      return "reply";
    case Setback::kConnect:
      return "connect";
    case Setback::kDns:
      return "dns";
    case Setback::kUncertain:
      return "uncertain";
  }
  return "unknown";
}

std::chrono::milliseconds RetrySchedule::wait(Setback setback, unsigned attempts, double chance) const {
  const auto of = [&](const Intervals& intervals) {
    if (intervals.empty()) return std::chrono::milliseconds(std::chrono::hours(1));
    return intervals[std::min<std::size_t>(std::max(attempts, 1U) - 1, intervals.size() - 1)];
  };
  std::chrono::milliseconds base = options_.uncertain;
  if (setback == Setback::kReply) base = of(options_.reply);
  if (setback == Setback::kConnect) base = of(options_.connect);
  if (setback == Setback::kDns) base = of(options_.dns);
  const double varied = static_cast<double>(base.count()) * (1 + options_.jitter * (2 * chance - 1));
  return std::chrono::milliseconds(static_cast<std::int64_t>(varied));
}

}  // namespace veredus::work::queue
