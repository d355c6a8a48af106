#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/types/ids.h"

namespace veredus::state::mailbox {

constexpr MailboxId kInbox{1};  // every account has it, always under this id
constexpr char kHierarchySeparator = '/';

/// RFC 6154. On disk, do not renumber.
enum class SpecialUse : std::uint8_t {
  kNone = 0,
  kArchive = 1,
  kDrafts = 2,
  kFlagged = 3,
  kJunk = 4,
  kSent = 5,
  kTrash = 6,
  kAll = 7,
  kImportant = 8,  // RFC 8457
};

struct GivenUse {
  MailboxId mailbox;
  SpecialUse use = SpecialUse::kNone;
};

/// Kept with the mailbox, so that STATUS opens nothing.
struct MailboxCounts {
  std::uint32_t messages = 0;
  std::uint32_t unseen = 0;
  std::uint32_t deleted = 0;  // with \Deleted
  std::uint64_t octets = 0;
  friend bool operator==(const MailboxCounts&, const MailboxCounts&) = default;
};

/// One mailbox, as of one moment.
struct Mailbox {
  MailboxId id;
  std::string name;  // UTF-8, levels separated by '/'; the first level "INBOX" in capitals
  UidValidity uid_validity;
  Uid uid_next{1};
  ModSeq created_modseq;
  ModSeq highest_modseq;  // RFC 7162
  ModSeq
      deleted_modseq;   // expunges up to here are no longer in the change log: VANISHED must be worked out from absence
  Uid first_recent{1};  // messages from here on have not been shown to a read-write session (RFC 3501 \Recent)
  MailboxCounts counts;
  SpecialUse special_use = SpecialUse::kNone;
  std::vector<std::string> keywords;  // ever used here; the index is the bit in KeywordSet
  bool subscribed = false;
  bool has_children = false;
  friend bool operator==(const Mailbox&, const Mailbox&) = default;
};

}  // namespace veredus::state::mailbox
