#include "work/queue/concurrency.h"

#include <algorithm>
#include <cmath>

namespace veredus::work::queue {
namespace {

/// Several connections learn of one push-back at once: it counts once.
constexpr std::chrono::seconds kOnePushBack{5};
constexpr unsigned kMaxDoublings = 16;
constexpr double kStep = 0.25;  // connections more for each message
constexpr double kQuickStep = 1;

}  // namespace

Concurrency::Concurrency(const Options& options)
    : options_(options), connections_(std::min(options.first, options.most)), slow_growth_from_(options.most) {}

unsigned Concurrency::allowed(SteadyTime now) const {
  if (now < resting_until_) return 0;
  if (failures_ > 0) return 1;  // one to see whether it is over
  return std::max(1U, static_cast<unsigned>(connections_));
}

void Concurrency::worked(std::chrono::milliseconds took) {
  if (failures_ > 0) {
    failures_ = 0;
    resting_until_ = {};
    connections_ = std::min<double>(connections_, options_.first);
  }
  const double fast = took <= options_.quick ? kQuickStep : kStep;
  const double step = connections_ < slow_growth_from_ ? fast : 1 / std::max(1.0, connections_ * 4);
  connections_ = std::min<double>(connections_ + step, options_.most);
}

void Concurrency::pushed_back(SteadyTime now, double chance) {
  if (last_cut_ != SteadyTime{} && now < last_cut_ + kOnePushBack) return;
  last_cut_ = now;
  connections_ = std::max(1.0, std::floor(connections_ / 2));
  slow_growth_from_ = connections_;
  if (connections_ <= 1) rest(now, chance);
}

void Concurrency::unreachable(SteadyTime now, double chance) {
  if (now < resting_until_) return;  // another connection of the same outage
  connections_ = 1;
  slow_growth_from_ = options_.first;
  rest(now, chance);
}

void Concurrency::rest(SteadyTime now, double chance) {
  const auto doubled = options_.first_backoff * (1U << std::min(failures_, kMaxDoublings));
  const auto whole = static_cast<double>(std::min(doubled, options_.last_backoff).count());
  const double varied = whole * (1 + options_.jitter * (2 * chance - 1));
  resting_until_ = now + std::chrono::milliseconds(static_cast<std::int64_t>(varied));
  ++failures_;
}

void Concurrency::restore(unsigned connections, unsigned failures, SteadyTime resting_until) {
  if (connections > 0) connections_ = std::min(connections, options_.most);
  failures_ = failures;
  resting_until_ = resting_until;
}

void Concurrency::forget_backoff() { resting_until_ = {}; }

}  // namespace veredus::work::queue
