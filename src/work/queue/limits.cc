#include "work/queue/limits.h"

#include <algorithm>
#include <cmath>

#include "base/codec/ascii.h"

namespace veredus::work::queue {
namespace {

constexpr double kBurstSeconds = 6;

bool fits(const ProviderLimits& provider, std::string_view domain, const std::vector<std::string>& hosts) {
  return std::ranges::any_of(provider.patterns, [&](const std::string& pattern) {
    return fits_pattern(pattern, domain) ||
           std::ranges::any_of(hosts, [&](const std::string& host) { return fits_pattern(pattern, host); });
  });
}

void fill(SiteLimits& to, const SiteLimits& from) {
  if (!to.connections) to.connections = from.connections;
  if (!to.connections_per_minute) to.connections_per_minute = from.connections_per_minute;
  if (!to.messages_per_minute) to.messages_per_minute = from.messages_per_minute;
  if (!to.messages_per_connection) to.messages_per_connection = from.messages_per_connection;
}

}  // namespace

bool fits_pattern(std::string_view pattern, std::string_view name) {
  if (pattern == "*") return true;
  if (!pattern.starts_with("*.")) return base::codec::iequals_ascii(pattern, name);
  const std::string_view parent = pattern.substr(2);
  if (name.size() < parent.size()) return false;
  const std::string_view tail = name.substr(name.size() - parent.size());
  if (!base::codec::iequals_ascii(tail, parent)) return false;
  return name.size() == parent.size() || name[name.size() - parent.size() - 1] == '.';
}

SiteLimits limits_for(const std::vector<ProviderLimits>& providers, const SiteLimits& otherwise,
                      std::string_view domain, const std::vector<std::string>& hosts) {
  SiteLimits limits;
  for (const auto& provider : providers)
    if (fits(provider, domain, hosts)) fill(limits, provider.limits);
  fill(limits, otherwise);
  return limits;
}

RateGate::RateGate(std::optional<unsigned> per_minute) {
  if (!per_minute || *per_minute == 0) return;
  per_second_ = *per_minute / 60.0;
  burst_ = std::max(1.0, per_second_ * kBurstSeconds);
}

std::optional<std::chrono::milliseconds> RateGate::take(SteadyTime now) {
  if (per_second_ == 0) return std::nullopt;
  if (!begun_) {
    begun_ = true;
    tokens_ = burst_;
    filled_ = now;
  }
  tokens_ = std::min(burst_, tokens_ + std::chrono::duration<double>(now - filled_).count() * per_second_);
  filled_ = now;
  if (tokens_ >= 1) {
    tokens_ -= 1;
    return std::nullopt;
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil((1 - tokens_) / per_second_ * 1000)));
}

}  // namespace veredus::work::queue
