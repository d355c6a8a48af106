#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "base/types/ids.h"

namespace veredus::state::mailbox {

constexpr Uid kFirstUid{1};
constexpr Uid kLastUid{std::numeric_limits<std::uint32_t>::max()};

struct UidRange {
  Uid first;
  Uid last;  // inclusive
  friend auto operator<=>(const UidRange&, const UidRange&) = default;
};

constexpr UidRange kAllUids{kFirstUid, kLastUid};

/// UIDs as ascending, disjoint, non-adjacent ranges. What `*` means is the caller's to resolve.
class UidSet {
 public:
  UidSet() = default;
  explicit UidSet(Uid one) { add(one); }
  [[nodiscard]] static UidSet all();
  [[nodiscard]] static UidSet of(const std::vector<Uid>& uids);

  void add(Uid uid) {
    const auto goes_on = !ranges_.empty() && ranges_.back().last < uid && uid.value - ranges_.back().last.value == 1;
    if (goes_on)  // as most do
      ranges_.back().last = uid;
    else
      add(UidRange{uid, uid});
  }
  /// In any order; ranges given backwards (`9:2`) are turned round. Cheap when ascending.
  void add(UidRange range);
  /// Those of the set with first <= UID <= last.
  [[nodiscard]] UidSet within(Uid first, Uid last) const;
  [[nodiscard]] bool contains(Uid uid) const;
  [[nodiscard]] bool empty() const { return ranges_.empty(); }
  /// How many numbers are in it, whether or not messages have them.
  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] const std::vector<UidRange>& ranges() const { return ranges_; }
  friend bool operator==(const UidSet&, const UidSet&) = default;

 private:
  std::vector<UidRange> ranges_;
};

}  // namespace veredus::state::mailbox
