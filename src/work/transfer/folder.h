#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/mailbox/mailbox.h"
#include "wire/imap/response.h"

namespace veredus::work::transfer {

/// A mailbox of the other server, and what it becomes here.
struct Folder {
  std::string name;   // as the server calls it: UTF-8
  std::string local;  // as it is called here
  state::mailbox::SpecialUse use = state::mailbox::SpecialUse::kNone;
};

/// What is to be copied of what LIST answered: no mere levels, no views of other mailboxes (\All, \Flagged). `prefix`
/// is that of the personal namespace there ("INBOX."), which here is none. Names become what names are here: levels
/// separated by '/', no control characters, nothing below "Shared".
[[nodiscard]] std::vector<Folder> folders_of(const std::vector<wire::imap::ListResponse>& listed,
                                             std::string_view prefix);

/// The prefix of the first personal namespace of a NAMESPACE response.
[[nodiscard]] std::optional<std::string> personal_prefix(const wire::imap::Response& response);

/// A name that may be a mailbox's here. `separator` 0: one level.
[[nodiscard]] std::string local_name(std::string_view name, char separator);

}  // namespace veredus::work::transfer
