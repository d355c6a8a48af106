#include "io/net/session_limits.h"

#include <mutex>
#include <unordered_map>

namespace veredus::io::net {
namespace {

constexpr unsigned kIpv6CountedBits = 64;  // what one customer commonly has

std::optional<IpAddress> counted_as(const Endpoint& peer) {
  if (peer.kind != Endpoint::Kind::kIp) return std::nullopt;
  return peer.address.is_v6() ? peer.address.masked(kIpv6CountedBits) : peer.address;
}

}  // namespace

struct SessionCounts {
  explicit SessionCounts(SessionLimits::Options o) : options(o) {}
  SessionLimits::Options options;
  mutable std::mutex mutex;
  std::size_t admitted = 0;
  std::size_t refused = 0;
  std::unordered_map<IpAddress, std::size_t> by_address;

  AdmissionVerdict admit(const std::optional<IpAddress>& address) {
    const std::lock_guard lock(mutex);
    auto verdict = AdmissionVerdict::kAdmitted;
    if (admitted >= options.in_all) verdict = AdmissionVerdict::kTooManyInAll;
    const auto known = address ? by_address.find(*address) : by_address.end();
    if (known != by_address.end() && known->second >= options.per_address)
      verdict = AdmissionVerdict::kTooManyFromAddress;
    if (verdict == AdmissionVerdict::kAdmitted) {
      ++admitted;
      if (address) ++by_address[*address];
    } else if (refused >= options.being_refused) {
      verdict = AdmissionVerdict::kDropped;
    } else {
      ++refused;
    }
    return verdict;
  }

  void give_back(const std::optional<IpAddress>& address, AdmissionVerdict verdict) {
    if (verdict == AdmissionVerdict::kDropped) return;
    const std::lock_guard lock(mutex);
    if (verdict != AdmissionVerdict::kAdmitted) {
      --refused;
      return;
    }
    --admitted;
    if (!address) return;
    const auto known = by_address.find(*address);
    if (--known->second == 0) by_address.erase(known);
  }
};

std::string_view to_string(AdmissionVerdict verdict) {
  switch (verdict) {
    case AdmissionVerdict::kAdmitted:
      return "admitted";
    case AdmissionVerdict::kTooManyFromAddress:
      return "too many sessions from this address";
    case AdmissionVerdict::kTooManyInAll:
      return "too many sessions";
    case AdmissionVerdict::kDropped:
      return "too many sessions over the limit";
  }
  return "unknown verdict";
}

Admission::Admission(std::shared_ptr<SessionCounts> counts, std::optional<IpAddress> counted_as,
                     AdmissionVerdict verdict)
    : counts_(std::move(counts)), counted_as_(counted_as), verdict_(verdict) {}

Admission::Admission(Admission&& other) noexcept
    : counts_(std::move(other.counts_)), counted_as_(other.counted_as_), verdict_(other.verdict_) {}

Admission& Admission::operator=(Admission&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  counts_ = std::move(other.counts_);
  counted_as_ = other.counted_as_;
  verdict_ = other.verdict_;
  return *this;
}

Admission::~Admission() { give_back(); }

void Admission::give_back() {
  if (counts_) counts_->give_back(counted_as_, verdict_);
  counts_ = nullptr;
}

SessionLimits::SessionLimits(Options options) : counts_(std::make_shared<SessionCounts>(options)) {}

Admission SessionLimits::admit(const Endpoint& peer) {
  const auto address = counted_as(peer);
  const auto verdict = counts_->admit(address);
  return {counts_, address, verdict};
}

void SessionLimits::change(Options options) {
  const std::lock_guard lock(counts_->mutex);
  counts_->options = options;
}

std::size_t SessionLimits::sessions() const {
  const std::lock_guard lock(counts_->mutex);
  return counts_->admitted;
}

std::size_t SessionLimits::sessions_from(const IpAddress& address) const {
  const auto counted = counted_as(Endpoint::ip(address, 0));
  const std::lock_guard lock(counts_->mutex);
  const auto known = counts_->by_address.find(*counted);
  return known == counts_->by_address.end() ? 0 : known->second;
}

}  // namespace veredus::io::net
