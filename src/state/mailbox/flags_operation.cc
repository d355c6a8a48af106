#include "state/mailbox/flags_operation.h"

#include <algorithm>
#include <utility>

#include "state/mailbox/flag_reading.h"
#include "state/mailbox/keys.h"
#include "state/mailbox/keyword_table.h"

namespace veredus::state::mailbox {
namespace {

/// What one message going from `before` to `after` does to its mailbox's counts.
void recount(MailboxCounts& counts, FlagSet before, FlagSet after) {
  counts.unseen += (after.has(Flag::kSeen) ? 0U : 1U) - (before.has(Flag::kSeen) ? 0U : 1U);
  counts.deleted += (after.has(Flag::kDeleted) ? 1U : 0U) - (before.has(Flag::kDeleted) ? 1U : 0U);
}

/// The messages of the page that `rest` begins with.
std::span<Message> first_stretch(std::span<Message> rest) {
  const auto number = FlagPage::number_of(rest.front().uid);
  const auto end = std::ranges::find_if(
      rest, [number](const Message& message) { return FlagPage::number_of(message.uid) != number; });
  return rest.first(static_cast<std::size_t>(end - rest.begin()));
}

}  // namespace

FlagsOperation::FlagsOperation(MailboxId mailbox, UidSet uids, FlagChange change,
                               std::shared_ptr<const MessageTable> table, std::uint32_t page_messages)
    : mailbox_(mailbox),
      uids_(std::move(uids)),
      change_(std::move(change)),
      table_(std::move(table)),
      page_messages_(page_messages) {
  change_.flags = change_.allowed.of(change_.flags);
  if (!change_.allowed.keywords) change_.keywords.clear();
}

AsyncOutcome<void> FlagsOperation::read(Turn* turn) {
  from_table_ = is_current(*turn, mailbox_, table_.get());
  if (from_table_) {
    picked_ = pick_messages(table_, uids_, kSliceMessages);
  } else {
    VEREDUS_CO_TRY(picked_, co_await pick_messages(turn, mailbox_, uids_, kSliceMessages));
  }
  co_return co_await read_pages(turn);
}

/// Those that may be written.
AsyncOutcome<void> FlagsOperation::read_pages(Turn* turn) {
  pages_.clear();
  const auto* row = turn->mailbox(mailbox_);
  if (row == nullptr || !row->has_flag_pages) co_return Outcome<void>();
  std::vector<std::string> wanted;
  for (Stretch rest(picked_.messages); !rest.empty();) {
    const auto stretch = first_stretch(rest);
    rest = rest.subspan(stretch.size());
    if (stretch.size() < page_messages_) continue;
    const auto number = FlagPage::number_of(stretch.front().uid);
    pages_.emplace(number, FlagPage());
    wanted.push_back(keys::flag_page(mailbox_, number));
  }
  VEREDUS_CO_TRY(co_await turn->fetch(std::move(wanted)));
  for (auto& [number, page] : pages_) {
    VEREDUS_CO_TRY(page, flag_page_of(*turn, mailbox_, number));
  }
  co_return Outcome<void>();
}

/// RFC 7162 s3.1.3: what changed meanwhile is left as it is.
void FlagsOperation::set_refused_apart() {
  if (!change_.unchanged_since) return;
  std::erase_if(picked_.messages, [this](const Message& message) {
    const bool refused = message.modseq > *change_.unchanged_since;
    if (refused) result_.refused.add(message.uid);
    return refused;
  });
}

/// Answers whether that changed anything.
bool FlagsOperation::change(Message& message, KeywordSet keywords) const {
  const auto flags_before = message.flags;
  const auto keywords_before = message.keywords;
  switch (change_.mode) {
    case FlagChange::Mode::kSet:
      message.flags = message.flags.without(change_.allowed.system).with(change_.flags);
      if (change_.allowed.keywords) message.keywords = keywords;
      break;
    case FlagChange::Mode::kAdd:
      message.flags = message.flags.with(change_.flags);
      message.keywords = message.keywords.with(keywords);
      break;
    case FlagChange::Mode::kRemove:
      message.flags = message.flags.without(change_.flags);
      message.keywords = message.keywords.without(keywords);
      break;
  }
  return message.flags != flags_before || message.keywords != keywords_before;
}

/// Changes of one page's messages: as one row, or each in its own.
void FlagsOperation::write(Turn& turn, const std::vector<const Message*>& changed) const {
  if (changed.size() < page_messages_) {
    for (const auto* message : changed) turn.put(keys::message(mailbox_, message->uid), rows::encode(*message));
    return;
  }
  const auto number = FlagPage::number_of(changed.front()->uid);
  FlagPage newer;
  for (const auto* message : changed) newer.append(*message);
  const auto page = pages_.find(number);
  if (page != pages_.end()) newer = page->second.with(newer);
  turn.put(keys::flag_page(mailbox_, number), rows::encode(newer));
  turn.edit_mailbox(mailbox_).has_flag_pages = true;
}

void FlagsOperation::change_all(Turn& turn, KeywordSet keywords) {
  MailboxCounts difference;
  std::vector<rows::Change> log;
  std::vector<const Message*> changed;
  std::vector<const Message*> changed_again;
  for (Stretch rest(picked_.messages); !rest.empty();) {
    const auto stretch = first_stretch(rest);
    rest = rest.subspan(stretch.size());
    changed.clear();
    for (auto& message : stretch) {
      const auto flags_before = message.flags;
      if (!change(message, keywords)) continue;  // RFC 7162 s3.1.3: then the mod-sequence stays as well
      // A row stands before a page of the same commit, so who has one by now is given another.
      (message.modseq == turn.modseq() ? changed_again : changed).push_back(&message);
      result_.before.push_back(message.modseq);
      message.modseq = turn.modseq();
      recount(difference, flags_before, message.flags);
      log.push_back({rows::ChangeKind::kFlags, message.uid, message.body.email});
      result_.changed.push_back(message.uid);
    }
    write(turn, changed);
  }
  for (const auto* message : changed_again) turn.put(keys::message(mailbox_, message->uid), rows::encode(*message));
  if (log.empty()) return;
  auto& counts = turn.edit_mailbox(mailbox_).counts;
  counts.unseen += difference.unseen;
  counts.deleted += difference.deleted;
  turn.log(mailbox_, log);
  turn.require_sync();
}

Outcome<void> FlagsOperation::perform(Turn& turn) {
  if (!std::ranges::all_of(change_.keywords, is_keyword)) return std::unexpected(MailboxError::kBadKeyword);
  if (turn.mailbox(mailbox_) == nullptr) return std::unexpected(MailboxError::kNoSuchMailbox);
  result_ = {};
  highest_before_ = turn.mailbox(mailbox_)->highest_modseq;
  set_refused_apart();
  KeywordPlan fresh;
  if (!picked_.messages.empty() && change_.mode != FlagChange::Mode::kRemove)
    VEREDUS_TRY(fresh.require(turn, mailbox_, change_.keywords));
  fresh.settle(turn);
  change_all(turn, known_keywords(turn.mailbox(mailbox_)->keywords, change_.keywords));
  result_.messages = std::move(picked_.messages);
  result_.modseq = turn.final_modseq();
  return {};
}

void FlagsOperation::settled(const Turn& turn) {
  alone_ = turn.changes_in(mailbox_) == result_.changed.size();
  if (alone_) result_.alone_since = highest_before_;
}

std::shared_ptr<const MessageTable> FlagsOperation::table_after() const {
  if (!alone_ || !from_table_ || result_.changed.empty()) return nullptr;
  if (result_.changed.size() * 2 > result_.messages.size())
    return table_->changed(result_.modseq, result_.messages, UidSet());
  std::vector<Message> fresh;
  fresh.reserve(result_.changed.size());
  auto changed = result_.changed.begin();
  for (const auto& message : result_.messages) {
    if (changed == result_.changed.end() || *changed != message.uid) continue;
    fresh.push_back(message);
    ++changed;
  }
  return table_->changed(result_.modseq, fresh, UidSet());
}

}  // namespace veredus::state::mailbox
