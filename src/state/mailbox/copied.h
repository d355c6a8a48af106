#pragma once

#include <utility>
#include <vector>

#include "base/types/ids.h"
#include "state/mailbox/uid_set.h"

namespace veredus::state::mailbox {

/// What COPY and MOVE did (RFC 9051 s7.1 COPYUID). Messages named that are not there are passed over.
struct Copied {
  UidValidity uid_validity;               // of the target
  std::vector<std::pair<Uid, Uid>> uids;  // from, to; in ascending order of both
  ModSeq modseq;
};

struct Expunged {
  UidSet uids;
  ModSeq modseq;
};

}  // namespace veredus::state::mailbox
