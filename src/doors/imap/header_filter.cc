#include "doors/imap/header_filter.h"

#include <algorithm>

#include "base/codec/ascii.h"

namespace veredus::doors::imap {

using base::codec::to_lower_ascii;
using wire::imap::SectionText;

namespace {

constexpr std::size_t kStepOctets = 64 * 1024;
constexpr std::size_t kFieldCost = 64;  // of finding a name among many: as that of so many octets

/// Most names differ in length, so that little is compared, whatever the header.
bool is_before(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return a.size() < b.size();
  const auto lower_before = [](char x, char y) { return to_lower_ascii(x) < to_lower_ascii(y); };
  return std::ranges::lexicographical_compare(a, b, lower_before);
}

}  // namespace

FieldNames::FieldNames(const std::vector<std::string>& names) : sorted_(names) {
  std::ranges::sort(sorted_, is_before);
}

bool FieldNames::contains(std::string_view name) const {
  return std::binary_search(sorted_.begin(), sorted_.end(), name, is_before);
}

HeaderFilter::HeaderFilter(std::string_view block, const FieldNames* names, SectionText text)
    : reader_(block), names_(names), wanted_(text == SectionText::kHeaderFields) {}

bool HeaderFilter::step() {
  std::size_t cost = 0;
  while (!done_ && cost < kStepOctets) {
    const auto field = reader_.next();
    cost += kFieldCost;
    if (!field) {
      found_.append("\r\n");
      done_ = true;
      break;
    }
    cost += field->whole.size();
    if (names_->contains(field->name) != wanted_) continue;
    found_.append(field->whole);
    if (!found_.ends_with('\n')) found_.append("\r\n");
  }
  return !done_;
}

}  // namespace veredus::doors::imap
