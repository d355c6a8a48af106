#pragma once

#include <cstdint>

namespace veredus::state::mailbox {

/// RFC 9208 STORAGE and MESSAGE. 0: no limit.
struct QuotaLimits {
  std::uint64_t octets = 0;
  std::uint64_t messages = 0;
};

struct QuotaUsage {
  std::uint64_t octets = 0;    // of all emails, each counted once however many mailboxes it is in
  std::uint64_t messages = 0;  // in all mailboxes, copies included
  friend bool operator==(const QuotaUsage&, const QuotaUsage&) = default;
};

}  // namespace veredus::state::mailbox
