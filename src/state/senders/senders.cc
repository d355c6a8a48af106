#include "state/senders/senders.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "io/net/deadline.h"

namespace veredus::state::senders {

using io::engine::Batch;
using io::engine::Durability;
using io::engine::Kind;
using io::engine::Partition;
using rules::standing::Record;

namespace {

// On disk, do not change.
constexpr std::uint64_t kFirstPartition = std::uint64_t{1} << 63;  // of Kind::kRate, whose others are accounts'
constexpr std::uint64_t kPartitions = 16;
constexpr std::size_t kMostKeyOctets = 500;
constexpr std::uint32_t kSweepPage = 1000;

/// FNV-1a, 32 bits.
std::uint32_t hash_of(std::string_view key) {
  std::uint32_t hash = 2'166'136'261U;
  for (const char c : key) hash = (hash ^ static_cast<std::uint8_t>(c)) * 16'777'619U;
  return hash;
}

std::uint64_t messages_of(const Record& record) {
  return record.accepted + record.junk + record.refused + record.put_off;
}

Partition partition_of(std::string_view key) { return {Kind::kRate, kFirstPartition + hash_of(key) % kPartitions}; }

}  // namespace

struct Senders::Sender::Held {
  Record record;
  bool changed = false;
};

Record Senders::Sender::record() const {
  const std::scoped_lock lock(senders_->mutex_);
  return held_->record;
}

std::optional<std::chrono::seconds> Senders::Sender::greylist(const rules::standing::GreylistOptions& options) {
  const auto now = senders_->clock_.now();
  const std::scoped_lock lock(senders_->mutex_);
  held_->changed = true;
  return rules::standing::greylist(held_->record, options, now);
}

void Senders::Sender::count(rules::standing::Outcome outcome) {
  const auto now = senders_->clock_.now();
  const std::scoped_lock lock(senders_->mutex_);
  held_->changed = true;
  rules::standing::count(held_->record, outcome, now);
}

Senders::Senders(io::engine::Engine& engine, const Clock& clock, Options options)
    : engine_(engine), clock_(clock), options_(options) {}

Senders::~Senders() = default;

asio::awaitable<std::optional<Senders::Sender>> Senders::open(std::string key) {
  if (key.size() > kMostKeyOctets) key.resize(kMostKeyOctets);
  {
    const std::scoped_lock lock(mutex_);
    if (const auto known = table_.find(key); known != table_.end()) co_return Sender(this, known->second);
  }
  std::vector<std::string> keys(1, key);
  const auto rows = co_await engine_.get(partition_of(key), std::move(keys));
  if (!rows) co_return std::nullopt;
  auto held = std::make_shared<Sender::Held>();
  const auto& row = rows->front();
  if (row) held->record = rules::standing::decode(*row).value_or(Record());  // a damaged one is forgotten
  const std::scoped_lock lock(mutex_);
  make_room();
  co_return Sender(this, table_.emplace(std::move(key), std::move(held)).first->second);
}

/// Drops what is written down and nobody uses; it is read again when it is wanted.
void Senders::make_room() {
  if (table_.size() < options_.cached || std::exchange(made_room_, true)) return;
  std::erase_if(table_, [](const auto& entry) { return !entry.second->changed && entry.second.use_count() == 1; });
}

asio::awaitable<void> Senders::flush() {
  /// Held while it is written: memory keeps it, and it is wanted again when it cannot be written.
  struct Writing {
    std::string key;
    Record record;
    std::shared_ptr<Sender::Held> held;
  };
  std::array<std::vector<Writing>, kPartitions> changed;
  {
    const std::scoped_lock lock(mutex_);
    made_room_ = false;
    for (auto& [key, held] : table_)
      if (std::exchange(held->changed, false))
        changed[partition_of(key).id - kFirstPartition].push_back({.key = key, .record = held->record, .held = held});
  }
  for (std::size_t i = 0; i < changed.size(); ++i) {
    if (changed[i].empty()) continue;
    Batch batch;
    for (const auto& writing : changed[i]) batch.put(writing.key, rules::standing::encode(writing.record));
    batch.keep_version();
    const Partition partition{Kind::kRate, kFirstPartition + i};
    const auto written = co_await engine_.commit(partition, std::move(batch), Durability::kRelaxed);
    const std::scoped_lock lock(mutex_);
    if (!written)
      for (const auto& writing : changed[i]) writing.held->changed = true;
    changed[i].clear();
  }
}

asio::awaitable<std::expected<std::vector<Senders::Listed>, io::engine::StoreError>> Senders::list(Wanted wanted) {
  co_await flush();  // what is in memory alone is seconds old
  std::vector<Listed> out;
  const auto keep_most = [&out, limit = wanted.limit](std::size_t room) {
    if (out.size() <= room) return;
    std::ranges::sort(out, [](const Listed& a, const Listed& b) {
      return std::pair(messages_of(b.record), std::string_view(a.key)) <
             std::pair(messages_of(a.record), std::string_view(b.key));
    });
    out.resize(std::min(out.size(), limit));
  };
  for (std::uint64_t i = 0; i < kPartitions; ++i) {
    const Partition partition{Kind::kRate, kFirstPartition + i};
    if (!wanted.key.empty() && partition.id != partition_of(wanted.key).id) continue;
    std::string from = wanted.key;
    while (true) {
      const auto page = co_await engine_.scan(partition, from, {}, {.limit = kSweepPage});
      if (!page) co_return std::unexpected(page.error());
      for (const auto& [key, value] : page->rows) {
        if (!wanted.key.empty() && key != wanted.key) continue;
        if (const auto record = rules::standing::decode(value)) out.push_back({.key = key, .record = *record});
      }
      keep_most(wanted.limit + kSweepPage);
      if (!page->more || !wanted.key.empty()) break;
      from = page->rows.back().key + '\0';
    }
  }
  keep_most(0);
  co_return out;
}

asio::awaitable<std::uint64_t> Senders::sweep() {
  std::uint64_t swept = 0;
  for (std::uint64_t i = 0; i < kPartitions; ++i) swept += co_await sweep(Partition{Kind::kRate, kFirstPartition + i});
  co_return swept;
}

asio::awaitable<std::uint64_t> Senders::sweep(Partition partition) {
  std::uint64_t swept = 0;
  std::string from;
  while (true) {
    const auto page = co_await engine_.scan(partition, from, {}, {.limit = kSweepPage});
    if (!page) co_return swept;
    Batch batch;
    const auto before = swept;
    const auto horizon = clock_.now() - options_.forget_after;
    {
      const std::scoped_lock lock(mutex_);
      for (const auto& [key, value] : page->rows) {
        const auto record = rules::standing::decode(value);
        if ((record && record->last_seen >= horizon) || table_.contains(key)) continue;
        batch.erase(key);
        ++swept;
      }
    }
    batch.keep_version();
    if (swept > before) (void)co_await engine_.commit(partition, std::move(batch), Durability::kRelaxed);
    if (!page->more) co_return swept;
    from = page->rows.back().key + '\0';
  }
}

asio::awaitable<void> Senders::work() {
  auto next_sweep = clock_.steady_now() + options_.sweep_every;
  while (true) {
    co_await io::net::pause(options_.write_every);
    co_await flush();
    if (clock_.steady_now() < next_sweep) continue;
    next_sweep = clock_.steady_now() + options_.sweep_every;
    co_await sweep();
  }
}

}  // namespace veredus::state::senders
