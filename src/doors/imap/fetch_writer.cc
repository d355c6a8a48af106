#include "doors/imap/fetch_writer.h"

#include <algorithm>
#include <utility>

#include "base/observe/log.h"
#include "doors/imap/fetch_line.h"
#include "doors/imap/part_decoder.h"
#include "state/mailbox/object_id.h"

namespace veredus::doors::imap {

using state::mailbox::Message;
using wire::imap::FetchItem;
using wire::imap::FetchKind;
using wire::imap::FetchReply;

namespace {

constexpr auto kHeaderOctets = std::size_t{1024} * 1024;  // of one block that is filtered; fields beyond are not found
constexpr std::size_t kFilteredAtOnce = 16 * 1024;        // longer blocks are filtered step by step

/// The old names of whole messages, headers and texts are sections too (RFC 3501 s6.4.5).
const wire::imap::Section& section_of(const FetchItem& item) {
  static const wire::imap::Section header{.text = wire::imap::SectionText::kHeader};
  static const wire::imap::Section text{.text = wire::imap::SectionText::kText};
  if (item.kind == FetchKind::kRfc822Header) return header;
  return item.kind == FetchKind::kRfc822Text ? text : item.section;
}

bool is_section(FetchKind kind) {
  switch (kind) {
    case FetchKind::kBodySection:
    case FetchKind::kBinary:
    case FetchKind::kBinarySize:
    case FetchKind::kRfc822:
    case FetchKind::kRfc822Header:
    case FetchKind::kRfc822Text:
      return true;
    default:
      return false;
  }
}

/// A literal has no NUL, a literal8 may (RFC 9051 s4.3): what was appended behind `begin` gets another octet for each.
void replace_nul(std::string& out, std::size_t begin) {
  constexpr char kOther = '\x80';
  const auto first = out.find('\0', begin);  // mostly there is none
  if (first != std::string::npos)
    std::replace(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), '\0', kOther);
}

bool is_binary(FetchKind kind) { return kind == FetchKind::kBinary || kind == FetchKind::kBinarySize; }

}  // namespace

FetchWriter::FetchWriter(Talk* talk, const FetchPlan* plan, FetchPace* pace)
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
  pace_->use(octets);
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

bool FetchWriter::put_section_now(FetchReply& reply, std::size_t index, const SectionPlace& place,
                                  const BodyReader& body) {
  const auto& item = plan_->items[index];
  if (place.kind == SectionPlace::Kind::kNotThere) {
    if (item.kind == FetchKind::kBinarySize)
      reply.binary_size(item, 0);  // RFC 3516 s7: a number, never NIL
    else
      reply.nil(item);
    return true;
  }
  if (is_binary(item.kind)) return false;
  const bool fields = place.kind == SectionPlace::Kind::kFields;
  const auto span = fields ? OctetSpan{place.begin, place.end} : clip({place.begin, place.end}, item.range);
  const auto octets = span.end - span.begin;
  if (fields && octets > kFilteredAtOnce) return false;
  const auto there = body.at_hand(span.begin, span.end);
  if (there.size() != octets) return false;
  auto& out = talk_->out.buffer();
  if (fields) {
    HeaderFilter filter(there, &plan_->field_names[index], item.section.text);
    while (const auto work = filter.step()) pace_->use(work);
    const auto text = filter.take();
    const auto part = clip(text, item.range);
    reply.literal(item, part.size());
    out.append(part);
    replace_nul(out, out.size() - part.size());
  } else {
    reply.literal(item, octets);
    out.append(there);
    replace_nul(out, out.size() - octets);
    talk_->counts.body_octets += octets;
  }
  return true;
}

asio::awaitable<bool> FetchWriter::put_section(FetchReply* reply, std::size_t index, SectionPlace place,
                                               BodyReader* body) {
  const auto& item = plan_->items[index];
  if (is_binary(item.kind)) return put_binary(reply, &item, place, body);
  if (place.kind == SectionPlace::Kind::kFields) return put_fields(reply, index, place, body);
  return put_octets(reply, &item, clip({place.begin, place.end}, item.range), body);
}

asio::awaitable<bool> FetchWriter::put_fields(FetchReply* reply, std::size_t index, SectionPlace place,
                                              BodyReader* body) {
  const auto& item = plan_->items[index];
  const auto block = co_await body->read_all(place.begin, place.end, kHeaderOctets);
  if (!block) co_return false;
  pace_->use(block->size());  // what is no field is passed over at once
  HeaderFilter filter(*block, &plan_->field_names[index], item.section.text);
  while (const auto work = filter.step()) {
    pace_->use(work);
    if (!pace_->is_due()) continue;
    const bool goes_on = co_await pace_->pause();
    if (!goes_on) co_return false;
  }
  auto text = filter.take();
  const auto part = clip(OctetSpan{0, text.size()}, item.range);
  text.resize(part.end);
  text.erase(0, part.begin);
  replace_nul(text, 0);
  reply->literal(item, text.size());
  talk_->out.append_long(std::move(text));
  co_return true;
}

