#include "state/mailbox/email_sheet.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/codec/ascii.h"
#include "base/types/result.h"
#include "state/mailbox/stored_email.h"
#include "wire/mime/summary.h"

namespace veredus::state::mailbox {
namespace {

using base::codec::iequals_ascii;

constexpr std::size_t kSampled = 32;  // messages whose mean tells how much room all will take

std::size_t with_some_room(std::size_t octets) { return octets + octets / 8; }

/// In kSummaryFields; nullopt: nobody can ask for it by a stored name.
std::optional<std::size_t> index_of_field(std::string_view name) {
  const auto& known = wire::mime::kSummaryFields;
  const auto* found = std::ranges::find(known, name);  // as nearly everybody spells them
  if (found == known.end())
    found = std::ranges::find_if(known, [name](std::string_view one) { return iequals_ascii(one, name); });
  if (found == known.end()) return std::nullopt;
  return static_cast<std::size_t>(found - known.begin());
}

/// As for_each_sheet_field reads it. Nothing: they are not all there.
void append_packed_fields(std::string& out, const EmailView& email) {
  if (!email.fields_complete) return;
  out.push_back('\1');
  email.fields.for_each_pair([&out](std::string_view name, std::string_view value) {
    const auto index = index_of_field(name);
    if (!index) return;
    const auto octets = name.size() + value.size() + 3;
    out.push_back(static_cast<char>(*index));
    for (const int shift : {0, 8, 16}) out.push_back(static_cast<char>(static_cast<std::uint8_t>(octets >> shift)));
    out.append(name).append(":").append(value).append("\r\n");
  });
}

}  // namespace

SheetMaker::SheetMaker(SheetColumn column, const EmailSheet& known, std::size_t room) : column_(column) {
  sheet_.octets_.reserve(known.octets_.size() + std::min(room, kFullOctets));
  sheet_.octets_.append(known.octets_);
  sheet_.entries_ = known.entries_;
  sheet_.first_ = known.first_;
  sheet_.size_ = known.size_;
}

void SheetMaker::put(SheetMessage message, const EmailView& email) {
  auto& octets = sheet_.octets_;
  const auto begin = octets.size();
  switch (column_) {
    case SheetColumn::kEnvelope:
      octets.append(email.envelope);
      break;
    case SheetColumn::kBodyStructure:
      octets.append(email.bodystructure);
      break;
    case SheetColumn::kFields:
      append_packed_fields(octets, email);
      break;
  }
  added(message, begin);
}

void SheetMaker::put(SheetMessage message, std::string_view value) {
  const auto begin = sheet_.octets_.size();
  sheet_.octets_.append(value);
  added(message, begin);
}

/// What stands in the sheet from `begin` on is the message's.
void SheetMaker::added(SheetMessage message, std::size_t begin) {
  auto& octets = sheet_.octets_;
  if (octets.size() > kFullOctets && octets.size() - begin > kShortOctets) octets.resize(begin);
  place(message, begin, octets.size() - begin);
  const bool is_sample = sheet_.size_ == kSampled && expected_ > kSampled;
  if (is_sample) octets.reserve(std::min(with_some_room(octets.size() / kSampled * expected_), kFullOctets));
}

void SheetMaker::adopt(std::string values, std::size_t begin, const std::vector<Listed>& list) {
  sheet_.octets_ = std::move(values);
  for (const auto& [message, octets] : list) {
    place(message, begin, octets);
    begin += octets;
  }
}

void SheetMaker::place(SheetMessage message, std::size_t begin, std::size_t octets) {
  const std::size_t place = message.uid.value % EmailSheet::kUids;
  auto& entries = sheet_.entries_;
  if (entries.empty()) sheet_.first_ = place;
  if (place < sheet_.first_) {
    entries.insert(entries.begin(), sheet_.first_ - place, {});
    sheet_.first_ = place;
  }
  if (place - sheet_.first_ >= entries.size()) entries.resize(place - sheet_.first_ + 1);
  auto& entry = entries[place - sheet_.first_];
  if (entry.email == EmailId()) ++sheet_.size_;
  entry.email = message.email;
  entry.begin = static_cast<std::uint32_t>(begin);
  entry.octets = static_cast<std::uint32_t>(octets);
}

EmailSheet SheetMaker::take() {
  auto& octets = sheet_.octets_;
  if (octets.capacity() > with_some_room(octets.size())) octets.shrink_to_fit();
  return std::exchange(sheet_, {});
}

}  // namespace veredus::state::mailbox
