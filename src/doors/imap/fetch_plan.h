#pragma once

#include <string>
#include <vector>

#include "doors/imap/session.h"
#include "wire/imap/fetch_item.h"

namespace veredus::doors::imap {

/// What a FETCH needs to be answered, worked out once for all its messages.
struct FetchPlan {
  std::vector<wire::imap::FetchItem> items;  // UID first; each once
  std::vector<bool> stored_fields;           // for each item: the stored header fields answer it
  std::vector<std::string> names;            // of those items, as replies have them
  bool wants_flags = false;
  bool wants_modseq = false;
  bool sets_seen = false;
  bool needs_email = false;  // the stored summary
  bool needs_body = false;   // octets of the message

  [[nodiscard]] static FetchPlan of(wire::imap::Fetch& command, const Session& session);
};

}  // namespace veredus::doors::imap
