#include "doors/imap/named_messages.h"

#include <algorithm>
#include <utility>

namespace veredus::doors::imap {

using state::mailbox::UidRange;
using state::mailbox::UidSet;
using wire::imap::SequenceRange;
using wire::imap::SequenceSet;

std::expected<UidSet, Outcome> named_messages(const Session& session, const SequenceSet& set, Numbers numbers) {
  const auto& uids = session.selected->uids();
  if (set.saved_result) return uids.only_known(session.selected->saved_result);  // RFC 5182 s2.1
  if (numbers == Numbers::kUid) {
    UidSet named;
    // `*` is the highest UID there is: 68:* with 67 messages has the last one (RFC 9051 s9 seq-range).
    for (const auto& range : set.resolve(uids.last().value)) named.add(UidRange{Uid(range.first), Uid(range.last)});
    return uids.only_known(named);
  }
  const auto beyond = [&](const SequenceRange& range) { return std::max(range.first, range.last) > uids.size(); };
  if (std::ranges::any_of(set.ranges, beyond)) return std::unexpected(bad("No message has this number"));
  if (uids.empty()) return std::unexpected(bad("There are no messages"));
  UidSet named;
  for (const auto& range : set.resolve(uids.size())) {
    const auto some = uids.uids(range.first, range.last);
    for (const auto& part : some.ranges()) named.add(part);
  }
  return named;
}

std::expected<UidSet, Outcome> named_message(const Session& session, std::uint32_t number, Numbers numbers) {
  SequenceSet set;
  set.ranges.push_back({number, number});
  return named_messages(session, set, numbers);
}

std::vector<SequenceRange> ranges_of(const UidSet& uids) {
  std::vector<SequenceRange> ranges;
  ranges.reserve(uids.ranges().size());
  for (const auto& range : uids.ranges()) ranges.push_back({range.first.value, range.last.value});
  return ranges;
}

std::vector<SequenceRange> as_named(const Session& session, const UidSet& uids, Numbers numbers) {
  if (numbers == Numbers::kUid) return ranges_of(uids);
  const auto& map = session.selected->uids();
  std::vector<SequenceRange> ranges;
  const auto known = map.only_known(uids);
  for (const auto& range : known.ranges()) {
    // Between the two there may be UIDs nobody has: their ends are messages, and so the numbers have no gap.
    const auto first = map.number(range.first);
    const auto last = map.number(range.last);
    if (first && last) ranges.push_back({*first, *last});
  }
  wire::imap::normalize(ranges);
  return ranges;
}

}  // namespace veredus::doors::imap
