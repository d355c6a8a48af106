#include "doors/imap/fetch_plan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/codec/ascii.h"
#include "doors/imap/section.h"
#include "wire/mime/summary.h"

namespace veredus::doors::imap {

using state::mailbox::SheetColumn;
using wire::imap::FetchItem;
using wire::imap::FetchKind;

namespace {

constexpr std::size_t kListedItems = 32;  // of one line that is written in one go

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

bool is_flags(const FetchItem& item) {
  return item.kind == FetchKind::kUid || item.kind == FetchKind::kFlags || item.kind == FetchKind::kModSeq;
}

std::uint32_t summary_fields(const std::vector<std::string>& names) {
  static_assert(wire::mime::kSummaryFields.size() <= 32);
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < wire::mime::kSummaryFields.size(); ++i) {
    const auto is_it = [i](const std::string& name) {
      return base::codec::iequals_ascii(name, wire::mime::kSummaryFields[i]);
    };
    if (std::ranges::any_of(names, is_it)) bits |= std::uint32_t{1} << i;
  }
  return bits;
}

/// nullopt: no sheet has it.
std::optional<SheetColumn> column_for(const FetchItem& item) {
  if (item.kind == FetchKind::kEnvelope) return SheetColumn::kEnvelope;
  if (item.kind == FetchKind::kBodyStructure) return SheetColumn::kBodyStructure;
  if (item.kind == FetchKind::kBodySection) return SheetColumn::kFields;
  return std::nullopt;
}

void plan_columns(FetchPlan& plan) {
  plan.column_of.resize(plan.items.size());
  plan.wanted_fields.resize(plan.items.size());
  if (!plan.needs_email || plan.needs_body || plan.items.size() > kListedItems) return;
  for (std::size_t i = 0; i < plan.items.size(); ++i) {
    FetchPlan alone;
    note_needs(alone, plan.items[i], plan.stored_fields[i]);
    if (!alone.needs_email) continue;
    const auto column = column_for(plan.items[i]);
    if (!column) return plan.columns.clear();
    const auto at = std::ranges::find(plan.columns, *column);
    plan.column_of[i] = static_cast<std::size_t>(at - plan.columns.begin());
    if (at == plan.columns.end()) plan.columns.push_back(*column);
    if (plan.stored_fields[i]) plan.wanted_fields[i] = summary_fields(plan.items[i].section.fields);
  }
}

}  // namespace

FetchPlan FetchPlan::of(wire::imap::Fetch& command, const Session& session) {
  FetchPlan plan;
  const bool uid_only = session.has(Extension::kUidOnly);  // RFC 9586 s3.3: the UID is in front already
  // Some programs take the first item for the UID they asked for, whatever it is; so it always comes first.
  const auto uids = std::ranges::count(command.items, FetchKind::kUid, &FetchItem::kind);
  const bool nothing_else = static_cast<std::size_t>(uids) == command.items.size() && !command.changed_since;
  const bool wants_uid = command.uid || uids != 0;
  if (wants_uid && (!uid_only || nothing_else)) plan.items.push_back({.kind = FetchKind::kUid});
  for (auto& item : command.items)
    if (item.kind != FetchKind::kUid) plan.items.push_back(std::move(item));
  const bool modseq = std::ranges::count(plan.items, FetchKind::kModSeq, &FetchItem::kind) != 0;
  if (command.changed_since && !modseq) plan.items.push_back({.kind = FetchKind::kModSeq});  // RFC 7162 s3.1.4.1
  for (const auto& item : plan.items) {
    const bool stored = item.kind == FetchKind::kBodySection && stored_fields_suffice(item.section);
    plan.stored_fields.push_back(stored);
    if (auto& name = plan.names.emplace_back(); stored) wire::imap::append_item_name(name, item);
    plan.field_names.emplace_back(item.section.fields);
    note_needs(plan, item, stored);
    plan.sets_seen = plan.sets_seen || wire::imap::sets_seen(item);
  }
  plan.flags_alone = std::ranges::all_of(plan.items, is_flags);
  plan_columns(plan);
  return plan;
}

}  // namespace veredus::doors::imap