asio::awaitable<bool> FetchWriter::put_octets(FetchReply* reply, const FetchItem* item, OctetSpan span,
                                              BodyReader* body) {
  reply->literal(*item, span.end - span.begin);
  for (auto at = span.begin; at < span.end;) {
    const auto some = co_await body->read(at, span.end);
    if (!some) co_return false;
    std::string piece(*some);
    replace_nul(piece, 0);
    talk_->out.append_long(std::move(piece));
    talk_->counts.body_octets += some->size();
    at += some->size();
    pace_->use(some->size());
    if (!pace_->is_due()) continue;
    const bool goes_on = co_await pace_->pause();
    if (!goes_on) co_return false;
  }
  co_return true;
}

/// RFC 3516 s4: the decoded part. What is short is decoded once; a long one twice, for its size must be said first.
asio::awaitable<bool> FetchWriter::put_binary(FetchReply* reply, const FetchItem* item, SectionPlace place,
                                              BodyReader* body) {
  PartDecoder measuring(place, body, &pace_->work());
  const auto measured = co_await measuring.measure();
  if (!measured) co_return false;
  if (item->kind == FetchKind::kBinarySize) {
    reply->binary_size(*item, measured->octets);
    co_return true;
  }
  const auto span = clip(OctetSpan{0, measured->octets}, item->range);
  reply->literal(*item, span.end - span.begin, measured->has_nul);
  PartDecoder decoder(place, body, &pace_->work());
  std::uint64_t at = 0;
  while (at < span.end) {
    auto some = co_await decoder.next();
    if (!some || some->empty()) co_return false;
    const auto begin = std::max(at, span.begin);
    const auto end = std::min<std::uint64_t>(at + some->size(), span.end);
    if (begin < end) talk_->out.append_long(some->substr(begin - at, end - begin));
    at += some->size();
    if (!pace_->is_due()) continue;
    const bool goes_on = co_await pace_->pause();
    if (!goes_on) co_return false;
  }
  talk_->counts.body_octets += span.end - span.begin;
  co_return true;
}

bool FetchWriter::put_stored(FetchReply& reply, std::size_t index, const FetchedMessage& message) {
  const auto& item = plan_->items[index];
  if (!is_section(item.kind)) {
    put_email_item(reply, item, message);
    return true;
  }
  if (!plan_->stored_fields[index] || !message.email.view().fields_complete) return false;
  put_stored_fields(reply, index, message.email.view());
  return true;
}

SectionPlace FetchWriter::find_section(std::size_t index, const FetchedMessage& message,
                                       std::vector<wire::mime::PartEntry>& parts) {
  const auto& section = section_of(plan_->items[index]);
  if (needs_parts(section)) {
    if (parts.empty())
      if (auto table = wire::mime::decode_part_table(message.email.view().part_table)) parts = *std::move(table);
    pace_->use(parts.size() * sizeof(wire::mime::PartEntry));
  }
  return locate(section, parts, message.row.body.octets);
}

asio::awaitable<bool> FetchWriter::write(FetchedMessage* message) {
  const auto& row = message->row;
  const auto account = talk_->session.selected->account();
  std::vector<wire::mime::PartEntry> parts;
  BodyReader body(&talk_->services.mailboxes, account, row.body, std::move(message->first_chunk).value_or(""));
  auto reply = begin(row, message->number);
  for (std::size_t i = 0; i < plan_->items.size(); ++i) {
    if (pace_->is_due()) {
      const bool goes_on = co_await pace_->pause();
      if (!goes_on) co_return false;
    }
    if (put_stored(reply, i, *message)) continue;
    const auto& item = plan_->items[i];
    const auto place = find_section(i, *message, parts);
    if (is_binary(item.kind) && place.unknown_encoding) {
      met_unknown_encoding_ = true;
      if (item.kind == FetchKind::kBinary) reply.nil(item);  // RFC 3516 s7: a size is a number
      continue;
    }
    if (put_section_now(reply, i, place, body)) continue;
    const bool done = co_await put_section(&reply, i, place, &body);
    if (!done) co_return false;
  }
  finish(reply, row, message->flags_changed);
  co_return true;
}

}  // namespace veredus::doors::imap
