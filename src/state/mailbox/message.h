#pragma once

#include <cstdint>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "state/mailbox/flags.h"

namespace veredus::state::mailbox {

constexpr std::uint32_t kChunkOctets = 256 * 1024;

/// Where a message's octets are: enough to read any of them (Mailboxes::read_body) without another row.
/// Chunk 0 has `first_octets`; the rest is in chunks 1.. of kChunkOctets each, the last one shorter.
struct StoredBody {
  EmailId email;
  std::uint64_t octets = 0;        // of the whole message
  std::uint32_t first_octets = 0;  // of chunk 0
  friend bool operator==(const StoredBody&, const StoredBody&) = default;
};

/// A message as it stands in one mailbox: all that FETCH FLAGS, POP3 LIST and UIDL need.
struct Message {
  Uid uid;
  ModSeq modseq;
  ModSeq created_modseq;
  FlagSet flags;
  bool utf8_header = false;  // its header holds octets beyond ASCII (RFC 6532)
  bool unended = false;      // its last line has no line end
  KeywordSet keywords;
  SystemTime internal_date;  // RFC 9051 s2.3.3
  SystemTime saved_at;       // RFC 8514 s2
  StoredBody body;           // its `email` is the message's id, the same in every mailbox it was copied to
  friend bool operator==(const Message&, const Message&) = default;
};

/// What a session keeps of each message it shows.
struct MessageMark {
  Uid uid;
  FlagSet flags;
  ModSeq modseq;
  KeywordSet keywords;
  friend bool operator==(const MessageMark&, const MessageMark&) = default;
};

struct MessagePage {
  std::vector<Message> messages;  // ascending UIDs
  bool more = false;              // go on after the last one
};

}  // namespace veredus::state::mailbox
