#include "work/queue/brake_gate.h"

#include <algorithm>
#include <utility>

#include "base/codec/ascii.h"
#include "base/crypto/digest.h"
#include "base/types/bytes.h"
#include "work/queue/impl.h"

namespace veredus::work::queue {

using io::engine::Batch;
using io::engine::Durability;
using io::engine::Kind;
using io::engine::Partition;
using io::engine::StoreError;

namespace {

// Keys of an account's rate partition. On disk, do not change.
constexpr std::string_view kLimitsKey = "l";
constexpr std::string_view kRecordKey = "s";
constexpr char kKnownPrefix = 'k';  // k|hash8 -> "": somebody this account has written to
constexpr std::size_t kHashOctets = 8;
constexpr std::uint8_t kLimitsVersion = 1;
constexpr std::uint32_t kChangePage = 1000;
constexpr std::size_t kRecentMessages = 64;  // of one account

Partition partition_of(AccountId account) { return {Kind::kRate, account.value}; }

std::string known_key(std::string_view address) {
  const std::string hash = base::crypto::sha256(base::codec::to_lower_ascii(address));
  return kKnownPrefix + hash.substr(0, kHashOctets);
}

std::vector<std::string> recipients_of(const BrakeGate::Message& message) {
  std::vector<std::string> all;
  for (const auto& entry : message)
    for (const auto& recipient : entry->recipients) all.push_back(recipient.address);
  return all;
}

bool limits_nothing(const BrakeLimits& l) {
  return l.messages_per_hour == 0 && l.messages_per_day == 0 && l.recipients_per_message == 0 &&
         l.new_recipients_per_day == 0 && l.bounce_percent == 0;
}

}  // namespace

std::string encode_limits(const BrakeLimits& limits) {
  std::string row(1, static_cast<char>(kLimitsVersion));
  for (const auto value : {limits.messages_per_hour, limits.messages_per_day, limits.recipients_per_message,
                           limits.new_recipients_per_day, limits.bounce_percent, limits.bounce_from})
    put_varint(row, value);
  return row;
}

std::optional<BrakeLimits> decode_limits(std::string_view row) {
  ByteReader in(row);
  if (in.take_be<std::uint8_t>() != kLimitsVersion) return std::nullopt;
  BrakeLimits limits;
  for (auto* target : {&limits.messages_per_hour, &limits.messages_per_day, &limits.recipients_per_message,
                       &limits.new_recipients_per_day, &limits.bounce_percent, &limits.bounce_from}) {
    const auto value = in.take_varint();
    if (!value || *value > UINT32_MAX) return std::nullopt;
    *target = static_cast<std::uint32_t>(*value);
  }
  if (!in.empty()) return std::nullopt;
  return limits;
}

void BrakeGate::post(Message message) {
  bool begin = false;
  {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back(std::move(message));
    begin = !std::exchange(working_, true);
  }
  if (begin) queue_.house.spawn(work());
}

std::vector<BrakeGate::Message> BrakeGate::next() {
  const std::scoped_lock lock(mutex_);
  if (waiting_.empty()) working_ = false;
  return std::exchange(waiting_, {});
}

asio::awaitable<void> BrakeGate::work() {
  const auto keep_alive = queue_.shared_from_this();
  for (auto messages = next(); !messages.empty(); messages = next())
    for (auto& message : messages) {
      const AccountId account = *message.front()->submitter;
      co_await let_in(account, std::move(message));
    }
}

/// A record that cannot be read holds nobody up: the brakes protect others, not the mail.
asio::awaitable<std::expected<std::shared_ptr<BrakeGate::Ledger>, StoreError>> BrakeGate::open(AccountId account) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto known = ledgers_.find(account); known != ledgers_.end()) co_return known->second;
  }
  std::vector<std::string> keys{std::string(kLimitsKey), std::string(kRecordKey)};
  auto rows = co_await queue_.parts.engine.get(partition_of(account), std::move(keys));
  if (!rows) co_return std::unexpected(rows.error());
  auto ledger = std::make_shared<Ledger>();
  if ((*rows)[0]) ledger->own = decode_limits(*(*rows)[0]);
  if ((*rows)[1]) ledger->record = SendingRecord::decode(*(*rows)[1]).value_or(SendingRecord{});
  const std::scoped_lock lock(mutex_);
  co_return ledgers_.emplace(account, std::move(ledger)).first->second;
}

asio::awaitable<std::uint32_t> BrakeGate::count_new(AccountId account, std::vector<std::string> recipients) {
  std::vector<std::string> keys;
  for (const auto& recipient : recipients) keys.push_back(known_key(recipient));
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  const auto rows = co_await queue_.parts.engine.get(partition_of(account), keys);
  if (!rows) co_return 0;
  Batch batch;
  std::uint32_t fresh = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if ((*rows)[i]) continue;
    ++fresh;
    batch.put(keys[i], "");
  }
  if (fresh == 0) co_return 0;
  batch.keep_version();
  (void)co_await queue_.parts.engine.commit(partition_of(account), std::move(batch), Durability::kRelaxed);
  co_return fresh;
}

