#pragma once

#include <string>
#include <vector>

#include "state/mailbox/turn.h"

namespace veredus::state::mailbox {

/// The keys of the annotations below `prefix`, as the turn leaves them, in order. The caller joins.
AsyncOutcome<std::vector<std::string>> annotation_keys(Turn* turn, std::string prefix);

}  // namespace veredus::state::mailbox
