#pragma once

#include "state/mailbox/mailbox.h"
#include "state/mailbox/rights.h"

namespace veredus::state::mailbox {

/// A mailbox and what the one who asked may do with it.
struct SharedMailbox {
  Mailbox mailbox;
  Rights rights;
};

}  // namespace veredus::state::mailbox
