#include "state/mailbox/email_sheet.h"

#include <algorithm>
#include <utility>

#include "base/codec/ascii.h"
#include "base/types/result.h"
#include "state/mailbox/stored_email.h"
#include "wire/mime/summary.h"

namespace veredus::state::mailbox {
namespace {

using base::codec::iequals_ascii;

/// How for_each_sheet_field reads it. Empty: they are not all there.
std::string packed_fields(const EmailView& email) {
  std::string out;
  if (!email.fields_complete) return out;
  out.push_back('\1');
  email.fields.for_each_pair([&out](std::string_view name, std::string_view value) {
    const auto& known = wire::mime::kSummaryFields;
    const auto* found = std::ranges::find_if(known, [name](std::string_view one) { return iequals_ascii(one, name); });
    if (found == known.end()) return;  // nobody can ask for it by a stored name
    const auto octets = name.size() + value.size() + 3;
    out.push_back(static_cast<char>(found - known.begin()));
    for (const int shift : {0, 8, 16}) out.push_back(static_cast<char>(static_cast<std::uint8_t>(octets >> shift)));
    out.append(name).append(":").append(value).append("\r\n");
  });
  return out;
}

}  // namespace

SheetMaker::SheetMaker(SheetColumn column, const EmailSheet& known, std::size_t room) : column_(column) {
  sheet_.octets_.reserve(known.octets_.size() + room);
  sheet_.octets_.append(known.octets_);
  sheet_.entries_ = known.entries_;
  sheet_.first_ = known.first_;
  sheet_.size_ = known.size_;
}

void SheetMaker::put(SheetMessage message, const EmailView& email) {
  switch (column_) {
    case SheetColumn::kEnvelope:
      return put(message, email.envelope);
    case SheetColumn::kBodyStructure:
      return put(message, email.bodystructure);
    case SheetColumn::kFields:
      return put(message, packed_fields(email));
  }
}

void SheetMaker::put(SheetMessage message, std::string_view value) {
  place(message, sheet_.octets_.size(), value.size());
  sheet_.octets_.append(value);
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
  sheet_.octets_.shrink_to_fit();
  return std::exchange(sheet_, {});
}

}  // namespace veredus::state::mailbox
