#pragma once

#include <cstdint>

#include "state/mailbox/flags.h"
#include "state/mailbox/rights.h"

namespace veredus::state::mailbox {

/// Which flags somebody may set in a mailbox; all of them in one's own.
struct AllowedFlags {
  FlagSet system = FlagSet::from_bits(0xFF);
  bool keywords = true;

  /// Those of `flags` that may be set.
  [[nodiscard]] constexpr FlagSet of(FlagSet flags) const {
    return FlagSet::from_bits(static_cast<std::uint8_t>(flags.bits() & system.bits()));
  }
};

/// RFC 4314 s2.1, s4
[[nodiscard]] constexpr AllowedFlags flags_within(Rights rights) {
  AllowedFlags allowed{.system = {}, .keywords = rights.has(Right::kWrite)};
  if (rights.has(Right::kSeen)) allowed.system = allowed.system.with({Flag::kSeen});
  if (rights.has(Right::kDeleteMessages)) allowed.system = allowed.system.with({Flag::kDeleted});
  if (rights.has(Right::kWrite)) allowed.system = allowed.system.with({Flag::kAnswered, Flag::kFlagged, Flag::kDraft});
  return allowed;
}

}  // namespace veredus::state::mailbox
