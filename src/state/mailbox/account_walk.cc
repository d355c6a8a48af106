#include "state/mailbox/account_walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "state/mailbox/mailbox_name.h"
#include "state/mailbox/sheet_rows.h"

namespace veredus::state::mailbox {
namespace {

/// Moves a decoded row to where it belongs, or says that it was damaged.
template <class T, class Place>
bool keep(rows::Decoded<T> decoded, Place& place) {
  if (!decoded) return false;
  place = std::move(*decoded);
  return true;
}

std::string readable(std::string_view key) {
  std::string text;
  for (const char octet : key) text += fmt::format("{:02x}", static_cast<std::uint8_t>(octet));
  return text;
}

}  // namespace

void AccountWalk::see(const io::engine::Row& row) {
  ++found_.rows;
  if (!decode(row)) differ(fmt::format("row {} is damaged or of no known kind", readable(row.key)));
}

bool AccountWalk::decode(const io::engine::Row& row) {
  switch (row.key.front()) {
    case 'a':
      return row.key == keys::account() && keep(rows::decode_account(row.value), account_);
    case 'b': {
      const auto id = keys::parse_mailbox(row.key);
      return id && keep(rows::decode_mailbox(row.value), mailboxes_[*id]);
    }
    case 'c':
      return see_change(row);
    case 'e':
      return see_flag_page(row);
    case 'f':
      return see_message(row);
    case 'g':
      return see_due(row);
    case 'k':
      return see_dedupe(row);
    case 'l': {
      const auto id = keys::parse_email(row.key);
      return id && keep(rows::decode_locations(row.value), emails_[*id].listed);
    }
    case 'm':
      return see_email(row);
    case 'n':
      return rows::decode_used_name(row.value).has_value();
    case 'p': {
      const auto id = keys::parse_email(row.key);
      if (id) ++found_.staged;
      return id && keep(rows::decode_staged(row.value), emails_[*id].staged);
    }
    case 's':
      return see_setting(row);
    case 't':
      return see_thread(row);
    case 'v':
      return see_table_part(row);
    case 'w':
      return see_sheet(row);
    case 'x':
      return see_chunk(row);
    default:
      return false;
  }
}

bool AccountWalk::see_setting(const io::engine::Row& row) {
  if (row.key.starts_with(keys::all_rights())) {
    const auto at = keys::parse_rights(row.key);
    if (at) annotated_.insert(at->first);
    return at && rows::decode_rights(row.value);
  }
  if (row.key.starts_with(keys::all_annotations())) {
    const auto at = keys::parse_annotation(row.key);
    if (at && at->place.mailbox != kWholeAccount) annotated_.insert(at->place.mailbox);
    return at && rows::decode_annotation(row.value);
  }
  if (row.key.starts_with(keys::all_sharers())) return keys::parse_sharer(row.key) && rows::decode_sharer(row.value);
  return row.key.starts_with(keys::subscription("")) && row.value == rows::encode_mark();
}

bool AccountWalk::see_flag_page(const io::engine::Row& row) {
  const auto at = keys::parse_flag_page(row.key);
  if (!at) return false;
  const auto page = rows::decode_flag_page(at->second, row.value);
  if (!page) return false;
  flags_[at->first].add(*page);
  for (const auto& run : page->runs())
    if (run.modseq.value > version_.value)
      differ(fmt::format("mailbox {}: flags from uid {} are later than the account", at->first.value, run.first.value));
  return true;
}

/// What a part says of its messages may be older than they are; the log has the difference.
bool AccountWalk::see_table_part(const io::engine::Row& row) {
  const auto at = keys::parse_table_part(row.key);
  if (!at) return false;
  const auto part = rows::decode_table_part(row.value);
  if (!part) return false;
  kept_tables_.insert(at->first);
  if (part->as_of.value > version_.value || at->second >= part->parts)
    differ(fmt::format("mailbox {}: part {} of its table is none of it", at->first.value, at->second));
  return true;
}

/// Sheets come after the messages and emails they are of.
bool AccountWalk::see_sheet(const io::engine::Row& row) {
  const auto at = keys::parse_sheet(row.key);
  const auto sheet = at ? decode_sheet(at->column, row.value) : std::nullopt;
  if (!sheet) return false;
  sheet->for_each(at->number, [this, &at](SheetMessage message, std::string_view /*value*/) {
    const auto email = emails_.find(message.email);
    if (email == emails_.end() || !std::ranges::count(email->second.locations, Location{at->mailbox, message.uid}))
      differ(fmt::format("mailbox {}: a sheet has uid {}, which is not there", at->mailbox.value, message.uid.value));
  });
  return true;
}

bool AccountWalk::see_message(const io::engine::Row& row) {
  const auto at = keys::parse_message(row.key);
  if (!at) return false;
  auto message = rows::decode_message(at->uid, row.value);
  if (!message) return false;
  if (const auto flags = flags_.find(at->mailbox); flags != flags_.end()) flags->second.apply(*message);
  auto& recount = recounts_[at->mailbox];
  ++recount.counts.messages;
  recount.counts.octets += message->body.octets;
  if (!message->flags.has(Flag::kSeen)) ++recount.counts.unseen;
  if (message->flags.has(Flag::kDeleted)) ++recount.counts.deleted;
  recount.last = at->uid;
  recount.highest = std::max(recount.highest, message->modseq);
  if (message->created_modseq > message->modseq)
    differ(fmt::format("mailbox {} uid {}: made after it changed", at->mailbox.value, at->uid.value));
  auto& seen = emails_[message->body.email];
  if (!seen.locations.empty() && seen.body != message->body)
    differ(fmt::format("mailbox {} uid {}: not the size it has elsewhere", at->mailbox.value, at->uid.value));
  seen.body = message->body;
  seen.locations.push_back(*at);
  return true;
}

bool AccountWalk::see_email(const io::engine::Row& row) {
  const auto id = keys::parse_email(row.key);
  if (!id) return false;
  auto decoded = rows::decode_email(row.value);
  if (!decoded) return false;
  decoded->content = {};
  emails_[*id].row = std::move(*decoded);
  return true;
}

bool AccountWalk::see_chunk(const io::engine::Row& row) {
  const auto chunk = keys::parse_chunk(row.key);
  if (!chunk) return false;
  auto& seen = emails_[chunk->first];
  ++seen.chunks;
  seen.chunk_octets += row.value.size();
  seen.last_chunk = chunk->second;
  return true;
}

bool AccountWalk::see_change(const io::engine::Row& row) {
  const auto at = keys::parse_change(row.key);
  if (!at || !rows::decode_change(row.value)) return false;
  if (at->first.value > version_.value) differ(fmt::format("change {} is later than the account", at->first.value));
  return true;
}

bool AccountWalk::see_due(const io::engine::Row& row) {
  const auto due = keys::parse_due(row.key);
  if (!due || row.value != rows::encode_mark()) return false;
  if (due->what == keys::Due::kEmail) emails_[due->email].due = true;
  if (due->what == keys::Due::kDedupe) dedupe_due_.insert(keys::due_dedupe(due->at, due->dedupe));
  return true;
}

bool AccountWalk::see_dedupe(const io::engine::Row& row) {
  const auto dedupe = rows::decode_dedupe(row.value);
  std::array<std::uint8_t, 16> key{};
  if (!dedupe || row.key.size() != 1 + key.size()) return false;
  std::transform(row.key.begin() + 1, row.key.end(), key.begin(),
                 [](char octet) { return static_cast<std::uint8_t>(octet); });
  if (!dedupe_due_.contains(keys::due_dedupe(dedupe->expiry, key)))
    differ(fmt::format("row {} will never expire", readable(row.key)));
  return true;
}

bool AccountWalk::see_thread(const io::engine::Row& row) {
  if (!row.key.starts_with("tm")) return row.key.size() == 10 && rows::decode_thread(row.value).has_value();
  const auto member = keys::parse_thread_member(row.key);
  if (!member || row.value != rows::encode_mark()) return false;
  auto& seen = emails_[member->second];
  seen.in_thread = true;
  if (!seen.row || seen.row->thread != member->first)
    differ(
        fmt::format("email {} is listed in thread {} without being in it", member->second.value, member->first.value));
  return true;
}

void AccountWalk::check_mailbox(MailboxId id, const rows::MailboxRow& row) {
  const auto& recount = recounts_[id];
  if (recount.counts != row.counts)
    differ(fmt::format("mailbox {} counts messages/unseen/deleted/octets {}/{}/{}/{}, it has {}/{}/{}/{}", id.value,
                       row.counts.messages, row.counts.unseen, row.counts.deleted, row.counts.octets,
                       recount.counts.messages, recount.counts.unseen, recount.counts.deleted, recount.counts.octets));
  if (recount.last >= row.uid_next)
    differ(fmt::format("mailbox {} has uid {}, its next is {}", id.value, recount.last.value, row.uid_next.value));
  if (recount.highest > row.highest_modseq || row.highest_modseq.value > version_.value)
    differ(fmt::format("mailbox {}: modseq {} is not the highest", id.value, row.highest_modseq.value));
  if (!account_ || row.uid_validity > account_->last_uid_validity || id >= account_->next_mailbox)
    differ(fmt::format("mailbox {}: the account has not given it its id or uidvalidity", id.value));
  for (const auto& [other, named] : mailboxes_)
    if (other < id && row.state == rows::MailboxState::kAlive && named.state == row.state && named.name == row.name)
      differ(fmt::format("mailboxes {} and {} have the same name", other.value, id.value));
}

void AccountWalk::check_body(EmailId id, const Seen& seen) {
  const auto later = seen.row->octets - seen.row->first_octets;
  const auto later_chunks = (later + kChunkOctets - 1) / kChunkOctets;
  const bool has_first = seen.row->first_octets != 0 || later == 0;
  if (seen.chunks != later_chunks + (has_first ? 1 : 0) || (seen.chunks != 0 && seen.last_chunk != later_chunks))
    differ(fmt::format("email {} has {} chunks of its body up to {}, its size needs {}", id.value, seen.chunks,
                       seen.last_chunk, later_chunks + (has_first ? 1 : 0)));
  else if (bodies_ == BodyCheck::kLengths && seen.chunk_octets != seen.row->octets)
    differ(fmt::format("email {} has {} octets, its size is {}", id.value, seen.chunk_octets, seen.row->octets));
}

void AccountWalk::check_email(EmailId id, const Seen& seen) {
  if (!seen.row) {
    if (!seen.locations.empty())
      differ(fmt::format("mailbox {} uid {}: email {} does not exist", seen.locations[0].mailbox.value,
                         seen.locations[0].uid.value, id.value));
    if (seen.listed || seen.due) differ(fmt::format("email {} does not exist, rows of it do", id.value));
    if (seen.chunks != 0 && !seen.staged) differ(fmt::format("a body of no email: {}", id.value));
    return;
  }
  ++found_.emails;
  if (seen.staged) differ(fmt::format("email {} is stored and still staged", id.value));
  auto listed = seen.listed.value_or(std::vector<Location>(1, seen.row->home));
  std::ranges::sort(listed);
  if (listed != seen.locations) differ(fmt::format("email {} is not where it is said to be", id.value));
  if (seen.locations.empty() != seen.due)
    differ(fmt::format("email {} is in {} mailboxes and {}to be removed", id.value, seen.locations.size(),
                       seen.due ? "" : "not "));
  if (!seen.locations.empty() &&
      (seen.body.octets != seen.row->octets || seen.body.first_octets != seen.row->first_octets))
    differ(fmt::format("email {} has two sizes", id.value));
  if (seen.row->thread.value != id.value && !seen.in_thread)
    differ(fmt::format("email {} is not listed in its thread", id.value));
  check_body(id, seen);
  found_.usage.messages += seen.locations.size();
  if (!seen.locations.empty()) found_.usage.octets += seen.row->octets;
}

void AccountWalk::check_account() {
  if (!account_) {
    if (found_.rows != found_.staged) differ("the account's own row is missing");
    return;
  }
  if (account_->usage != found_.usage)
    differ(fmt::format("the account counts {} octets in {} messages, it has {} in {}", account_->usage.octets,
                       account_->usage.messages, found_.usage.octets, found_.usage.messages));
  const auto inbox = mailboxes_.find(kInbox);
  if (inbox == mailboxes_.end() || inbox->second.name != kInboxName) differ("INBOX is missing");
}

Verification AccountWalk::finish() {
  found_.mailboxes = mailboxes_.size();
  for (const auto& [id, row] : mailboxes_) check_mailbox(id, row);
  for (const auto& entry : flags_)
    if (!mailboxes_.contains(entry.first) || !mailboxes_.at(entry.first).has_flag_pages)
      differ(fmt::format("flag pages of no mailbox that has any: {}", entry.first.value));
  for (const auto& entry : recounts_)
    if (!mailboxes_.contains(entry.first)) differ(fmt::format("messages in no mailbox: {}", entry.first.value));
  for (const MailboxId id : kept_tables_)
    if (!mailboxes_.contains(id)) differ(fmt::format("a table of no mailbox: {}", id.value));
  for (const MailboxId id : annotated_)
    if (!mailboxes_.contains(id)) differ(fmt::format("rights or annotations of no mailbox: {}", id.value));
  for (const auto& [id, seen] : emails_) check_email(id, seen);
  check_account();
  return std::move(found_);
}

}  // namespace veredus::state::mailbox