std::optional<Braked> BrakeGate::check_and_count(Ledger& ledger, const state::spool::QueueId& id,
                                                 BrakedMessage message) {
  const std::scoped_lock lock(mutex_);
  const SystemTime now = queue_.parts.clock.now();
  const BrakeLimits& limits = ledger.own ? *ledger.own : queue_.options.brakes;
  const auto part = std::ranges::find(ledger.recent, id, [](const auto& known) { return known.first; });
  if (part != ledger.recent.end()) {
    message.continued = true;
    message.recipients += part->second;
  }
  auto braked = ledger.record.check(limits, message, now);
  if (braked) return braked;
  ledger.record.count_message(message, now);
  ledger.changed = true;
  if (part != ledger.recent.end())
    part->second = message.recipients;
  else
    ledger.recent.emplace_back(id, message.recipients);
  if (ledger.recent.size() > kRecentMessages) ledger.recent.pop_front();
  return std::nullopt;
}

asio::awaitable<void> BrakeGate::let_in(AccountId account, Message message) {
  const auto ledger = co_await open(account);
  const bool none = ledger && limits_nothing((*ledger)->own ? *(*ledger)->own : queue_.options.brakes);
  if (!ledger || none) {
    queue_.admit(message);
    co_return;
  }
  std::vector<std::string> recipients = recipients_of(message);
  BrakedMessage as_braked{.recipients = static_cast<std::uint32_t>(recipients.size())};
  as_braked.new_recipients = co_await count_new(account, std::move(recipients));
  const auto braked = check_and_count(**ledger, message.front()->id.message(), as_braked);
  if (braked)
    co_await hold(std::move(message), *braked);
  else
    queue_.admit(message);
}

/// Held in the store, so that everybody sees it and a restart does not forget it. Where that fails the message goes on:
/// it is never lost, at worst too early.
asio::awaitable<void> BrakeGate::hold(Message message, Braked why) {
  queue_.counters.braked.add();
  state::spool::QueueChange change;
  change.kind = state::spool::QueueChange::Kind::kHold;
  change.hold = state::spool::Hold::kBrake;
  change.reason = to_string(why);
  change.due_at = why.until.value_or(SystemTime::max());
  Message held;
  for (auto& entry : message) {
    state::spool::QueueQuery query;
    query.entry = entry->id;
    const auto changed = co_await queue_.parts.shards.change(state::spool::shard_of(entry->domain), std::move(query),
                                                             change, std::nullopt, kChangePage);
    auto copy = std::make_shared<state::spool::QueueEntry>(*entry);
    if (changed) {
      copy->hold = state::spool::Hold::kBrake;
      copy->hold_reason = change.reason;
      copy->due_at = change.due_at;
      queue_.note_event(*copy, "held", change.reason);
    }
    held.push_back(std::move(copy));
  }
  queue_.parts.log.warning("queue.braked", {{"account", message.front()->submitter->value},
                                            {"queue_id", to_string(message.front()->id.message())},
                                            {"reason", change.reason}});
  queue_.admit(held);
}

void BrakeGate::count_result(AccountId account, bool bounced) {
  const std::scoped_lock lock(mutex_);
  const auto known = ledgers_.find(account);
  if (known == ledgers_.end()) return;
  known->second->record.count_result(bounced, queue_.parts.clock.now());
  known->second->changed = true;
}

asio::awaitable<std::optional<Braked>> BrakeGate::check_again(AccountId account, state::spool::QueueId id,
                                                              std::uint32_t recipients) {
  const auto ledger = co_await open(account);
  if (!ledger) co_return std::nullopt;
  const BrakedMessage message{.recipients = recipients};
  co_return check_and_count(**ledger, id, message);
}

Queue::Result<Queue::BrakeState> BrakeGate::state(AccountId account) {
  const auto ledger = co_await open(account);
  if (!ledger) co_return std::unexpected(ledger.error());
  const SystemTime now = queue_.parts.clock.now();
  const std::scoped_lock lock(mutex_);
  Queue::BrakeState state;
  state.own_limits = (*ledger)->own.has_value();
  state.limits = (*ledger)->own.value_or(queue_.options.brakes);
  state.messages_in_hour = (*ledger)->record.messages_in_hour(now);
  state.messages_in_day = (*ledger)->record.messages_in_day(now);
  co_return state;
}

Queue::Result<void> BrakeGate::set(AccountId account, std::optional<BrakeLimits> limits) {
  const auto ledger = co_await open(account);
  if (!ledger) co_return std::unexpected(ledger.error());
  Batch batch;
  if (limits)
    batch.put(std::string(kLimitsKey), encode_limits(*limits));
  else
    batch.erase(std::string(kLimitsKey));
  const auto done = co_await queue_.parts.engine.commit(partition_of(account), std::move(batch), Durability::kSynced);
  if (!done) co_return std::unexpected(done.error());
  const std::scoped_lock lock(mutex_);
  (*ledger)->own = limits;
  co_return std::expected<void, StoreError>{};
}

asio::awaitable<void> BrakeGate::flush() {
  std::vector<std::pair<AccountId, std::string>> rows;
  {
    const std::scoped_lock lock(mutex_);
    const SystemTime now = queue_.parts.clock.now();
    for (auto ledger = ledgers_.begin(); ledger != ledgers_.end();) {
      if (std::exchange(ledger->second->changed, false))
        rows.emplace_back(ledger->first, ledger->second->record.encode());
      else if (ledger->second->record.empty(now) && ledger->second.use_count() == 1) {
        ledger = ledgers_.erase(ledger);
        continue;
      }
      ++ledger;
    }
  }
  for (auto& [account, row] : rows) {
    Batch batch;
    batch.put(std::string(kRecordKey), std::move(row));
    batch.keep_version();
    (void)co_await queue_.parts.engine.commit(partition_of(account), std::move(batch), Durability::kRelaxed);
  }
}

}  // namespace veredus::work::queue
