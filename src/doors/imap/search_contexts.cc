#include "doors/imap/search_contexts.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "doors/imap/search_query.h"
#include "doors/imap/search_reply.h"
#include "doors/imap/updates.h"
#include "state/mailbox/mailboxes.h"
#include "state/search/searcher.h"
#include "wire/imap/imap_string.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {
namespace {

using state::mailbox::UidSet;

void append_pair(std::string& pairs, std::size_t position, std::string_view set) {
  if (!pairs.empty()) pairs.push_back(' ');
  wire::imap::append_number(pairs, position);
  pairs.push_back(' ');
  pairs.append(set);
}

/// "0 2731:2733"; in a sorted context one pair for each, which the client does one after the other: RFC 5267 s4.3.2.
/// `uids` with their positions in what the client has (removed: from the end) or will have (added: from the front).
std::string pairs_of(const Talk& talk, const SearchContext& context,
                     const std::vector<std::pair<std::size_t, Uid>>& uids) {
  const auto& view = talk.session.selected->uids();
  std::string pairs;
  if (context.sort.empty()) {
    std::vector<Uid> plain;
    for (const auto& one : uids) plain.push_back(one.second);
    const auto named = found(view, std::move(plain), context.uid, Found::Order::kAscending);
    if (!named.numbers.empty()) append_pair(pairs, 0, set_of(named, {0, named.numbers.size()}));
    return pairs;
  }
  for (const auto& [position, uid] : uids) {
    const auto number = context.uid ? uid.value : view.number(uid).value_or(0);
    if (number == 0) continue;
    std::string set;
    wire::imap::append_number(set, number);
    append_pair(pairs, position, set);
  }
  return pairs;
}

using Positions = std::vector<std::pair<std::size_t, Uid>>;

void append_update(Talk* talk, const SearchContext& context, const Positions& removed, const Positions& added) {
  wire::imap::EsearchLine line;
  line.tag = context.tag;
  line.uid = context.uid;
  line.remove_from = pairs_of(*talk, context, removed);
  if (!line.remove_from.empty()) wire::imap::append_esearch(talk->out.buffer(), line);
  line.remove_from.clear();
  line.add_to = pairs_of(*talk, context, added);
  if (!line.add_to.empty()) wire::imap::append_esearch(talk->out.buffer(), line);
}

/// Those of `from` that are not in `other`, with their positions (from 1) in `from`.
Positions missing_in(const std::vector<Uid>& from, const std::vector<Uid>& other) {
  auto known = other;
  std::ranges::sort(known);
  Positions missing;
  for (std::size_t i = 0; i < from.size(); ++i)
    if (!std::ranges::binary_search(known, from[i])) missing.emplace_back(i + 1, from[i]);
  return missing;
}

/// Gives the context its new result and tells the difference.
void replace_result(Talk* talk, SearchContext& context, std::vector<Uid> result) {
  auto removed = missing_in(context.result, result);
  if (!context.sort.empty()) std::ranges::reverse(removed);  // so that the positions before stay good
  const auto added = missing_in(result, context.result);
  append_update(talk, context, removed, added);
  context.result = std::move(result);
}

struct Changed {
  UidSet all;
  UidSet arrived;  // of them
  ModSeq highest;
};

Changed changed_since(const state::mailbox::MessageTable& table, ModSeq seen) {
  Changed changed;
  changed.highest = seen;
  for (const auto& page : table.pages()) {
    if (page->highest_modseq() <= seen) continue;
    changed.highest = std::max(changed.highest, page->highest_modseq());
    for (const auto& message : page->messages()) {
      if (message.modseq > seen) changed.all.add(message.uid);
      if (message.created_modseq > seen) changed.arrived.add(message.uid);
    }
  }
  return changed;
}

/// RFC 5465 s7: of what came into the result by arriving, before the ADDTO; not of what came by its flags.
asio::awaitable<void> tell_added(Talk* talk, const SearchContext* context, std::vector<Uid> result, UidSet arrived) {
  if (context->items.empty()) co_return;
  UidSet added;
  for (const auto& [position, uid] : missing_in(result, context->result))
    if (arrived.contains(uid)) added.add(uid);
  if (!added.empty()) co_await tell_of_arrived(talk, std::move(added), context->items);
}

/// The new result, of which only `changed` messages can differ. nullopt: it cannot be told now.
asio::awaitable<std::optional<std::vector<Uid>>> search_again(Talk* talk, const SearchContext* context,
                                                              UidSet changed) {
  const auto& selected = *talk->session.selected;
  auto among = context->sort.empty() ? selected.uids().only_known(changed) : selected.uids().all();
  auto query = query_of(context->key, talk->session, talk->services.clock.now(), std::move(among));
  if (!query) co_return std::nullopt;
  auto& searcher = talk->services.searcher;
  if (!context->sort.empty()) {
    auto sorted =
        co_await searcher.sort(selected.account(), selected.mailbox(), *std::move(query), context->sort, nullptr);
    if (!sorted) co_return std::nullopt;
    co_return std::move(sorted->uids);
  }
  const auto matches = co_await searcher.search(selected.account(), selected.mailbox(), *std::move(query), nullptr);
  if (!matches) co_return std::nullopt;
  std::vector<Uid> result;
  for (const Uid uid : context->result)
    if (!changed.contains(uid)) result.push_back(uid);
  result.insert(result.end(), matches->uids.begin(), matches->uids.end());
  std::ranges::sort(result);
  co_return result;
}

}  // namespace

void tell_contexts_of_expunges(Talk* talk) {
  const auto& selected = *talk->session.selected;
  if (!selected.contexts) return;
  const auto& ghosts = selected.ghosts();
  for (auto& context : selected.contexts->all) {
    std::vector<Uid> left;
    std::ranges::copy_if(context.result, std::back_inserter(left), [&](Uid uid) { return !ghosts.contains(uid); });
    if (left.size() != context.result.size()) replace_result(talk, context, std::move(left));
  }
}

asio::awaitable<bool> tell_contexts(Talk* talk) {
  if (!talk->session.selected || !talk->session.selected->contexts) co_return true;
  const auto contexts = talk->session.selected->contexts;
  const auto& selected = *talk->session.selected;
  const auto table = co_await talk->services.mailboxes.table(selected.account(), selected.mailbox());
  if (!table) co_return true;  // the next time
  for (auto& context : contexts->all) {
    auto changed = changed_since(**table, context.seen);
    if (changed.all.empty()) continue;
    auto result = co_await search_again(talk, &context, std::move(changed.all));
    if (!result) continue;
    co_await tell_added(talk, &context, *result, std::move(changed.arrived));
    context.seen = std::min(changed.highest, selected.seen());  // what is not shown yet comes the next time
    replace_result(talk, context, *std::move(result));
    if (talk->out.is_full()) {
      const bool sent = co_await talk->out.make_room();
      if (!sent) co_return false;
    }
  }
  co_return true;
}

}  // namespace veredus::doors::imap
