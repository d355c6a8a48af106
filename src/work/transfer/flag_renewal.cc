#include "work/transfer/flag_renewal.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/types/result.h"
#include "state/mailbox/mailboxes.h"

namespace veredus::work::transfer {

using state::mailbox::FlagChange;
using state::mailbox::FlagSet;
using state::mailbox::MailboxError;
using state::mailbox::SourceFlags;
using Done = std::expected<void, MailboxError>;

namespace {

constexpr std::size_t kRememberedAtOnce = 1000;

/// What `a` has and `b` has not.
SourceFlags without(const SourceFlags& a, const SourceFlags& b) {
  SourceFlags rest{a.flags.without(b.flags), {}};
  std::ranges::set_difference(a.keywords, b.keywords, std::back_inserter(rest.keywords));
  return rest;
}

bool is_empty(const SourceFlags& flags) { return flags.flags == FlagSet() && flags.keywords.empty(); }

}  // namespace

SourceFlags source_flags(wire::imap::FlagList flags) {
  SourceFlags kept{FlagSet::from_bits(flags.system), std::move(flags.keywords)};
  std::erase_if(kept.keywords, [](const std::string& name) { return !state::mailbox::is_keyword(name); });
  std::ranges::sort(kept.keywords);
  return kept;
}

/// What was copied before flags were remembered has none to compare with: those of now are its first.
void FlagRenewal::note(const MessageKey& key, const state::mailbox::Brought& copy, SourceFlags now) {
  if (copy.source_flags == now) return;
  if (copy.source_flags && copy.at.mailbox == mailbox_)
    changes_.push_back(
        {copy.uid_validity, copy.at.uid, without(now, *copy.source_flags), without(*copy.source_flags, now)});
  news_.push_back({key, std::move(now)});
}

/// A mailbox that has no room for more keywords still takes the flags.
asio::awaitable<Done> FlagRenewal::store(Changes changes, FlagChange::Mode mode) {
  for (auto& [flags, uids] : changes) {
    FlagChange change;
    change.mode = mode;
    change.flags = flags.first;
    change.keywords = flags.second;
    auto stored = co_await mailboxes_->store_flags(account_, mailbox_, uids, change);
    if (!stored && stored.error() == MailboxError::kTooManyKeywords) {
      change.keywords.clear();
      stored = co_await mailboxes_->store_flags(account_, mailbox_, std::move(uids), std::move(change));
    }
    if (!stored) co_return std::unexpected(stored.error());
  }
  co_return Done();
}

asio::awaitable<std::expected<std::uint64_t, MailboxError>> FlagRenewal::finish() {
  auto changes = std::exchange(changes_, {});
  auto news = std::exchange(news_, {});
  if (!changes.empty()) {
    VEREDUS_CO_TRY(const auto mailbox, co_await mailboxes_->status(account_, mailbox_));
    std::erase_if(changes, [&](const Change& one) { return one.uid_validity != mailbox.uid_validity; });
    Changes added;
    Changes removed;
    for (const auto& [validity, uid, more, less] : changes) {
      if (!is_empty(more)) added[{more.flags, more.keywords}].add(uid);
      if (!is_empty(less)) removed[{less.flags, less.keywords}].add(uid);
    }
    VEREDUS_CO_TRY(co_await store(std::move(added), FlagChange::Mode::kAdd));
    VEREDUS_CO_TRY(co_await store(std::move(removed), FlagChange::Mode::kRemove));
  }
  for (auto from = news.begin(); from != news.end();) {
    const auto to = from + std::min<std::ptrdiff_t>(kRememberedAtOnce, news.end() - from);
    std::vector<state::mailbox::SourceFlagsOf> some(std::make_move_iterator(from), std::make_move_iterator(to));
    VEREDUS_CO_TRY(co_await mailboxes_->remember_source_flags(account_, std::move(some)));
    from = to;
  }
  co_return changes.size();
}

}  // namespace veredus::work::transfer
