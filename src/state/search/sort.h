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

/// What a value takes beside itself.
[[nodiscard]] inline std::size_t octets_beside(const std::string& value) {
  return value.capacity() > std::string().capacity() ? value.capacity() + 16 : 0;
}

/// Messages with all that they are ordered by.
class SortItems {
 public:
  void reserve(std::size_t items) { items_.reserve(items); }
  /// `order`: a value for each of the same keys, as append_order writes them: its octets compare as the keys do.
  void add(Uid uid, ModSeq modseq, std::string_view order);
  /// By order, then by UID (RFC 5256 s3: whatever is reversed).
  void sort();

  struct Item {
    std::uint64_t begin = 0;  // of the order: its first octets
    std::size_t rest = 0;     // where the others stand
    std::uint32_t rest_octets = 0;
    Uid uid;
    ModSeq modseq;
  };
  [[nodiscard]] const std::vector<Item>& items() const { return items_; }
  /// That the orders take beside the items.
  [[nodiscard]] std::size_t rest_octets() const { return octets_beside(rests_); }

 private:
  [[nodiscard]] std::string_view rest(const Item& item) const {
    return std::string_view(rests_).substr(item.rest, item.rest_octets);
  }

  std::vector<Item> items_;
  std::string rests_;
};

/// Appends one key's value to an order. No value begins with another one.
void append_order(std::string& order, std::uint64_t number, Direction direction);
void append_order(std::string& order, std::string_view text, Direction direction);
/// The same of what one of these wrote, ascending.
void append_encoded(std::string& order, std::string_view ascending, Direction direction);

/// The text a message is ordered by, folded, from a header field's value as it stands in the message (kSubject: from
/// the decoded subject). kFrom, kTo, kCc: the local part of the first address (RFC 5256 s3); the display ones: its
/// display name, else the address (RFC 5957 s3).
[[nodiscard]] std::string sort_text(SortBy by, std::string_view value);

}  // namespace veredus::state::search
