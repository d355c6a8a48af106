#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "state/mailbox/quota.h"

namespace veredus::state::mailbox {

/// What a walk over every row of an account found.
struct Verification {
  std::vector<std::string> differences;  // each a sentence for people; empty: all is well
  std::uint64_t mailboxes = 0;
  std::uint64_t emails = 0;  // readable ones, expunged ones included
  std::uint64_t rows = 0;
  std::uint64_t staged = 0;  // bodies still arriving, or left by a crash and not swept yet
  QuotaUsage usage;          // recounted
};

enum class BodyCheck : std::uint8_t { kPresence, kLengths };  // kLengths also reads every body

}  // namespace veredus::state::mailbox
