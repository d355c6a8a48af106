#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

#include "state/mailbox/row_fields.h"
#include "state/mailbox/rows.h"

/// Rows about many messages: neighbours are told by how they differ.
namespace veredus::state::mailbox::rows {
namespace {

constexpr std::uint8_t kHasKeywords = 32;  // beside the flags of a run
constexpr std::uint8_t kUtf8Header = 32;   // beside the flags of a message in a table part
constexpr std::uint8_t kUnended = 64;      // so too
constexpr std::uint8_t kMessageHasKeywords = 128;
constexpr std::size_t kMessageOctets = 9;         // at least, of a message in a table part
constexpr std::size_t kChangeOctets = 1 + 4 + 8;  // kind, uid, email in version 1
constexpr std::size_t kRunOctets = 4;             // at least, of a flag page

/// Small numbers for small differences either way.
std::uint64_t difference(std::uint64_t from, std::uint64_t to) {
  const auto signed_difference = static_cast<std::int64_t>(to - from);
  return (static_cast<std::uint64_t>(signed_difference) << 1) ^ static_cast<std::uint64_t>(signed_difference >> 63);
}

std::uint64_t moved(std::uint64_t from, std::uint64_t difference) {
  return from + ((difference >> 1) ^ (~(difference & 1) + 1));
}

std::uint64_t milliseconds(SystemTime time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); }
SystemTime time_of(std::uint64_t milliseconds) {
  return SystemTime(std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds)));
}

/// How many of `changes` from the first on are of one kind and of consecutive messages.
std::size_t run_length(std::span<const Change> changes) {
  std::size_t length = 1;
  while (length < changes.size() && changes[length].kind == changes[0].kind &&
         changes[length].uid.value == changes[length - 1].uid.value + 1)
    ++length;
  return length;
}

/// What one message of a table part differs by from the one before it.
void put_message(std::string& out, const Message& last, const Message& message) {
  put_varint(out, message.uid.value - last.uid.value - 1);
  put_be(out, static_cast<std::uint8_t>(message.flags.bits() | (message.utf8_header ? kUtf8Header : 0) |
                                        (message.unended ? kUnended : 0) |
                                        (message.keywords.empty() ? 0 : kMessageHasKeywords)));
  put_varint(out, difference(last.modseq.value, message.modseq.value));
  put_varint(out, message.modseq.value - message.created_modseq.value);
  put_varint(out, difference(milliseconds(last.internal_date), milliseconds(message.internal_date)));
  put_varint(out, difference(milliseconds(last.saved_at), milliseconds(message.saved_at)));
  put_varint(out, difference(last.body.email.value, message.body.email.value));
  put_varint(out, message.body.octets);
  put_varint(out, message.body.octets - message.body.first_octets);
  if (message.keywords.empty()) return;
  put_varint(out, message.keywords.low());
  put_varint(out, message.keywords.high());
}

/// `message` is the one before.
void take_message(Fields& in, Message& message) {
  const auto gap = in.varint();
  const auto bits = in.octet();
  message.modseq = ModSeq(moved(message.modseq.value, in.varint()));
  const auto age = in.varint();
  message.internal_date = time_of(moved(milliseconds(message.internal_date), in.varint()));
  message.saved_at = time_of(moved(milliseconds(message.saved_at), in.varint()));
  message.body.email = EmailId(moved(message.body.email.value, in.varint()));
  message.body.octets = in.varint();
  const auto later = in.varint();
  const auto low = (bits & kMessageHasKeywords) != 0 ? in.varint() : 0;
  const auto high = (bits & kMessageHasKeywords) != 0 ? in.varint() : 0;
  if (gap >= std::numeric_limits<std::uint32_t>::max() - message.uid.value || age > message.modseq.value ||
      later > message.body.octets || message.body.octets - later > std::numeric_limits<std::uint32_t>::max())
    return in.fail();
  message.uid = Uid(static_cast<std::uint32_t>(message.uid.value + gap + 1));
  message.created_modseq = ModSeq(message.modseq.value - age);
  message.flags = FlagSet::from_bits(bits);
  message.utf8_header = (bits & kUtf8Header) != 0;
  message.unended = (bits & kUnended) != 0;
  message.keywords = KeywordSet(low, high);
  message.body.first_octets = static_cast<std::uint32_t>(message.body.octets - later);
}

void take_change_v1(Fields& in, Change& change) {
  change.kind = in.enumerator(ChangeKind::kArrived, ChangeKind::kMailboxRemoved);
  change.uid = in.id<Uid>();
  change.email = in.id<EmailId>();
}

}  // namespace

std::string encode(const ChangeRow& row) {
  auto out = begin(24 + row.changes.size() * 6, 2);
  put_time(out, row.at);
  put_varint(out, row.changes.size());
  Change last{};
  for (std::span<const Change> rest(row.changes); !rest.empty();) {
    const auto run = rest.first(run_length(rest));
    put_be(out, static_cast<std::uint8_t>(run[0].kind));
    put_varint(out, difference(last.uid.value, run[0].uid.value));
    put_varint(out, run.size() - 1);
    for (const auto& change : run) {
      put_varint(out, difference(last.email.value, change.email.value));
      last = change;
    }
    rest = rest.subspan(run.size());
  }
  return out;
}

