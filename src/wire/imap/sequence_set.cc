#include "wire/imap/sequence_set.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "wire/imap/imap_string.h"

namespace veredus::wire::imap {
namespace {

/// seq-number = nz-number / "*", taken from the front of `text`.
bool take_number(std::string_view& text, std::uint32_t& number) {
  if (text.starts_with('*')) {
    text.remove_prefix(1);
    number = kStar;
    return true;
  }
  std::uint64_t value = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    value = value * 10 + static_cast<std::uint64_t>(text[digits] - '0');
    if (value > std::numeric_limits<std::uint32_t>::max()) return false;
  }
  text.remove_prefix(digits);
  number = static_cast<std::uint32_t>(value);
  return value != 0;
}

void append_range(std::string& out, const SequenceRange& range) {
  append_number(out, range.first);
  if (range.first == range.last) return;
  out.push_back(':');
  append_number(out, range.last);
}

void append_sent(std::string& out, std::uint32_t number) {
  if (number == kStar) {
    out.push_back('*');
  } else {
    append_number(out, number);
  }
}

}  // namespace

std::expected<SequenceSet, CommandError> parse_sequence_set(std::string_view text) {
  SequenceSet set;
  if (text == "$") {
    set.saved_result = true;
    return set;
  }
  do {
    SequenceRange range;
    if (!take_number(text, range.first)) return std::unexpected(CommandError::kSequenceSet);
    range.last = range.first;
    if (text.starts_with(':')) {
      text.remove_prefix(1);
      if (!take_number(text, range.last)) return std::unexpected(CommandError::kSequenceSet);
    }
    set.ranges.push_back(range);
    if (text.empty()) return set;
  } while (std::exchange(text, text.substr(1)).starts_with(','));
  return std::unexpected(CommandError::kSequenceSet);
}

std::vector<SequenceRange> SequenceSet::resolve(std::uint32_t highest) const {
  std::vector<SequenceRange> resolved;
  resolved.reserve(ranges.size());
  for (auto [first, last] : ranges) {
    if (highest == 0 && (first == kStar || last == kStar)) continue;
    resolved.emplace_back(first == kStar ? highest : first, last == kStar ? highest : last);
  }
  normalize(resolved);
  return resolved;
}

std::string to_string(const SequenceSet& set) {
  if (set.saved_result) return "$";
  std::string out;
  for (const auto& [first, last] : set.ranges) {
    if (!out.empty()) out.push_back(',');
    append_sent(out, first);
    if (first == last) continue;
    out.push_back(':');
    append_sent(out, last);
  }
  return out;
}

void normalize(std::vector<SequenceRange>& ranges) {
  for (auto& [first, last] : ranges)
    if (first > last) std::swap(first, last);
  if (!std::ranges::is_sorted(ranges)) std::ranges::sort(ranges);
  std::size_t kept = 0;
  for (const auto& range : ranges) {
    const bool joins = kept > 0 && (range.first <= ranges[kept - 1].last || range.first - 1 == ranges[kept - 1].last);
    if (joins) {
      ranges[kept - 1].last = std::max(ranges[kept - 1].last, range.last);
    } else {
      ranges[kept++] = range;
    }
  }
  ranges.resize(kept);
}

void append_ranges(std::string& out, std::span<const SequenceRange> ranges) {
  bool first = true;
  for (const auto& range : ranges) {
    if (!std::exchange(first, false)) out.push_back(',');
    append_range(out, range);
  }
}

void append_numbers(std::string& out, std::span<const std::uint32_t> numbers) { append_numbers_in_order(out, numbers); }

void append_numbers_in_order(std::string& out, std::span<const std::uint32_t> numbers) {
  for (std::size_t i = 0; i < numbers.size();) {
    SequenceRange range{numbers[i], numbers[i]};
    if (i > 0) out.push_back(',');
    while (++i < numbers.size() && numbers[i] - 1 == range.last && numbers[i] != 0) range.last = numbers[i];
    append_range(out, range);
  }
}

void SequenceWriter::add(std::uint32_t number) {
  if (!ranges_.empty() && number > ranges_.back().last) {
    if (number - 1 == ranges_.back().last) {
      ranges_.back().last = number;
    } else {
      ranges_.push_back({number, number});
    }
    return;
  }
  normal_ = normal_ && ranges_.empty();
  ranges_.push_back({number, number});
}

const std::vector<SequenceRange>& SequenceWriter::ranges() {
  if (!normal_) normalize(ranges_);
  normal_ = true;
  return ranges_;
}

std::string SequenceWriter::text() {
  std::string out;
  append_ranges(out, ranges());
  return out;
}

}  // namespace veredus::wire::imap
