#include "state/search/reference_threads.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/types/result.h"

namespace veredus::state::search {
namespace {

constexpr std::uint64_t kUsualSteps = 100;        // up from one message: so deep are few threads
constexpr std::uint64_t kLongSteps = 10'000'000;  // for all that are deeper
constexpr std::size_t kGrantAtOnce = 4096;        // missing messages, for which permission is asked together
constexpr std::size_t kLookEvery = 4096;          // messages

}  // namespace

ThreadForest::ThreadForest(const std::vector<ThreadItem>& items)
    : items_(items),
      parent_(items.size(), kNoNode),
      set_(items.size()),
      children_(items.size()),
      steps_left_(kLongSteps) {
  std::iota(set_.begin(), set_.end(), 0U);
}

std::uint32_t ThreadForest::add_dummy() {
  const auto node = static_cast<std::uint32_t>(parent_.size());
  parent_.push_back(kNoNode);
  set_.push_back(node);
  children_.emplace_back();
  return node;
}

std::uint32_t ThreadForest::node_of(ThreadKey message_id) {
  const auto [at, is_new] = by_id_.try_emplace(message_id, 0);
  if (is_new) at->second = add_dummy();
  return at->second;
}

std::uint32_t ThreadForest::set_of(std::uint32_t node) {
  while (set_[node] != node) node = set_[node] = set_[set_[node]];
  return node;
}

/// Nodes that were never linked, even through others, cannot be above each other; only the rest is walked. Where so
/// many walks are so long that the work would be quadratic, what is far above counts as a loop.
bool ThreadForest::makes_loop(std::uint32_t parent, std::uint32_t child) {
  if (parent == child) return true;
  if (set_of(parent) != set_of(child)) return false;
  std::uint64_t steps = 0;
  for (auto above = parent; above != kNoNode; above = parent_[above]) {
    if (above == child) return true;
    if (++steps <= kUsualSteps) continue;
    if (steps_left_ == 0) return true;
    --steps_left_;
  }
  return false;
}

void ThreadForest::set_parent(std::uint32_t parent, std::uint32_t child) {
  parent_[child] = parent;
  set_[set_of(child)] = set_of(parent);
}

void ThreadForest::link_item(std::uint32_t item) {
  std::uint32_t last = kNoNode;
  for (const auto reference : items_[item].references) {  // (1)(A)
    if (reference == kNoText) continue;
    const auto next = node_of(reference);
    if (last != kNoNode && parent_[next] == kNoNode && !makes_loop(last, next)) set_parent(last, next);
    last = next;
  }
  if (last != kNoNode && parent_[item] == last) return;
  parent_[item] = kNoNode;  // (1)(B): what others said of it gives way to what it says itself
  if (last != kNoNode && !makes_loop(last, item)) set_parent(last, item);
}

std::expected<void, SearchError> ThreadForest::link(const ThreadPermit& permit) {
  by_id_.reserve(items_.size() + items_.size() / 4);  // some were never here
  for (std::uint32_t i = 0; i < items_.size(); ++i)   // of several with one Message-ID the first has it
    if (items_[i].message_id != kNoText) by_id_.try_emplace(items_[i].message_id, i);
  std::size_t granted = 0;  // messages that are not there
  std::size_t seen = 0;
  for (std::uint32_t i = 0; i < items_.size(); ++i) {
    const std::size_t missing = parent_.size() - items_.size() + items_[i].references.size();  // at most
    if (missing > granted) {
      const std::size_t more = std::max(missing - granted, kGrantAtOnce);
      VEREDUS_TRY(permit(more * kThreadMissingOctets));
      granted += more;
    } else if (++seen % kLookEvery == 0) {
      VEREDUS_TRY(permit(0));
    }
    link_item(i);
  }
  return {};
}

/// Every node after its parent.
std::vector<std::uint32_t> ThreadForest::roots_first() const {
  std::vector<std::uint32_t> order;
  order.reserve(parent_.size());
  for (std::uint32_t node = 0; node < parent_.size(); ++node)
    if (parent_[node] == kNoNode) order.push_back(node);
  for (std::size_t at = 0; at < order.size(); ++at)
    order.insert(order.end(), children_[order[at]].begin(), children_[order[at]].end());
  return order;
}

/// In no order. The longest list of a dummy takes in the others: what is promoted often is then copied seldom.
void ThreadForest::promote_below_dummies(std::uint32_t node) {
  auto children = std::exchange(children_[node], {});
  const auto promoted = [this](std::uint32_t child) { return is_dummy(child) ? children_[child].size() : 0; };
  const auto longest = std::ranges::max_element(children, {}, promoted);
  auto& kept = children_[node];
  if (longest != children.end() && is_dummy(*longest)) kept = std::exchange(children_[*longest], {});
  for (const auto child : children) {
    if (!is_dummy(child)) {
      kept.push_back(child);
      continue;
    }
    const auto below = std::exchange(children_[child], {});
    kept.insert(kept.end(), below.begin(), below.end());
  }
}

void ThreadForest::gather_and_prune() {
  for (std::uint32_t node = 0; node < parent_.size(); ++node)
    if (parent_[node] != kNoNode) children_[parent_[node]].push_back(node);
  const auto order = roots_first();
  for (auto at = order.rbegin(); at != order.rend(); ++at) promote_below_dummies(*at);
  for (std::uint32_t node = 0; node < parent_.size(); ++node) {
    if (parent_[node] != kNoNode) continue;
    if (!is_dummy(node) || children_[node].size() > 1)
      roots_.push_back(node);
    else if (!children_[node].empty())
      roots_.push_back(children_[node].front());
  }
}

const ThreadItem& ThreadForest::shown(std::uint32_t node) const {
  return items_[is_dummy(node) ? children_[node].front() : node];
}

bool ThreadForest::sent_before(std::uint32_t a, std::uint32_t b) const {
  const auto& first = shown(a);
  const auto& second = shown(b);
  return std::pair(first.sent, first.uid) < std::pair(second.sent, second.uid);
}

void ThreadForest::sort_children(std::uint32_t node) {
  std::ranges::sort(children_[node], [this](std::uint32_t a, std::uint32_t b) { return sent_before(a, b); });
}

void ThreadForest::sort_roots_by_sent() {
  std::ranges::sort(roots_, [this](std::uint32_t a, std::uint32_t b) { return sent_before(a, b); });
}

/// (5)(B)(iv): which of two threads of one subject stands for it.
std::uint32_t ThreadForest::choose(std::uint32_t known, std::uint32_t root) const {
  if (is_dummy(known)) return known;
  return is_dummy(root) || (items_[known].reply && !items_[root].reply) ? root : known;
}

/// (5)(C)(iv): puts `root` to the thread that stands for its subject; answers what stands for it from now on.
std::uint32_t ThreadForest::merge(std::uint32_t kept, std::uint32_t root) {
  auto& kept_children = children_[kept];
  if (is_dummy(kept) && is_dummy(root)) {
    kept_children.insert(kept_children.end(), children_[root].begin(), children_[root].end());
    children_[root] = {};
    return kept;
  }
  if (is_dummy(kept) || (items_[root].reply && !items_[kept].reply)) {
    kept_children.push_back(root);
    return kept;
  }
  const auto dummy = add_dummy();
  children_[dummy] = {kept, root};
  return dummy;
}

void ThreadForest::merge_subjects() {
  for (const auto root : roots_)
    if (is_dummy(root)) sort_children(root);
  sort_roots_by_sent();  // (4)
  std::unordered_map<ThreadKey, std::uint32_t> by_subject;
  by_subject.reserve(roots_.size());
  for (const auto root : roots_) {
    const auto subject = shown(root).subject;
    if (subject == kNoText) continue;
    const auto [at, is_new] = by_subject.try_emplace(subject, root);
    if (!is_new) at->second = choose(at->second, root);
  }
  std::vector<ThreadKey> subjects;  // before any thread changes
  subjects.reserve(roots_.size());
  for (const auto root : roots_) subjects.push_back(shown(root).subject);
  std::vector<std::uint32_t> merged;
  std::unordered_map<std::uint32_t, std::size_t> place;  // in `merged`, of those that stand for a subject
  std::vector<bool> gone(parent_.size() + roots_.size(), false);
  for (std::size_t i = 0; i < roots_.size(); ++i) {
    if (subjects[i] == kNoText) continue;
    auto& kept = by_subject[subjects[i]];
    if (kept == roots_[i]) continue;
    const auto stands = merge(kept, roots_[i]);
    gone[roots_[i]] = true;
    if (stands != kept) place[kept] = stands;  // the dummy takes the place of what stood there
    kept = stands;
  }
  for (const auto root : roots_) {
    if (gone[root]) continue;
    auto stands = root;
    for (auto next = place.find(stands); next != place.end(); next = place.find(stands))
      stands = static_cast<std::uint32_t>(next->second);
    merged.push_back(stands);
  }
  roots_ = std::move(merged);
}

void ThreadForest::sort_by_sent() {
  for (std::uint32_t node = 0; node < children_.size(); ++node)
    if (children_[node].size() > 1) sort_children(node);
  sort_roots_by_sent();
}

void ThreadForest::sort_by_last_arrival() {
  for (std::uint32_t node = 0; node < children_.size(); ++node)
    if (children_[node].size() > 1) sort_children(node);
  std::vector<std::pair<std::pair<SystemTime, Uid>, std::uint32_t>> by_last;
  std::vector<std::uint32_t> open;
  for (const auto root : roots_) {
    std::pair<SystemTime, Uid> last{SystemTime::min(), Uid()};
    open.assign(1, root);
    while (!open.empty()) {
      const auto node = open.back();
      open.pop_back();
      if (!is_dummy(node)) last = std::max(last, std::pair(items_[node].received, items_[node].uid));
      open.insert(open.end(), children_[node].begin(), children_[node].end());
    }
    by_last.emplace_back(last, root);
  }
  std::ranges::sort(by_last);
  for (std::size_t i = 0; i < roots_.size(); ++i) roots_[i] = by_last[i].second;
}

Threads ThreadForest::finish() const {
  Threads threads;
  threads.nodes.resize(children_.size());
  const auto chain = [&](const std::vector<std::uint32_t>& siblings) {
    for (std::size_t i = 0; i + 1 < siblings.size(); ++i) threads.nodes[siblings[i]].next = siblings[i + 1];
    return siblings.empty() ? kNoNode : siblings.front();
  };
  for (std::uint32_t node = 0; node < children_.size(); ++node) {
    if (!is_dummy(node)) threads.nodes[node].uid = items_[node].uid;
    threads.nodes[node].first_child = chain(children_[node]);
  }
  threads.first = chain(roots_);
  return threads;
}

}  // namespace veredus::state::search
