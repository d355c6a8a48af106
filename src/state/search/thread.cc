#include "state/search/thread.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "base/codec/ascii.h"
#include "base/types/result.h"
#include "state/search/reference_threads.h"

namespace veredus::state::search {
namespace {

using base::codec::iends_with_ascii;
using base::codec::istarts_with_ascii;
using base::codec::trim_ascii;

/// RFC 5256 s3: messages of one base subject, by the time sent, are one thread: the first with all others under it.
Threads by_subject(const std::vector<ThreadItem>& items) {
  std::vector<std::uint32_t> order(items.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto rank = [&](std::uint32_t i) { return std::tuple(items[i].subject, items[i].sent, i); };
  std::ranges::sort(order, {}, rank);
  ThreadForest forest(items);
  std::vector<std::uint32_t> roots;
  for (const auto i : order) {
    if (roots.empty() || items[roots.back()].subject != items[i].subject)
      roots.push_back(i);
    else
      forest.add_child(roots.back(), i);
  }
  std::ranges::sort(roots, {}, [&](std::uint32_t i) { return std::pair(items[i].sent, i); });
  for (const auto root : roots) forest.add_root(root);
  return forest.finish();
}

/// The octets of a "[…]" and the white space after it; 0: there is none.
std::size_t blob_octets(std::string_view text) {
  if (!text.starts_with('[')) return 0;
  const auto end = text.find_first_of("[]", 1);
  if (end == std::string_view::npos || text[end] != ']') return 0;
  const auto next = text.find_first_not_of(" \t", end + 1);
  return next == std::string_view::npos ? text.size() : next;
}

}  // namespace

///   subj-leader = (*subj-blob subj-refwd) / WSP ; subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
///   subj-trailer = "(fwd)" / WSP ; subj-fwd-hdr = "[fwd:" … "]"
bool is_reply_or_forward(std::string_view subject_utf8) {
  auto text = trim_ascii(subject_utf8);
  if (iends_with_ascii(text, "(fwd)") || (istarts_with_ascii(text, "[fwd:") && text.ends_with(']'))) return true;
  for (auto octets = blob_octets(text); octets > 0; octets = blob_octets(text)) text.remove_prefix(octets);
  for (const std::string_view word : {"re", "fwd", "fw"}) {
    if (!istarts_with_ascii(text, word)) continue;
    auto rest = trim_ascii(text.substr(word.size()));
    rest.remove_prefix(blob_octets(rest));
    if (rest.starts_with(':')) return true;
  }
  return false;
}

ThreadKey thread_key(std::string_view text) {
  if (text.empty()) return kNoText;
  return std::max<ThreadKey>(std::hash<std::string_view>{}(text), kNoText + 1);
}

std::expected<Threads, SearchError> make_threads(const std::vector<ThreadItem>& items, ThreadBy by,
                                                 const ThreadPermit& permit) {
  VEREDUS_TRY(permit(0));
  if (by == ThreadBy::kOrderedSubject) return by_subject(items);
  ThreadForest forest(items);
  VEREDUS_TRY(forest.link(permit));
  forest.gather_and_prune();
  VEREDUS_TRY(permit(0));
  if (by == ThreadBy::kReferences) {
    forest.merge_subjects();
    VEREDUS_TRY(permit(0));
    forest.sort_by_sent();
  } else {
    forest.sort_by_last_arrival();
  }
  VEREDUS_TRY(permit(0));
  return forest.finish();
}

}  // namespace veredus::state::search
