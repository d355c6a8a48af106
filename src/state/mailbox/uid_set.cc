#include "state/mailbox/uid_set.h"

#include <algorithm>
#include <utility>

namespace veredus::state::mailbox {

UidSet UidSet::all() {
  UidSet set;
  set.add(kAllUids);
  return set;
}

UidSet UidSet::of(const std::vector<Uid>& uids) {
  UidSet set;
  for (const Uid uid : uids) set.add(uid);
  return set;
}

void UidSet::add(UidRange range) {
  if (range.last < range.first) std::swap(range.first, range.last);
  // The first range that `range` touches or that stands after it.
  const auto touches = [](const UidRange& one, const UidRange& next) {
    return one.last.value != kLastUid.value && Uid(one.last.value + 1) < next.first;
  };
  auto low = ranges_.end();
  if (!ranges_.empty() && !touches(ranges_.back(), range))
    low = std::partition_point(ranges_.begin(), ranges_.end(), [&](const auto& one) { return touches(one, range); });
  auto high = low;
  while (high != ranges_.end() && !touches(range, *high)) {
    range.first = std::min(range.first, high->first);
    range.last = std::max(range.last, high->last);
    ++high;
  }
  if (low == high) {
    ranges_.insert(low, range);
    return;
  }
  *low = range;
  ranges_.erase(low + 1, high);
}

UidSet UidSet::within(Uid first, Uid last) const {
  UidSet inside;
  for (const auto& range : ranges_)
    if (range.last >= first && range.first <= last)
      inside.ranges_.push_back({std::max(range.first, first), std::min(range.last, last)});
  return inside;
}

bool UidSet::contains(Uid uid) const {
  const auto range =
      std::partition_point(ranges_.begin(), ranges_.end(), [&](const auto& one) { return one.last < uid; });
  return range != ranges_.end() && range->first <= uid;
}

std::uint64_t UidSet::size() const {
  std::uint64_t numbers = 0;
  for (const auto& range : ranges_) numbers += std::uint64_t{range.last.value} - range.first.value + 1;
  return numbers;
}

}  // namespace veredus::state::mailbox
