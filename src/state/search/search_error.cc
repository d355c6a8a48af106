#include "state/search/search_error.h"

namespace veredus::state::search {

std::string_view to_string(SearchError error) {
  switch (error) {
    case SearchError::kNoSuchMailbox:
      return "no such mailbox";
    case SearchError::kTooComplex:
      return "too many conditions";
    case SearchError::kTooLarge:
      return "more memory than may be used";
    case SearchError::kStopped:
      return "stopped";
    case SearchError::kBusy:
      return "too much to do at the moment";
    case SearchError::kUnavailable:
      return "the store cannot be read now";
    case SearchError::kCorrupt:
      return "what was read is damaged";
  }
  return "unknown error";
}

Permanence permanence(SearchError error) {
  switch (error) {
    case SearchError::kStopped:
    case SearchError::kBusy:
    case SearchError::kUnavailable:
      return Permanence::kTemporary;
    default:
      return Permanence::kPermanent;
  }
}

SearchError from_mailbox(mailbox::MailboxError error) {
  switch (error) {
    case mailbox::MailboxError::kNoSuchMailbox:
      return SearchError::kNoSuchMailbox;
    case mailbox::MailboxError::kCorrupt:
      return SearchError::kCorrupt;
    default:
      return SearchError::kUnavailable;
  }
}

}  // namespace veredus::state::search
