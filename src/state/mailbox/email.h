#pragma once

#include <cstdint>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "state/mailbox/message.h"
#include "wire/mime/summary.h"

namespace veredus::state::mailbox {

/// What is known of a message without reading it: made once, at delivery, never changed.
using EmailContent = wire::mime::Summary;

/// Where a message stands.
struct Location {
  MailboxId mailbox;
  Uid uid;
  friend auto operator<=>(const Location&, const Location&) = default;
};

struct Email {
  StoredBody body;
  ThreadId thread;
  SystemTime received_at;
  std::vector<Location> locations;  // empty: expunged, readable for a while
  EmailContent content;
};

}  // namespace veredus::state::mailbox
