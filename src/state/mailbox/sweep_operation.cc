#include "state/mailbox/sweep_operation.h"

#include <algorithm>
#include <utility>

#include "base/types/bytes.h"
#include "state/mailbox/email_locations.h"
#include "state/mailbox/threads.h"

namespace veredus::state::mailbox {
namespace {

constexpr std::uint32_t kDueRows = 256;  // of each sort in one turn; an email may have many chunks
constexpr std::uint32_t kStagedChunks = 4096;
constexpr std::uint32_t kLogRows = 1000;

io::engine::ScanOptions at_most(std::uint32_t rows) {
  io::engine::ScanOptions options;
  options.limit = rows;
  return options;
}

bool expunges(const rows::Change& change) {
  return change.kind == rows::ChangeKind::kExpunged || change.kind == rows::ChangeKind::kDestroyed;
}

}  // namespace

AsyncOutcome<void> SweepOperation::read(Turn* turn) {
  due_.clear();
  staged_.clear();
  log_.clear();
  more_ = false;
  VEREDUS_CO_TRY(co_await read_due(turn));
  VEREDUS_CO_TRY(co_await read_staged(turn));
  co_return co_await read_log(turn);
}

AsyncOutcome<void> SweepOperation::read_due(Turn* turn) {
  std::string end = "g";
  put_be(end, static_cast<std::uint64_t>(turn->now().time_since_epoch().count() + 1));
  const auto options = at_most(kDueRows);
  VEREDUS_CO_TRY(const auto page, co_await turn->scan("g", std::move(end), options));
  more_ = more_ || !page.next.empty();
  std::vector<std::string> wanted;
  for (const auto& row : page.rows) {
    const auto due = keys::parse_due(row.key);
    if (!due) co_return std::unexpected(MailboxError::kCorrupt);
    if (due->what == keys::Due::kDedupe) wanted.push_back(keys::dedupe(due->dedupe));
    if (due->what == keys::Due::kEmail) {
      wanted.push_back(keys::email(due->email));
      wanted.push_back(keys::locations(due->email));
    }
    due_.emplace_back(row.key, *due);
  }
  VEREDUS_CO_TRY(co_await turn->fetch(std::move(wanted)));
  co_return co_await read_threads(turn);
}

AsyncOutcome<void> SweepOperation::read_threads(Turn* turn) {
  std::vector<std::string> wanted;
  for (const auto& due : due_) {
    if (due.second.what != keys::Due::kEmail) continue;
    const auto* row = turn->row(keys::email(due.second.email));
    if (row == nullptr) continue;
    VEREDUS_CO_TRY(const auto email, rows::decode_email(*row));
    if (const auto own = thread_hashes(email.content).own; own != 0) wanted.push_back(keys::thread_of(own));
  }
  co_return co_await turn->fetch(std::move(wanted));
}

AsyncOutcome<void> SweepOperation::read_staged(Turn* turn) {
  const auto some = at_most(kDueRows);
  VEREDUS_CO_TRY(const auto page, co_await turn->scan("p", keys::after("p"), some));
  for (const auto& row : page.rows) {
    const auto email = keys::parse_email(row.key);
    if (!email) co_return std::unexpected(MailboxError::kCorrupt);
    VEREDUS_CO_TRY(const auto staged, rows::decode_staged(row.value));
    if (staged.expiry > turn->now()) continue;
    auto chunks = at_most(kStagedChunks);
    chunks.keys_only = true;
    std::string low = keys::chunk(*email, 0);
    std::string high = keys::chunk(EmailId(email->value + 1), 0);
    VEREDUS_CO_TRY(const auto body, co_await turn->scan(std::move(low), std::move(high), chunks));
    for (const auto& chunk : body.rows) staged_.push_back(chunk.key);
    if (body.next.empty()) staged_.push_back(row.key);
    more_ = more_ || !body.next.empty();
    if (staged_.size() < kStagedChunks) continue;
    more_ = true;
    break;
  }
  co_return Outcome<void>();
}

AsyncOutcome<void> SweepOperation::read_log(Turn* turn) {
  const auto oldest = turn->now() - log_age_;
  const auto one = at_most(1);
  VEREDUS_CO_TRY(const auto first, co_await turn->scan("c", keys::after("c"), one));
  if (first.rows.empty()) co_return Outcome<void>();
  VEREDUS_CO_TRY(const auto first_change, rows::decode_change(first.rows[0].value));
  if (first_change.at >= oldest) co_return Outcome<void>();
  const auto many = at_most(kLogRows);
  VEREDUS_CO_TRY(const auto page, co_await turn->scan("c", keys::after("c"), many));
  for (const auto& row : page.rows) {
    VEREDUS_CO_TRY(auto change, rows::decode_change(row.value));
    if (!keys::parse_change(row.key)) co_return std::unexpected(MailboxError::kCorrupt);
    if (change.at >= oldest) co_return Outcome<void>();
    log_.emplace_back(row.key, std::move(change));
  }
  more_ = more_ || !page.next.empty();
  co_return Outcome<void>();
}

Outcome<void> SweepOperation::perform(Turn& turn) {
  removed_ = 0;
  for (const auto& due : due_) {
    if (due.second.what == keys::Due::kEmail) VEREDUS_TRY(remove_email(turn, due.second.email));
    if (due.second.what == keys::Due::kDedupe) VEREDUS_TRY(remove_dedupe(turn, due.second));
    erase(turn, due.first);
  }
  for (const auto& key : staged_) erase(turn, key);
  compact_log(turn);
  return {};
}

void SweepOperation::erase(Turn& turn, std::string key) {
  turn.erase(std::move(key));
  ++removed_;
}

/// All its rows were decoded while reading, so nothing fails half-way.
Outcome<void> SweepOperation::remove_email(Turn& turn, EmailId id) {
  const auto* row = turn.row(keys::email(id));
  if (row == nullptr) return {};
  VEREDUS_TRY(const auto email, rows::decode_email(*row));
  VEREDUS_TRY(const auto locations, locations_of(turn, id, email.home));
  if (!locations.empty()) return {};
  erase(turn, keys::email(id));
  erase(turn, keys::locations(id));
  erase(turn, keys::chunk(id, 0));
  const auto later_chunks = (email.octets - email.first_octets + kChunkOctets - 1) / kChunkOctets;
  for (std::uint32_t chunk = 1; chunk <= later_chunks; ++chunk) erase(turn, keys::chunk(id, chunk));
  if (email.thread.value != id.value) erase(turn, keys::thread_member(email.thread, id));
  const auto own = thread_hashes(email.content).own;
  const auto* thread = own == 0 ? nullptr : turn.row(keys::thread_of(own));
  if (thread != nullptr && rows::decode_thread(*thread) == email.thread) erase(turn, keys::thread_of(own));
  return {};
}

Outcome<void> SweepOperation::remove_dedupe(Turn& turn, const keys::DueKey& due) {
  const auto* row = turn.row(keys::dedupe(due.dedupe));
  if (row == nullptr) return {};
  VEREDUS_TRY(const auto dedupe, rows::decode_dedupe(*row));
  if (dedupe.expiry <= turn.now()) erase(turn, keys::dedupe(due.dedupe));  // a later one has a later row
  return {};
}

void SweepOperation::compact_log(Turn& turn) {
  for (const auto& [key, row] : log_) {
    const auto [modseq, mailbox] = *keys::parse_change(key);
    if (turn.any_mailbox(mailbox) != nullptr && std::ranges::any_of(row.changes, expunges))
      turn.edit_mailbox(mailbox).deleted_modseq = modseq;
    turn.edit_account().log_floor = modseq;
    erase(turn, key);
  }
}

}  // namespace veredus::state::mailbox
