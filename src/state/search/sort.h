#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/ids.h"

namespace veredus::state::search {

/// What messages are ordered by. Source: RFC 5256 s3, RFC 5957 s3.
enum class SortBy : std::uint8_t { kArrival, kCc, kDate, kFrom, kSize, kSubject, kTo, kDisplayFrom, kDisplayTo };

enum class Direction : std::uint8_t { kAscending, kDescending };

struct SortKey {
  SortBy by{};
  Direction direction = Direction::kAscending;
};

/// A message with all it is ordered by in one string, whose octets compare as the keys do.
struct SortItem {
  Uid uid;
  ModSeq modseq;
  std::string order;
};

/// Appends one key's value to SortItem::order.
void append_order(std::string& order, std::uint64_t number, Direction direction);
void append_order(std::string& order, std::string_view text, Direction direction);
/// The same of what one of these wrote, ascending.
void append_encoded(std::string& order, std::string_view ascending, Direction direction);

/// By `order`, then by UID (RFC 5256 s3: whatever is reversed).
void sort_items(std::vector<SortItem>& items);

/// The text a message is ordered by, folded, from a header field's value as it stands in the message (kSubject: from
/// the decoded subject). kFrom, kTo, kCc: the local part of the first address (RFC 5256 s3); the display ones: its
/// display name, else the address (RFC 5957 s3).
[[nodiscard]] std::string sort_text(SortBy by, std::string_view value);

}  // namespace veredus::state::search
