#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/types/ids.h"
#include "state/mailbox/allowed_flags.h"
#include "state/mailbox/flags.h"
#include "state/mailbox/message.h"
#include "state/mailbox/uid_set.h"

namespace veredus::state::mailbox {

/// What STORE asks for. Flags that are not `allowed` stay as they are, whatever it says of them.
struct FlagChange {
  enum class Mode : std::uint8_t { kSet, kAdd, kRemove } mode = Mode::kSet;
  FlagSet flags;
  std::vector<std::string> keywords;
  std::optional<ModSeq> unchanged_since;  // RFC 7162 s3.1.3
  AllowedFlags allowed = {};              // RFC 4314 s4
};

/// What came of it. A message that had the flags already keeps its MODSEQ.
struct FlagsStored {
  std::vector<Message> messages;  // those named that exist, as they are now; ascending. Without `refused`
  std::vector<Uid> changed;       // of those, the ones really changed
  std::vector<ModSeq> before;     // MODSEQ of each of `changed` until then
  UidSet refused;                 // changed after `unchanged_since` (RFC 7162 s3.1.3 MODIFIED)
  ModSeq modseq;                  // of the account, when done
  /// From this MODSEQ to `modseq` nothing else happened in the mailbox. nullopt: something did.
  std::optional<ModSeq> alone_since;
};

}  // namespace veredus::state::mailbox
