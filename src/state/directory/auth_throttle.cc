#include "state/directory/auth_throttle.h"

#include <algorithm>
#include <utility>

#include "state/directory/address_form.h"

namespace veredus::state::directory {

namespace {

/// IPv4 /32, IPv6 /64: who has one address of a /64 has them all. Empty: not counted.
std::string key_of(const io::net::Endpoint& peer) {
  if (peer.kind != io::net::Endpoint::Kind::kIp) return {};
  const auto network = peer.address.is_v6() ? peer.address.masked(64) : peer.address;
  return "p" + std::string(network.octets());
}

/// One account has one key, however its name is written.
std::string key_of(std::string_view account) {
  if (account.empty()) return {};
  const auto [local_part, domain] = split_address(account.substr(0, 320));
  const auto normal = normal_domain(domain);
  return "a" + join_address(normal_local_part(local_part), normal ? *normal : std::string(domain));
}

}  // namespace

AuthThrottle::Answer AuthThrottle::before_attempt(const io::net::Endpoint& peer, std::string_view account) {
  const auto peer_key = key_of(peer);
  const auto account_key = key_of(account);
  const auto now = clock_->steady_now();
  const std::scoped_lock lock(mutex_);
  const auto by_peer = answer(peer_key, now);
  const auto by_account = answer(account_key, now);
  return {.verdict = std::max(by_peer.verdict, by_account.verdict),
          .delay = std::max(by_peer.delay, by_account.delay),
          .ban_left = std::max(by_peer.ban_left, by_account.ban_left)};
}

void AuthThrottle::failed(const io::net::Endpoint& peer, std::string_view account) {
  auto peer_key = key_of(peer);
  auto account_key = key_of(account);
  const auto now = clock_->steady_now();
  const std::scoped_lock lock(mutex_);
  count(std::move(peer_key), options_.failures_to_ban_address, now);
  count(std::move(account_key), options_.failures_to_ban_account, now);
}

void AuthThrottle::succeeded(const io::net::Endpoint& peer, std::string_view account) {
  const auto peer_key = key_of(peer);
  const auto account_key = key_of(account);
  const std::scoped_lock lock(mutex_);
  entries_.forget(peer_key);
  entries_.forget(account_key);
}

bool AuthThrottle::banned(const io::net::Endpoint& peer) {
  return before_attempt(peer, {}).verdict == Verdict::kBanned;
}

void AuthThrottle::change(Options options) {
  const std::scoped_lock lock(mutex_);
  options_ = options;
}

std::size_t AuthThrottle::entries() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

AuthThrottle::Answer AuthThrottle::answer(const std::string& key, SteadyTime now) {
  const auto* entry = find(key, now);
  if (entry == nullptr) return {};
  if (entry->banned_until > now)
    return {.verdict = Verdict::kBanned,
            .ban_left = std::chrono::ceil<std::chrono::seconds>(entry->banned_until - now)};
  if (entry->failures <= options_.free_failures) return {};
  const auto doublings = std::min<std::uint32_t>(entry->failures - options_.free_failures - 1, 30);
  return {.delay = std::min(options_.longest_delay, options_.first_delay * (std::int64_t{1} << doublings))};
}

void AuthThrottle::count(std::string key, std::uint32_t failures_to_ban, SteadyTime now) {
  if (key.empty()) return;
  const auto* known = find(key, now);
  auto entry = known == nullptr ? Entry() : *known;
  entry.last_failure = now;
  if (++entry.failures >= failures_to_ban) {
    entry.banned_until = now + options_.ban;
    entry.failures = options_.free_failures;  // after the ban it starts with delays again
  }
  entries_.put(std::move(key), entry);
}

const AuthThrottle::Entry* AuthThrottle::find(const std::string& key, SteadyTime now) {
  const auto* entry = entries_.peek(key);
  if (entry == nullptr) return nullptr;
  if (now - entry->last_failure < options_.forget_after || entry->banned_until > now) return entry;
  entries_.forget(key);
  return nullptr;
}

}  // namespace veredus::state::directory