Decoded<ChangeRow> decode_change(std::string_view octets) {
  Fields in(octets, 2);
  ChangeRow row;
  row.at = in.time();
  if (in.version() == 1) {
    row.changes.resize(in.count(kChangeOctets));
    for (auto& change : row.changes) take_change_v1(in, change);
    return in.finish(std::move(row));
  }
  const auto count = in.count(1);
  row.changes.reserve(count);
  Change last{};
  while (row.changes.size() < count && !in.failed()) {
    last.kind = in.enumerator(ChangeKind::kArrived, ChangeKind::kMailboxRemoved);
    const auto first = moved(last.uid.value, in.varint());
    const auto more = in.varint();
    if (more >= count - row.changes.size() || first > std::numeric_limits<std::uint32_t>::max() - more) in.fail();
    for (std::uint64_t i = 0; i <= more && !in.failed(); ++i) {
      last.uid = Uid(static_cast<std::uint32_t>(first + i));
      last.email = EmailId(moved(last.email.value, in.varint()));
      row.changes.push_back(last);
    }
  }
  return in.finish(std::move(row));
}

std::string encode(const TablePart& part) {
  auto out = begin(24 + part.messages.size() * 20);
  put_be(out, part.uid_validity.value);
  put_be(out, part.as_of.value);
  put_be(out, part.parts);
  put_varint(out, part.messages.size());
  Message none;
  const auto* last = &none;
  for (const auto& message : part.messages) put_message(out, *std::exchange(last, &message), message);
  return out;
}

namespace {

/// Of a TablePart or a SurveyedPart.
template <class Part>
Part take_part_head(Fields& in) {
  Part part;
  part.uid_validity = in.id<UidValidity>();
  part.as_of = in.id<ModSeq>();
  part.parts = in.number<std::uint32_t>();
  return part;
}

}  // namespace

Decoded<TablePart> decode_table_part(std::string_view octets) {
  Fields in(octets);
  auto part = take_part_head<TablePart>(in);
  const auto count = in.count(kMessageOctets);
  part.messages.reserve(count);
  Message message;
  for (std::size_t i = 0; i < count && !in.failed(); ++i) {
    take_message(in, message);
    part.messages.push_back(message);
  }
  return in.finish(std::move(part));
}

Decoded<SurveyedPart> survey_table_part(const std::shared_ptr<const std::string>& part, std::size_t page_messages) {
  Fields in(*part);
  auto survey = take_part_head<SurveyedPart>(in);
  Message message;
  for (auto left = in.count(kMessageOctets); left > 0 && !in.failed();) {
    const auto count = static_cast<std::uint32_t>(std::min(left, page_messages));
    auto& page = survey.pages.emplace_back();
    page.messages = {part, part->size() - in.rest().size(), count, message};
    for (std::uint32_t i = 0; i < count && !in.failed(); ++i, --left) {
      take_message(in, message);
      page.summary.add(message);
    }
  }
  return in.finish(std::move(survey));
}

Decoded<std::uint32_t> decode_parts_of_table(std::string_view octets) {
  Fields in(octets);
  const auto head = take_part_head<TablePart>(in);
  if (in.failed()) return std::unexpected(MailboxError::kCorrupt);
  return head.parts;
}

std::string encode(const FlagPage& page) {
  ModSeq highest;
  for (const auto& run : page.runs()) highest = std::max(highest, run.modseq);
  auto out = begin(16 + page.runs().size() * 6);
  put_be(out, highest.value);
  put_varint(out, page.runs().size());
  const auto number = page.empty() ? 0 : FlagPage::number_of(page.runs().front().first);
  std::uint64_t next = std::uint64_t{number} * FlagPage::kUids;
  for (const auto& run : page.runs()) {
    put_varint(out, run.first.value - next);
    put_varint(out, run.last.value - run.first.value);
    put_be(out, static_cast<std::uint8_t>(run.flags.bits() | (run.keywords.empty() ? 0 : kHasKeywords)));
    put_varint(out, highest.value - run.modseq.value);
    if (!run.keywords.empty()) {
      put_varint(out, run.keywords.low());
      put_varint(out, run.keywords.high());
    }
    next = std::uint64_t{run.last.value} + 1;
  }
  return out;
}

Decoded<FlagPage> decode_flag_page(std::uint32_t number, std::string_view octets) {
  Fields in(octets);
  const auto highest = in.number<std::uint64_t>();
  std::uint64_t next = std::uint64_t{number} * FlagPage::kUids;
  const std::uint64_t end = std::min(next + FlagPage::kUids, std::uint64_t{1} << 32);
  FlagPage page;
  for (auto left = in.count(kRunOctets); left > 0 && !in.failed(); --left) {
    const auto gap = in.varint();
    const auto more = in.varint();
    if (next >= end || gap >= end - next || more >= end - next - gap || next + gap == 0) in.fail();
    const auto flags = in.octet();
    const auto age = in.varint();
    if ((flags & ~kHasKeywords) != FlagSet::from_bits(flags).bits() || age > highest) in.fail();
    const auto low = (flags & kHasKeywords) != 0 ? in.varint() : 0;
    const auto high = (flags & kHasKeywords) != 0 ? in.varint() : 0;
    if (in.failed()) break;
    next += gap;
    const FlagRun run{Uid(static_cast<std::uint32_t>(next)), Uid(static_cast<std::uint32_t>(next + more)),
                      FlagSet::from_bits(flags), KeywordSet(low, high), ModSeq(highest - age)};
    page.append(run);
    next += more + 1;
  }
  return in.finish(std::move(page));
}

}  // namespace veredus::state::mailbox::rows

namespace veredus::state::mailbox {

std::vector<Message> unpack(const PackedMessages& packed) {
  rows::Fields in = rows::Fields::within(std::string_view(*packed.part).substr(packed.at));
  std::vector<Message> messages;
  messages.reserve(packed.count);
  Message message = packed.before;
  for (std::uint32_t i = 0; i < packed.count; ++i) {
    rows::take_message(in, message);
    messages.push_back(message);
  }
  return messages;
}

}  // namespace veredus::state::mailbox
