#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "doors/imap/header_filter.h"
#include "doors/imap/session.h"
#include "state/mailbox/email_sheet.h"
#include "wire/imap/fetch_item.h"

namespace veredus::doors::imap {

/// What a FETCH needs to be answered, worked out once for all its messages.
struct FetchPlan {
  std::vector<wire::imap::FetchItem> items;  // UID first; each once
  std::vector<bool> stored_fields;           // for each item: the stored header fields answer it
  std::vector<std::string> names;            // of those items, as replies have them
  std::vector<FieldNames> field_names;       // for each item: what its section names
  bool wants_flags = false;
  bool wants_modseq = false;
  bool sets_seen = false;
  bool needs_email = false;  // the stored summary
  bool needs_body = false;   // octets of the message
  bool flags_alone = false;  // nothing but UID, FLAGS and MODSEQ
  /// What is needed of the summary, when sheets have all of it; else empty.
  std::vector<state::mailbox::SheetColumn> columns;
  std::vector<std::size_t> column_of;        // for each item that needs one: its index in `columns`
  std::vector<std::uint32_t> wanted_fields;  // for each item of stored_fields: bits of wire::mime::kSummaryFields

  [[nodiscard]] static FetchPlan of(wire::imap::Fetch& command, const Session& session);
};

}  // namespace veredus::doors::imap
