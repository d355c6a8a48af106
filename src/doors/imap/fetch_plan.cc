#include "doors/imap/fetch_plan.h"

#include <algorithm>
#include <utility>

#include "doors/imap/section.h"

namespace veredus::doors::imap {

using wire::imap::FetchItem;
using wire::imap::FetchKind;

namespace {

void note_needs(FetchPlan& plan, const FetchItem& item, bool stored_fields) {
  switch (item.kind) {
    case FetchKind::kFlags:
      plan.wants_flags = true;
      break;
    case FetchKind::kModSeq:
      plan.wants_modseq = true;
      break;
    case FetchKind::kEnvelope:
    case FetchKind::kBody:
    case FetchKind::kBodyStructure:
    case FetchKind::kPreview:
    case FetchKind::kThreadId:
      plan.needs_email = true;
      break;
    case FetchKind::kBodySection:
    case FetchKind::kBinary:
    case FetchKind::kBinarySize:
      if (stored_fields || needs_parts(item.section)) plan.needs_email = true;
      if (!stored_fields) plan.needs_body = true;
      break;
    case FetchKind::kRfc822Header:
    case FetchKind::kRfc822Text:
      plan.needs_email = plan.needs_body = true;
      break;
    case FetchKind::kRfc822:
      plan.needs_body = true;
      break;
    default:
      break;
  }
}

}  // namespace

FetchPlan FetchPlan::of(wire::imap::Fetch& command, const Session& session) {
  FetchPlan plan;
  const bool uid_only = session.has(Extension::kUidOnly);  // RFC 9586 s3.3: the UID is in front already
  // Some programs take the first item for the UID they asked for, whatever it is; so it always comes first.
  const bool wants_uid = command.uid || std::ranges::count(command.items, FetchKind::kUid, &FetchItem::kind) != 0;
  if (wants_uid && !uid_only) plan.items.push_back({.kind = FetchKind::kUid});
  for (auto& item : command.items)
    if (item.kind != FetchKind::kUid) plan.items.push_back(std::move(item));
  const bool modseq = std::ranges::count(plan.items, FetchKind::kModSeq, &FetchItem::kind) != 0;
  if (command.changed_since && !modseq) plan.items.push_back({.kind = FetchKind::kModSeq});  // RFC 7162 s3.1.4.1
  for (const auto& item : plan.items) {
    const bool stored = item.kind == FetchKind::kBodySection && stored_fields_suffice(item.section);
    plan.stored_fields.push_back(stored);
    if (auto& name = plan.names.emplace_back(); stored) wire::imap::append_item_name(name, item);
    note_needs(plan, item, stored);
    plan.sets_seen = plan.sets_seen || wire::imap::sets_seen(item);
  }
  return plan;
}

}  // namespace veredus::doors::imap
