#include "doors/imap/fetch_writer.h"

#include <algorithm>
#include <utility>

#include "doors/imap/fetch_line.h"
#include "doors/imap/section.h"
#include "doors/imap/section_writer.h"
#include "state/mailbox/object_id.h"

namespace veredus::doors::imap {

using state::mailbox::Message;
using wire::imap::FetchItem;
using wire::imap::FetchKind;
using wire::imap::FetchReply;

FetchWriter::FetchWriter(Talk* talk, const FetchPlan* plan, ReplyPace* pace)
    : talk_(talk), plan_(plan), pace_(pace), form_(fetch_form(talk->session)), recent_(recent_of(talk->session)) {}

std::uint8_t FetchWriter::flags_of(const Message& row) {
  while (!recent_.empty() && recent_.front().last < row.uid) recent_ = recent_.subspan(1);
  const bool is_recent = !recent_.empty() && recent_.front().first <= row.uid;
  return static_cast<std::uint8_t>(row.flags.bits() | (is_recent ? wire::imap::kRecentFlag : 0));
}

void FetchWriter::put_flag_list(FetchReply& reply, const Message& row) {
  const auto system = flags_of(row);
  if (!flags_.is_of(system, row.keywords)) {
    flags_ = {system, row.keywords, {}};
    const auto& table = talk_->session.selected->keywords;
    wire::imap::append_flag_list(flags_.text, system, table, row.keywords.low(), row.keywords.high());
  }
  reply.flags(flags_.text);
}

void FetchWriter::put_row_item(FetchReply& reply, const FetchItem& item, const Message& row) {
  switch (item.kind) {
    case FetchKind::kUid:
      uid_.set(row.uid.value);
      return reply.uid(uid_);
    case FetchKind::kFlags:
      return put_flag_list(reply, row);
    case FetchKind::kInternalDate:
      return reply.internal_date(row.internal_date);
    case FetchKind::kRfc822Size:
      return reply.rfc822_size(row.body.octets);
    case FetchKind::kModSeq:
      return reply.modseq(row.modseq.value);
    case FetchKind::kSaveDate:
      return reply.save_date(row.saved_at);
    case FetchKind::kEmailId:
      return reply.email_id(state::mailbox::object_id(talk_->session.selected->account(), row.body.email));
    default:
      return;
  }
}

void FetchWriter::finish(FetchReply& reply, const Message& row, bool flags_changed) {
  const auto& session = talk_->session;
  if (flags_changed && !plan_->wants_flags) put_flags(reply, session, row);
  if (flags_changed && !plan_->wants_modseq && session.has(Extension::kCondstore)) reply.modseq(row.modseq.value);
  const bool has_uid = form_ == FetchReply::Form::kUidFetch || plan_->items.front().kind == FetchKind::kUid;
  if (flags_changed && !has_uid && session.has(Extension::kQresync)) reply.uid(row.uid.value);  // RFC 7162 s3.2.4
  if (reply.empty()) reply.uid(row.uid.value);  // RFC 9051 s9: there is no empty msg-att
  reply.finish();
}

FetchReply FetchWriter::begin(const Message& row, std::uint32_t number) {
  number_.set(form_ == FetchReply::Form::kUidFetch ? row.uid.value : number);
  return {talk_->out.buffer(), number_, form_};
}

bool FetchWriter::is_repeated(const Message& row, std::uint32_t number) {
  if (number != last_.number + 1 || row.uid.value != last_.uid.value + 1) return false;
  if (plan_->wants_modseq && row.modseq != last_.modseq) return false;
  return !plan_->wants_flags || flags_.is_of(flags_of(row), row.keywords);
}

void FetchWriter::write_row(const Message& row, std::uint32_t number) {
  auto& out = talk_->out.buffer();
  if (!plan_->flags_alone || !is_repeated(row, number) || !last_.text.append_next(out)) {
    const auto line = out.size();
    auto reply = begin(row, number);
    for (const auto& item : plan_->items) put_row_item(reply, item, row);
    reply.finish();
    if (plan_->flags_alone) last_.text.keep(std::string_view(out).substr(line));
  }
  last_.number = number;
  last_.uid = row.uid;
  last_.modseq = row.modseq;
}

FetchWriter::Listed FetchWriter::write_listed(const Message& row, std::uint32_t number, const Sheets& sheets) {
  values_.clear();
  for (std::size_t i = 0; i < sheets.size(); ++i) {
    const auto value = sheets[i]->find(row.uid, row.body.email);
    if (!value) return Listed::kNotThere;
    if (value->empty()) return Listed::kIncomplete;
    values_.push_back(*value);
  }
  auto reply = begin(row, number);
  for (std::size_t i = 0; i < plan_->items.size(); ++i) put_listed_item(reply, i, row);
  reply.finish();
  return Listed::kWritten;
}

void FetchWriter::put_listed_item(FetchReply& reply, std::size_t index, const Message& row) {
  const auto& item = plan_->items[index];
  switch (item.kind) {
    case FetchKind::kEnvelope:
      return reply.ready("ENVELOPE", values_[plan_->column_of[index]]);
    case FetchKind::kBodyStructure:
      return reply.ready("BODYSTRUCTURE", values_[plan_->column_of[index]]);
    case FetchKind::kBodySection:
      return put_listed_fields(reply, index, values_[plan_->column_of[index]]);
    default:
      return put_row_item(reply, item, row);
  }
}

void FetchWriter::put_listed_fields(FetchReply& reply, std::size_t index, std::string_view packed) {
  const auto wanted = plan_->wanted_fields[index];
  lines_.clear();
  state::mailbox::for_each_sheet_field(packed, [this, wanted](std::size_t field, std::string_view line) {
    if ((wanted >> field & 1) != 0) lines_.push_back(line);
  });
  put_lines(reply, index);
}

/// The octets of `lines_` and an empty line, as far as the item wants them.
void FetchWriter::put_lines(FetchReply& reply, std::size_t index) {
  lines_.emplace_back("\r\n");
  std::uint64_t octets = 0;
  for (const auto line : lines_) octets += line.size();
  auto rest = clip(OctetSpan{0, octets}, plan_->items[index].range);
  reply.literal(plan_->names[index], rest.end - rest.begin);
  auto& out = talk_->out.buffer();
  const auto begin = out.size();
  for (const auto line : lines_) {
    const auto from = std::min<std::uint64_t>(rest.begin, line.size());
    const auto to = std::min<std::uint64_t>(rest.end, line.size());
    out.append(line.substr(from, to - from));
    rest.begin -= from;
    rest.end -= to;
  }
  replace_nul(out, begin);
}

void FetchWriter::put_email_item(FetchReply& reply, const FetchItem& item, const FetchedMessage& message) {
  const auto& email = message.email.view();
  switch (item.kind) {
    case FetchKind::kEnvelope:
      return reply.ready("ENVELOPE", email.envelope);
    case FetchKind::kBody:
      return reply.ready("BODY", email.body);
    case FetchKind::kBodyStructure:
      return reply.ready("BODYSTRUCTURE", email.bodystructure);
    case FetchKind::kPreview:
      return reply.preview(email.preview);
    case FetchKind::kThreadId:
      return reply.thread_id(state::mailbox::object_id(talk_->session.selected->account(), email.thread));
    default:
      return put_row_item(reply, item, message.row);
  }
}

void FetchWriter::put_stored_fields(FetchReply& reply, std::size_t index, const state::mailbox::EmailView& email) {
  const auto& item = plan_->items[index];
  const auto& wanted = plan_->field_names[index];
  std::uint64_t octets = 2;
  chosen_.clear();
  email.fields.for_each_pair([&](std::string_view name, std::string_view value) {
    if (!wanted.contains(name)) return;
    chosen_.emplace_back(name, value);
    octets += name.size() + value.size() + 3;
  });
  auto& out = talk_->out.buffer();
  const auto part = clip(OctetSpan{0, octets}, item.range);
  reply.literal(plan_->names[index], part.end - part.begin);
  const auto begin = out.size();
  for (const auto& [name, value] : chosen_) out.append(name).append(":").append(value).append("\r\n");
  out.append("\r\n");
  out.resize(begin + part.end);
  out.erase(begin, part.begin);
  replace_nul(out, begin);
}

bool FetchWriter::put_stored(FetchReply& reply, std::size_t index, const FetchedMessage& message) {
  const auto& item = plan_->items[index];
  if (!SectionWriter::writes(item.kind)) {
    put_email_item(reply, item, message);
    return true;
  }
  if (!plan_->stored_fields[index] || !message.email.view().fields_complete) return false;
  put_stored_fields(reply, index, message.email.view());
  return true;
}

asio::awaitable<bool> FetchWriter::write(FetchedMessage* message) {
  SectionWriter sections(talk_, plan_, pace_, message);
  auto reply = begin(message->row, message->number);
  for (std::size_t i = 0; i < plan_->items.size(); ++i) {
    if (SectionWriter::writes(plan_->items[i].kind) && pace_->is_due()) {
      const bool goes_on = co_await pace_->pause();
      if (!goes_on) co_return false;
    }
    if (put_stored(reply, i, *message) || sections.put_now(reply, i)) continue;
    const bool done = co_await sections.put(&reply, i);
    if (!done) co_return false;
  }
  met_unknown_encoding_ = met_unknown_encoding_ || sections.met_unknown_encoding();
  finish(reply, message->row, message->flags_changed);
  co_return true;
}

}  // namespace veredus::doors::imap
