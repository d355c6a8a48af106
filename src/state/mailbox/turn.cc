#include "state/mailbox/turn.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "state/mailbox/change_topic.h"
#include "state/mailbox/keys.h"

namespace veredus::state::mailbox {
namespace {

using io::engine::Batch;
using io::engine::ScanOptions;

/// One more operation (at most kSliceMessages messages, three rows each) still fits the engine's limit of changes, and
/// its part of the change log that of a row.
constexpr std::size_t kFullChanges = 20'000;

}  // namespace

Turn::Turn(io::engine::Engine& engine, io::engine::Partition partition, const AccountState& before, SystemTime now)
    : engine_(&engine), partition_(partition), before_(&before), now_(now), account_(before.account) {}

rows::AccountRow& Turn::edit_account() {
  account_changed_ = true;
  return account_;
}

const rows::MailboxRow* Turn::any_mailbox(MailboxId id) const {
  if (const auto changed = mailboxes_.find(id); changed != mailboxes_.end())
    return changed->second ? &*changed->second : nullptr;
  const auto before = before_->mailboxes.find(id);
  return before == before_->mailboxes.end() ? nullptr : &before->second;
}

const rows::MailboxRow* Turn::mailbox(MailboxId id) const {
  const auto* row = any_mailbox(id);
  return row != nullptr && row->state == rows::MailboxState::kAlive ? row : nullptr;
}

std::map<MailboxId, const rows::MailboxRow*> Turn::mailboxes() const {
  std::map<MailboxId, const rows::MailboxRow*> alive;
  for (const auto& entry : before_->mailboxes)
    if (const auto* row = mailbox(entry.first)) alive.emplace(entry.first, row);
  for (const auto& entry : mailboxes_)
    if (const auto* row = mailbox(entry.first)) alive.emplace(entry.first, row);
  return alive;
}

std::optional<MailboxId> Turn::find(std::string_view name) const {
  const auto is_it = [&](MailboxId id) {
    const auto* row = mailbox(id);
    return row != nullptr && row->name == name;
  };
  for (const auto& entry : mailboxes_)
    if (is_it(entry.first)) return entry.first;
  for (const auto& [id, before] : before_->mailboxes)
    if (before.name == name && is_it(id)) return id;
  return std::nullopt;
}

rows::MailboxRow& Turn::edit_mailbox(MailboxId id) {
  auto& changed = mailboxes_[id];
  if (!changed) changed = before_->mailboxes.at(id);
  return *changed;
}

MailboxId Turn::add_mailbox(rows::MailboxRow row) {
  const MailboxId id = account_.next_mailbox;
  ++edit_account().next_mailbox.value;
  mailboxes_[id] = std::move(row);
  return id;
}

void Turn::erase_mailbox(MailboxId id) { mailboxes_[id] = std::nullopt; }

bool Turn::subscribed(std::string_view name) const {
  const auto changed = subscriptions_.find(name);
  return changed != subscriptions_.end() ? changed->second : before_->subscriptions.contains(name);
}

std::size_t Turn::count_subscriptions() const { return before_->subscriptions.size() + subscriptions_.size(); }

void Turn::subscribe(std::string name) {
  put(keys::subscription(name), rows::encode_mark());
  subscriptions_.insert_or_assign(std::move(name), true);
}

void Turn::unsubscribe(const std::string& name) {
  erase(keys::subscription(name));
  subscriptions_.insert_or_assign(name, false);
}

const std::map<AccountId, Rights>& Turn::grants(MailboxId mailbox) const {
  static const std::map<AccountId, Rights> kNone;
  if (const auto changed = grants_.find(mailbox); changed != grants_.end()) return changed->second;
  const auto before = before_->grants.find(mailbox);
  return before == before_->grants.end() ? kNone : before->second;
}

void Turn::grant(MailboxId mailbox, AccountId to, Rights rights) {
  if (!grants_.contains(mailbox)) grants_.emplace(mailbox, grants(mailbox));
  auto& all = grants_.at(mailbox);
  if (rights.empty()) {
    all.erase(to);
    erase(keys::rights(mailbox, to));
  } else {
    all.insert_or_assign(to, rights);
    put(keys::rights(mailbox, to), rows::encode_rights(rights));
  }
}

std::size_t Turn::count_grants() const {
  std::size_t count = 0;
  for (const auto& entry : before_->grants)
    if (!grants_.contains(entry.first)) count += entry.second.size();
  for (const auto& entry : grants_) count += entry.second.size();
  return count;
}

void Turn::note_sharer(AccountId owner) {
  put(keys::sharer(owner), rows::encode_sharer(now_));
  sharers_.insert_or_assign(owner, true);
}

void Turn::forget_sharer(AccountId owner) {
  erase(keys::sharer(owner));
  sharers_.insert_or_assign(owner, false);
}

std::optional<ThreadId> Turn::recent_thread(std::uint64_t message_hash) const {
  const auto here = std::ranges::find(threads_, message_hash, &RecentThreads::Entry::message_hash);
  if (here != threads_.end()) return here->thread;
  return before_->threads.find(message_hash);
}

void Turn::remember_thread(std::uint64_t message_hash, ThreadId thread) { threads_.push_back({message_hash, thread}); }

AsyncOutcome<void> Turn::fetch(std::vector<std::string> keys) {
  std::erase_if(keys, [&](const std::string& key) { return changed_.contains(key) || fetched_.contains(key); });
  std::ranges::sort(keys);
  const auto again = std::ranges::unique(keys);  // messages of one thread refer to the same ones
  keys.erase(again.begin(), again.end());
  if (keys.empty()) co_return Outcome<void>();
  auto values = co_await engine_->get(partition_, keys);
  if (!values) co_return std::unexpected(from_store(values.error()));
  for (std::size_t i = 0; i < keys.size(); ++i) fetched_.insert_or_assign(std::move(keys[i]), std::move((*values)[i]));
  co_return Outcome<void>();
}

const std::string* Turn::row(const std::string& key) const {
  const auto value = [](const Row& row) { return row ? &*row : nullptr; };
  if (const auto changed = changed_.find(key); changed != changed_.end()) return value(changed->second);
  const auto fetched = fetched_.find(key);
  return fetched == fetched_.end() ? nullptr : value(fetched->second);
}

AsyncOutcome<Turn::Rows> Turn::scan(std::string low, std::string high, ScanOptions options) {
  auto page = co_await engine_->scan(partition_, low, high, options);
  if (!page) co_return std::unexpected(from_store(page.error()));
  Rows merged;
  if (page->more) merged.next = page->rows.back().key + '\0';
  // What was changed in this turn takes the place of what the engine has.
  const auto last = changed_.lower_bound(page->more ? merged.next : high);
  auto changed = changed_.lower_bound(low);
  const auto take_changed = [&] {
    if (changed->second) merged.rows.push_back({changed->first, options.keys_only ? "" : *changed->second});
    ++changed;
  };
  merged.rows.reserve(page->rows.size());
  for (auto& row : page->rows) {
    while (changed != last && changed->first < row.key) take_changed();
    if (changed != last && changed->first == row.key)
      take_changed();
    else
      merged.rows.push_back(std::move(row));
  }
  while (changed != last) take_changed();
  co_return merged;
}

void Turn::put(std::string key, std::string value) { change(std::move(key), std::move(value)); }
void Turn::erase(std::string key) { change(std::move(key), std::nullopt); }

/// Most operations write in the order of keys: the next stands where the last one ends.
void Turn::change(std::string key, Row row) {
  after_last_ = std::next(changed_.insert_or_assign(after_last_, std::move(key), std::move(row)));
}

void Turn::put_unseen(std::string key, std::string value) { batch_.put(std::move(key), std::move(value)); }

void Turn::erase_everything() {
  erases_everything_ = true;
  require_sync();
}

void Turn::log(MailboxId mailbox, rows::ChangeKind kind, Uid uid, EmailId email) {
  log_[mailbox].changes.push_back({kind, uid, email});
  const auto* row = any_mailbox(mailbox);
  if (row != nullptr && row->highest_modseq != modseq()) edit_mailbox(mailbox).highest_modseq = modseq();
}

void Turn::log(MailboxId mailbox, const std::vector<rows::Change>& changes) {
  if (changes.empty()) return;
  auto& all = log_[mailbox].changes;
  all.insert(all.end(), changes.begin(), changes.end() - 1);
  log(mailbox, changes.back().kind, changes.back().uid, changes.back().email);
}

std::size_t Turn::changes_in(MailboxId mailbox) const {
  const auto at = log_.find(mailbox);
  return at == log_.end() ? 0 : at->second.changes.size();
}

bool Turn::empty() const {
  return !erases_everything_ && !account_changed_ && mailboxes_.empty() && changed_.empty() && log_.empty() &&
         batch_.changes().empty();
}

bool Turn::full(std::size_t octets_limit) const {
  if (erases_everything_ || batch_.octets() >= octets_limit) return true;
  const auto rows = changed_.size() + batch_.changes().size();
  return rows >= kFullChanges ||
         std::ranges::any_of(log_, [](const auto& entry) { return entry.second.changes.size() >= kFullChanges; });
}

Batch Turn::take_batch() {
  Batch batch = std::move(batch_);
  batch.expect_version(before_->version);
  if (erases_everything_) {
    Batch everything;
    everything.expect_version(before_->version).erase_range(std::string(1, '\0'), std::string());
    for (const auto& entry : before_->mailboxes) everything.touch(topic_of(entry.first));
    everything.touch(topic_of(kWholeAccount));
    return everything;
  }
  for (auto& [key, value] : changed_) {
    if (value)
      batch.put(key, std::move(*value));
    else
      batch.erase(key);
  }
  for (const auto& [id, row] : mailboxes_) {
    if (row)
      batch.put(keys::mailbox(id), rows::encode(*row));
    else
      batch.erase(keys::mailbox(id));
  }
  for (auto& [id, row] : log_) {
    row.at = now_;
    batch.put(keys::change(modseq(), id), rows::encode(row)).touch(topic_of(id));
  }
  if (account_changed_) batch.put(keys::account(), rows::encode(account_));
  return batch;
}

void Turn::settle(AccountState& state, io::engine::Version version) && {
  state.version = version;
  state.account = account_;
  for (auto& [id, row] : mailboxes_) {
    if (row)
      state.mailboxes.insert_or_assign(id, std::move(*row));
    else
      state.mailboxes.erase(id);
  }
  for (const auto& [name, subscribed] : subscriptions_) {
    if (subscribed)
      state.subscriptions.insert(name);
    else
      state.subscriptions.erase(name);
  }
  for (auto& [mailbox, grants] : grants_) {
    if (grants.empty())
      state.grants.erase(mailbox);
    else
      state.grants.insert_or_assign(mailbox, std::move(grants));
  }
  for (const auto& [owner, shares] : sharers_) {
    if (shares)
      state.sharers.insert(owner);
    else
      state.sharers.erase(owner);
  }
  for (const auto& entry : threads_) state.threads.remember(entry);
  state.changes.add(ModSeq(version.value), std::move(log_));
  state.annotations.add(ModSeq(version.value), std::move(annotations_));
}

}  // namespace veredus::state::mailbox
