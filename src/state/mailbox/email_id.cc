#include "state/mailbox/email_id.h"

#include <algorithm>

namespace veredus::state::mailbox {
namespace {

constexpr std::int64_t kEpoch = 1'577'836'800'000;  // 2020-01-01, in ms
constexpr int kLowBits = 20;

std::uint64_t begin_of(SystemTime now) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(1, now.time_since_epoch().count() - kEpoch)) << kLowBits;
}

}  // namespace

EmailId email_id_after(EmailId last, SystemTime now) { return EmailId(std::max(begin_of(now), (last.value | 1) + 1)); }

EmailId staged_email_id_after(EmailId last, SystemTime now, std::uint64_t random) {
  const auto low = random & ((1U << kLowBits) - 1);
  return EmailId(std::max(begin_of(now) | low | 1, (last.value | 1) + 2));
}

}  // namespace veredus::state::mailbox
