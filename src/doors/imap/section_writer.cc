#include "doors/imap/section_writer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "doors/imap/fetch_line.h"
#include "doors/imap/header_filter.h"
#include "doors/imap/part_decoder.h"

namespace veredus::doors::imap {

using wire::imap::FetchItem;
using wire::imap::FetchKind;
using wire::imap::FetchReply;

namespace {

constexpr std::size_t kFilteredAtOnce = std::size_t{16} * 1024;  // longer blocks are filtered step by step

/// The old names of whole messages, headers and texts are sections too (RFC 3501 s6.4.5).
const wire::imap::Section& section_of(const FetchItem& item) {
  static const wire::imap::Section header{.text = wire::imap::SectionText::kHeader};
  static const wire::imap::Section text{.text = wire::imap::SectionText::kText};
  if (item.kind == FetchKind::kRfc822Header) return header;
  return item.kind == FetchKind::kRfc822Text ? text : item.section;
}

bool is_binary(FetchKind kind) { return kind == FetchKind::kBinary || kind == FetchKind::kBinarySize; }

}  // namespace

SectionWriter::SectionWriter(Talk* talk, const FetchPlan* plan, ReplyPace* pace, FetchedMessage* message)
    : talk_(talk),
      plan_(plan),
      pace_(pace),
      message_(message),
      body_(&talk->services.mailboxes, talk->session.selected->account(), message->row.body,
            std::move(message->first_chunk).value_or("")) {}

bool SectionWriter::writes(FetchKind kind) {
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

SectionPlace SectionWriter::find(const FetchItem& item) {
  const auto& section = section_of(item);
  if (needs_parts(section) && parts_.empty())
    if (auto table = wire::mime::decode_part_table(message_->email.view().part_table)) parts_ = *std::move(table);
  return locate(section, parts_, message_->row.body.octets);
}

bool SectionWriter::put_nothing(FetchReply& reply, const FetchItem& item) {
  if (is_binary(item.kind) && place_.unknown_encoding) {
    met_unknown_encoding_ = true;
    if (item.kind == FetchKind::kBinary) reply.nil(item);  // RFC 3516 s7: a size is a number
    return true;
  }
  if (place_.kind != SectionPlace::Kind::kNotThere) return false;
  if (item.kind == FetchKind::kBinarySize)
    reply.binary_size(item, 0);  // RFC 3516 s7: a number, never NIL
  else
    reply.nil(item);
  return true;
}

bool SectionWriter::put_now(FetchReply& reply, std::size_t index) {
  const auto& item = plan_->items[index];
  place_ = find(item);
  if (put_nothing(reply, item)) return true;
  if (is_binary(item.kind)) return false;
  return place_.kind == SectionPlace::Kind::kFields ? put_fields_now(reply, index) : put_octets_now(reply, item);
}

bool SectionWriter::put_fields_now(FetchReply& reply, std::size_t index) {
  const auto& item = plan_->items[index];
  const auto octets = place_.end - place_.begin;
  if (octets > kFilteredAtOnce) return false;
  const auto there = body_.at_hand(place_.begin, place_.end);
  if (there.size() != octets) return false;
  HeaderFilter filter(there, &plan_->field_names[index], item.section.text);
  while (filter.step()) continue;
  const auto text = filter.take();
  const auto part = clip(text, item.range);
  auto& out = talk_->out.buffer();
  reply.literal(item, part.size());
  out.append(part);
  replace_nul(out, out.size() - part.size());
  return true;
}

bool SectionWriter::put_octets_now(FetchReply& reply, const FetchItem& item) {
  const auto span = clip(OctetSpan{place_.begin, place_.end}, item.range);
  const auto octets = span.end - span.begin;
  const auto there = body_.at_hand(span.begin, span.end);
  if (there.size() != octets) return false;
  auto& out = talk_->out.buffer();
  reply.literal(item, octets);
  out.append(there);
  replace_nul(out, out.size() - octets);
  talk_->counts.body_octets += octets;
  return true;
}

asio::awaitable<bool> SectionWriter::put(FetchReply* reply, std::size_t index) {
  const auto& item = plan_->items[index];
  if (is_binary(item.kind)) return put_binary(reply, &item);
  return place_.kind == SectionPlace::Kind::kFields ? put_fields(reply, index) : put_octets(reply, &item);
}

asio::awaitable<bool> SectionWriter::put_fields(FetchReply* reply, std::size_t index) {
  const auto& item = plan_->items[index];
  const auto block = co_await body_.read_all(place_.begin, place_.end, HeaderFilter::kMostOctets);
  if (!block) co_return false;
  HeaderFilter filter(*block, &plan_->field_names[index], item.section.text);
  while (filter.step()) {
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

asio::awaitable<bool> SectionWriter::put_octets(FetchReply* reply, const FetchItem* item) {
  const auto span = clip(OctetSpan{place_.begin, place_.end}, item->range);
  reply->literal(*item, span.end - span.begin);
  for (auto at = span.begin; at < span.end;) {
    const auto some = co_await body_.read(at, span.end);
    if (!some) co_return false;
    std::string piece(*some);
    replace_nul(piece, 0);
    talk_->out.append_long(std::move(piece));
    talk_->counts.body_octets += some->size();
    at += some->size();
    if (!pace_->is_due()) continue;
    const bool goes_on = co_await pace_->pause();
    if (!goes_on) co_return false;
  }
  co_return true;
}

/// RFC 3516 s4: the decoded part. What is short is decoded once; a long one twice, for its size must be said first.
asio::awaitable<bool> SectionWriter::put_binary(FetchReply* reply, const FetchItem* item) {
  PartDecoder measuring(place_, &body_, &pace_->stint());
  const auto measured = co_await measuring.measure();
  if (!measured) co_return false;
  if (item->kind == FetchKind::kBinarySize) {
    reply->binary_size(*item, measured->octets);
    co_return true;
  }
  const auto span = clip(OctetSpan{0, measured->octets}, item->range);
  reply->literal(*item, span.end - span.begin, measured->has_nul);
  PartDecoder decoder(place_, &body_, &pace_->stint());
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

}  // namespace veredus::doors::imap
