#include "doors/imap/search_reply.h"

#include <algorithm>
#include <cstdlib>
#include <span>
#include <utility>

#include "wire/imap/imap_string.h"
#include "wire/imap/reply.h"
#include "wire/imap/sequence_set.h"

namespace veredus::doors::imap {

using state::mailbox::UidSet;
using state::search::kNoNode;
using state::search::Threads;
using wire::imap::SearchReturn;

Found found(const UidMap& view, std::vector<Uid> uids, bool by_uid, Found::Order order) {
  Found result;
  result.order = order;
  result.uids = std::move(uids);
  result.numbers.reserve(result.uids.size());
  UidMap::Cursor cursor(view);
  for (const Uid uid : result.uids) {
    if (by_uid)
      result.numbers.push_back(uid.value);
    else if (const auto number = order == Found::Order::kAscending ? cursor.number(uid) : view.number(uid))
      result.numbers.push_back(*number);
  }
  return result;
}

Slice slice_of(const wire::imap::PartialRange& range, std::size_t count) {
  auto first = static_cast<std::size_t>(std::abs(range.first));
  auto last = static_cast<std::size_t>(std::abs(range.last));
  if (first > last) std::swap(first, last);
  if (first > count) return {};
  last = std::min(last, count);
  if (range.first > 0) return {first - 1, last};
  return {count - last, count - first + 1};
}

UidSet saved_by(const SearchReturn& returns, const Found& found) {
  const auto& uids = found.uids;
  const bool chosen = returns.min || returns.max || returns.partial;
  if (!chosen || returns.all || returns.count) {
    auto ascending = uids;
    std::ranges::sort(ascending);
    return UidSet::of(ascending);
  }
  UidSet saved;
  if (uids.empty()) return saved;
  if (returns.min) saved.add(uids.front());
  if (returns.max) saved.add(uids.back());
  if (returns.partial) {
    const auto slice = slice_of(*returns.partial, uids.size());
    for (auto i = slice.first; i < slice.last; ++i) saved.add(uids[i]);
  }
  return saved;
}

std::string set_of(const Found& found, Slice slice) {
  std::string out;
  const auto numbers = std::span(found.numbers).subspan(slice.first, slice.last - slice.first);
  if (found.order == Found::Order::kAscending)
    wire::imap::append_numbers(out, numbers);
  else
    wire::imap::append_numbers_in_order(out, numbers);
  return out;
}

bool tells_anything(const SearchReturn& returns) {
  return returns.min || returns.max || returns.all || returns.count || returns.partial;
}

std::vector<Uid> modseq_witnesses(const SearchReturn& returns, const Found& found) {
  std::vector<Uid> witnesses;
  if (returns.all || returns.count || returns.partial || found.uids.empty()) return witnesses;
  if (returns.min) witnesses.push_back(found.uids.front());
  if (returns.max) witnesses.push_back(found.uids.back());
  return witnesses;
}

void append_result(std::string& out, std::string_view tag, bool uid, const SearchReturn& returns, const Found& found,
                   ModSeq modseq) {
  wire::imap::EsearchLine line;
  line.tag = tag;
  line.uid = uid;
  const auto& numbers = found.numbers;
  if (returns.min && !numbers.empty()) line.min = numbers.front();
  if (returns.max && !numbers.empty()) line.max = numbers.back();
  if (returns.count) line.count = numbers.size();
  if (returns.all && !numbers.empty()) line.all = set_of(found, {0, numbers.size()});
  if (returns.partial) line.partial = {*returns.partial, set_of(found, slice_of(*returns.partial, numbers.size()))};
  if (modseq != ModSeq() && !numbers.empty()) line.modseq = modseq.value;  // RFC 7162 s3.1.5
  wire::imap::append_esearch(out, line);
}

namespace {

/// One thread after the other, without recursion: a client may have made them as deep as there are messages.
class ThreadWriter {
 public:
  ThreadWriter(std::string& out, const Threads& threads, const UidMap* view)
      : out_(out), threads_(threads), view_(view) {}

  ///   thread-list = "(" (thread-members / thread-nested) ")"
  ///   thread-members = nz-number *(SP nz-number) [SP thread-nested] ; thread-nested = 2*thread-list
  void write(std::uint32_t root) {
    steps_.push_back({root});
    while (!steps_.empty()) {
      const auto step = steps_.back();
      steps_.pop_back();
      if (step.node == kNoNode)
        out_.push_back(')');
      else
        begin(step.node);
    }
  }

 private:
  struct Step {
    std::uint32_t node;  // kNoNode: the end of a list
  };

  void begin(std::uint32_t node) {
    out_.push_back('(');
    steps_.push_back({kNoNode});
    bool first = true;
    while (true) {
      const auto& one = threads_.nodes[node];
      if (one.uid != Uid()) {
        if (!first) out_.push_back(' ');
        append(one.uid);
        first = false;
      }
      if (one.first_child == kNoNode) return;
      if (threads_.nodes[one.first_child].next == kNoNode) {
        node = one.first_child;
        continue;
      }
      if (!first) out_.push_back(' ');
      const auto from = steps_.size();
      for (auto child = one.first_child; child != kNoNode; child = threads_.nodes[child].next)
        steps_.push_back({child});
      std::reverse(steps_.begin() + static_cast<std::ptrdiff_t>(from), steps_.end());
      return;
    }
  }

  void append(Uid uid) {
    wire::imap::append_number(out_, view_ == nullptr ? uid.value : view_->number(uid).value_or(0));
  }

  std::string& out_;
  const Threads& threads_;
  const UidMap* view_;
  std::vector<Step> steps_;
};

}  // namespace

void append_threads(std::string& out, const Threads& threads, const UidMap* view) {
  out += "* THREAD";
  ThreadWriter writer(out, threads, view);
  if (threads.first != kNoNode) out.push_back(' ');
  for (auto root = threads.first; root != kNoNode; root = threads.nodes[root].next) writer.write(root);
  out += "\r\n";
}

}  // namespace veredus::doors::imap
