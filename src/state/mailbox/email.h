#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "state/mailbox/message.h"

namespace veredus::state::mailbox {

/// What is known of a message without reading it: made once, at delivery (wire/mime's Summary), never changed.
struct EmailContent {
  std::string envelope;                                      // RFC 9051 s7.5.2 ENVELOPE, ready to send
  std::string bodystructure;                                 // the same: BODYSTRUCTURE
  std::string body;                                          // the same: BODY
  std::string part_table;                                    // offsets of every part; wire/mime reads it
  std::vector<std::pair<std::string, std::string>> headers;  // those clients ask for, raw
  std::string preview;                                       // UTF-8, RFC 8970
  std::string subject;                                       // UTF-8, decoded
  std::string message_id;                                    // without angle brackets; empty: none
  std::vector<std::string> in_reply_to;                      // message ids, without angle brackets
  std::vector<std::string> references;                       // the same, oldest first
  std::optional<SystemTime> sent_at;                         // Date
  friend bool operator==(const EmailContent&, const EmailContent&) = default;
};

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
  friend bool operator==(const Email&, const Email&) = default;
};

}  // namespace veredus::state::mailbox
