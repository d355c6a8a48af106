#include "doors/imap/uid_map.h"

#include <algorithm>

namespace veredus::doors::imap {

using state::mailbox::UidRange;
using state::mailbox::UidSet;

std::uint32_t UidMap::length(std::size_t run) const {
  const auto next = run + 1 < runs_.size() ? runs_[run + 1].number : size_ + 1;
  return next - runs_[run].number;
}

void UidMap::append(Uid uid) {
  if (runs_.empty() || uid.value != last().value + 1) runs_.push_back({uid.value, size_ + 1});
  ++size_;
}

void UidMap::append(const UidSet& uids) {
  for (const auto& range : uids.ranges()) {
    append(range.first);
    size_ += range.last.value - range.first.value;
  }
}

void UidMap::remove(const UidSet& uids) {
  if (uids.empty()) return;
  UidMap left;
  left.runs_.reserve(runs_.size() + uids.ranges().size());
  const auto keep = [&left](std::uint32_t first, std::uint32_t count) {
    left.append(Uid(first));
    left.size_ += count - 1;
  };
  std::size_t gone = 0;
  const auto& ranges = uids.ranges();
  for (std::size_t run = 0; run < runs_.size(); ++run) {
    std::uint64_t first = runs_[run].uid;
    const std::uint64_t end = first + length(run);
    while (first < end) {
      while (gone < ranges.size() && ranges[gone].last.value < first) ++gone;
      if (gone == ranges.size() || ranges[gone].first.value >= end) {
        keep(static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(end - first));
        break;
      }
      if (ranges[gone].first.value > first)
        keep(static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(ranges[gone].first.value - first));
      first = std::uint64_t{ranges[gone].last.value} + 1;
    }
  }
  left.runs_.shrink_to_fit();
  *this = std::move(left);
}

Uid UidMap::uid(std::uint32_t number) const {
  const auto after = std::ranges::upper_bound(runs_, number, {}, &Run::number);
  const auto& run = *(after - 1);
  return Uid(run.uid + (number - run.number));
}

std::optional<std::uint32_t> UidMap::number(Uid uid) const {
  const auto after = std::ranges::upper_bound(runs_, uid.value, {}, &Run::uid);
  if (after == runs_.begin()) return std::nullopt;
  const auto run = static_cast<std::size_t>(after - runs_.begin()) - 1;
  const auto inside = uid.value - runs_[run].uid;
  if (inside >= length(run)) return std::nullopt;
  return runs_[run].number + inside;
}

UidSet UidMap::uids(std::uint32_t first, std::uint32_t last) const {
  UidSet found;
  auto at = std::ranges::upper_bound(runs_, first, {}, &Run::number);
  if (at != runs_.begin()) --at;
  for (; at != runs_.end() && at->number <= last; ++at) {
    const auto run = static_cast<std::size_t>(at - runs_.begin());
    const auto from = std::max(first, at->number);
    const auto to = std::min(last, at->number + length(run) - 1);
    if (from <= to) found.add(UidRange{Uid(at->uid + (from - at->number)), Uid(at->uid + (to - at->number))});
  }
  return found;
}

UidSet UidMap::all() const { return uids(1, size_); }

UidSet UidMap::only_known(const UidSet& uids) const {
  UidSet known;
  std::size_t run = 0;
  for (const auto& range : uids.ranges()) {
    for (; run < runs_.size(); ++run) {
      const auto first = runs_[run].uid;
      const auto last = first + (length(run) - 1);
      if (first > range.last.value) break;
      if (last >= range.first.value)
        known.add(UidRange{std::max(range.first, Uid(first)), std::min(range.last, Uid(last))});
      if (last > range.last.value) break;  // the next range may have more of this run
    }
  }
  return known;
}

UidSet without(const UidSet& uids, const UidSet& removed) {
  UidMap left;
  left.append(uids);
  left.remove(removed);
  return left.all();
}

void UidMap::Cursor::enter_run(Uid uid) {
  const auto& runs = map_->runs_;
  for (; run_ < runs.size(); ++run_) {
    first_ = Uid(runs[run_].uid);
    last_ = Uid(runs[run_].uid + (map_->length(run_) - 1));
    number_ = runs[run_].number;
    if (uid <= last_) return;
  }
  first_ = Uid(1);
  last_ = Uid();
}

}  // namespace veredus::doors::imap
