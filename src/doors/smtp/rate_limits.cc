#include "doors/smtp/rate_limits.h"

namespace veredus::doors::smtp {
namespace {

constexpr auto kWindow = std::chrono::minutes(1);
constexpr unsigned kPeerPrefixV6 = 64;  // one customer has at least that many addresses

bool over(std::uint32_t count, std::uint32_t limit) { return limit != 0 && count > limit; }

}  // namespace

void RateLimits::turn_window() {
  const auto now = clock_->steady_now();
  if (now - window_begin_ < kWindow) return;
  window_begin_ = now;
  in_all_ = {};
  by_address_.clear();
}

RateLimits::Counts* RateLimits::counts_of(const io::net::Endpoint& peer) {
  if (peer.kind != io::net::Endpoint::Kind::kIp) return nullptr;
  if (!options_.limit_local_machine && peer.is_local_machine()) return nullptr;
  const auto key = peer.address.is_v6() ? peer.address.masked(kPeerPrefixV6) : peer.address;
  const auto known = by_address_.find(key);
  if (known != by_address_.end()) return &known->second;
  if (by_address_.size() >= options_.max_addresses) return nullptr;
  return &by_address_[key];
}

bool RateLimits::admit_session(const io::net::Endpoint& peer) {
  const std::lock_guard lock(mutex_);
  if (options_.sessions_from_address == 0 && options_.sessions_in_all == 0) return true;
  turn_window();
  if (over(++in_all_.sessions, options_.sessions_in_all)) return false;
  auto* const counts = options_.sessions_from_address == 0 ? nullptr : counts_of(peer);
  return counts == nullptr || !over(++counts->sessions, options_.sessions_from_address);
}

bool RateLimits::admit_message(const io::net::Endpoint& peer) {
  const std::lock_guard lock(mutex_);
  if (options_.messages_from_address == 0 && options_.messages_in_all == 0) return true;
  turn_window();
  if (over(++in_all_.messages, options_.messages_in_all)) return false;
  auto* const counts = options_.messages_from_address == 0 ? nullptr : counts_of(peer);
  return counts == nullptr || !over(++counts->messages, options_.messages_from_address);
}

void RateLimits::change(Options options) {
  const std::lock_guard lock(mutex_);
  options_ = options;
}

}  // namespace veredus::doors::smtp
