#pragma once

#include <cstdint>
#include <string_view>

#include "base/types/result.h"
#include "state/mailbox/mailbox_error.h"

namespace veredus::state::search {

enum class SearchError : std::uint8_t {
  kNoSuchMailbox,
  kTooComplex,   // more conditions than Options::conditions
  kTooLarge,     // it would take more memory than one account may have (search_memory.h)
  kStopped,      // Progress::stop was set
  kBusy,         // the workers have too much to do
  kUnavailable,  // the engine cannot read now
  kCorrupt,      // what was read is not what was written
};

[[nodiscard]] std::string_view to_string(SearchError error);
[[nodiscard]] Permanence permanence(SearchError error);
[[nodiscard]] SearchError from_mailbox(mailbox::MailboxError error);

}  // namespace veredus::state::search
