#include "state/reports/tally.h"

#include <algorithm>
#include <utility>

#include "base/crypto/digest.h"
#include "base/types/bytes.h"
#include "base/types/result.h"
#include "io/engine/counter.h"
#include "io/engine/limits.h"
#include "state/reports/keys.h"

namespace veredus::state::reports {

using io::engine::Batch;
using io::engine::Durability;
using io::engine::Kind;
using io::engine::Partition;
using io::engine::StoreError;

namespace {

constexpr std::size_t kRowsACommit = 1'000;
constexpr std::size_t kOctetsACommit = io::engine::kMaxBatchOctets / 4;
constexpr std::uint32_t kPage = 1'000;
constexpr std::uint32_t kPeriodsAPage = 10'000;

SystemTime midnight_of(SystemTime time) { return std::chrono::floor<std::chrono::days>(time); }
SystemTime next_midnight(SystemTime time) { return midnight_of(time) + std::chrono::days(1); }

}  // namespace

Tally::Tally(io::engine::Engine& engine, const Clock& clock, Options options)
    : engine_(engine), clock_(clock), options_(options) {
  current_.begin = midnight_of(clock.now());
  current_.end = next_midnight(current_.begin);
}

void Tally::count(Stream stream, std::string domain, std::string row, std::string policy) {
  if (domain.empty() || domain.size() > kMostDomainOctets) return;
  if (row.size() + policy.size() > kMostRowOctets) return drop(1);
  const std::scoped_lock lock(mutex_);
  const Subject subject{.stream = stream, .domain = std::move(domain)};
  auto counts = waiting_.find(subject);
  if (counts != waiting_.end()) {
    if (!policy.empty()) {
      waiting_octets_ += policy.size() - counts->second.policy.size();
      counts->second.policy = std::move(policy);
    }
    if (const auto known = counts->second.rows.find(row); known != counts->second.rows.end()) {
      ++known->second;
      return;
    }
  }
  if (waiting_rows_ >= options_.max_waiting || waiting_octets_ + row.size() > options_.max_waiting_octets)
    return drop(1);
  if (counts == waiting_.end()) {
    counts = waiting_.emplace(subject, Counts()).first;
    waiting_octets_ += policy.size();
    counts->second.policy = std::move(policy);
  }
  waiting_octets_ += row.size();
  counts->second.rows.emplace(std::move(row), 1);
  ++waiting_rows_;
}

Tally::Result<std::optional<SystemTime>> Tally::end_of(SystemTime begin) {
  const std::vector<io::engine::Key> keys{std::string(kEndKey)};
  VEREDUS_CO_TRY(const auto values, co_await engine_.get(partition_of(begin), keys));
  co_return values[0] ? decode_end(*values[0]) : std::nullopt;
}

Tally::Result<void> Tally::open() {
  const auto turn = co_await turn_.take();
  const auto now = clock_.now();
  VEREDUS_CO_TRY(const auto ids, co_await engine_.partitions(Kind::kReports, kFirstPeriod, kPeriodsAPage));
  current_ = {.begin = midnight_of(now), .end = next_midnight(now)};
  if (ids.empty()) co_return std::expected<void, StoreError>{};
  const auto newest = begin_of(ids.back());
  VEREDUS_CO_TRY(const auto end, co_await end_of(newest));
  // The newest one is the one that was open, unless it was closed by hand: then the next begins where it ended.
  if (end)
    current_.begin = std::clamp(*end, current_.begin, current_.end - std::chrono::seconds(1));
  else if (newest > current_.begin && newest <= now)
    current_.begin = newest;
  counted_ = !end && newest == current_.begin;
  co_return std::expected<void, StoreError>{};
}

Tally::Result<void> Tally::flush() {
  const auto turn = co_await turn_.take();
  co_return co_await flush_in_turn();
}

Tally::Result<void> Tally::flush_in_turn() {
  auto taken = std::make_shared<Waiting>();
  {
    const std::scoped_lock lock(mutex_);
    taken->swap(waiting_);
    waiting_rows_ = 0;
    waiting_octets_ = 0;
  }
  if (taken->empty()) co_return std::expected<void, StoreError>{};
  counted_ = true;
  const auto written = co_await write(taken);
  if (!written) put_back(*taken);
  co_return written;
}

/// What one commit takes of a subject: its rows before `end`.
struct Tally::Step {
  Batch batch;
  std::map<std::string, std::uint64_t>::const_iterator end;
  std::vector<std::uint64_t> fresh;  // as in known_
  std::size_t fresh_octets = 0;
  std::uint64_t lost = 0;  // beyond the period's bounds
};

Tally::Step Tally::next_step(const Subject& subject, const Counts& counts) const {
  Step step;
  Batch& batch = step.batch;
  batch.keep_version();
  auto row = counts.rows.begin();
  for (std::size_t i = 0; row != counts.rows.end() && i < kRowsACommit && batch.octets() < kOctetsACommit; ++row, ++i) {
    const auto hash = hash_of(row->first);
    const auto short_hash =
        *ByteReader(std::string_view(hash)).take_be<std::uint64_t>() ^ std::hash<std::string>{}(subject.domain);
    if (!known_.contains(short_hash)) {
      const auto octets = step.fresh_octets + row->first.size();
      if (known_.size() + step.fresh.size() >= options_.max_rows || known_octets_ + octets > options_.max_octets) {
        step.lost += row->second;
        continue;
      }
      step.fresh.push_back(short_hash);
      step.fresh_octets = octets;
      batch.put(row_key(subject, hash), row->first);
    }
    batch.add(number_key(subject, hash), static_cast<std::int64_t>(row->second));
  }
  step.end = row;
  if (batch.changes().empty()) return step;
  batch.put(subject_key(subject), {});
  if (!counts.policy.empty()) batch.put(policy_key(subject), counts.policy);
  return step;
}

/// Erases from `waiting` what is written, so that a failure counts nothing twice.
Tally::Result<void> Tally::write(std::shared_ptr<Waiting> waiting) {
  while (!waiting->empty()) {
    const auto first = waiting->begin();
    auto step = next_step(first->first, first->second);
    auto& rows = first->second.rows;
    const auto written =
        co_await engine_.commit(partition_of(current_.begin), std::move(step.batch), Durability::kRelaxed);
    if (!written && written.error() == StoreError::kTooBig) {  // for ever: it shall keep nobody else's back
      for (const auto& [row, number] : rows) drop(number);
      waiting->erase(first);
      continue;
    }
    if (!written) co_return std::unexpected(written.error());
    known_.insert(step.fresh.begin(), step.fresh.end());
    known_octets_ += step.fresh_octets;
    drop(step.lost);
    rows.erase(rows.begin(), step.end);
    if (rows.empty()) waiting->erase(first);
  }
  co_return std::expected<void, StoreError>{};
}

void Tally::put_back(const Waiting& waiting) {
  const std::scoped_lock lock(mutex_);
  for (const auto& [subject, counts] : waiting) {
    Counts& to = waiting_[subject];
    if (to.policy.empty()) {
      waiting_octets_ += counts.policy.size();
      to.policy = counts.policy;
    }
    for (const auto& [row, number] : counts.rows) {
      const auto [place, added] = to.rows.emplace(row, 0);
      place->second += number;
      if (!added) continue;
      ++waiting_rows_;
      waiting_octets_ += row.size();
    }
  }
}

Tally::Result<void> Tally::close(SystemTime end, SystemTime next) {
  VEREDUS_CO_TRY(co_await flush_in_turn());
  if (counted_) {
    Batch batch;
    batch.keep_version();
    batch.put(std::string(kEndKey), encode_end(end));
    VEREDUS_CO_TRY(co_await engine_.commit(partition_of(current_.begin), std::move(batch), Durability::kSynced));
  }
  current_ = {.begin = next, .end = next_midnight(next)};
  counted_ = false;
  known_.clear();
  known_octets_ = 0;
  co_return std::expected<void, StoreError>{};
}

Tally::Result<bool> Tally::roll() {
  const auto turn = co_await turn_.take();
  const auto now = clock_.now();
  if (now < current_.end) co_return false;
  VEREDUS_CO_TRY(co_await close(current_.end, midnight_of(now)));
  co_return true;
}

Tally::Result<bool> Tally::close_now() {
  const auto turn = co_await turn_.take();
  VEREDUS_CO_TRY(co_await flush_in_turn());
  // Periods are named by the second they begin with.
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now());
  const auto end = std::max<SystemTime>(now, current_.begin + std::chrono::seconds(1));
  if (!counted_) co_return false;
  VEREDUS_CO_TRY(co_await close(std::min(end, current_.end), std::min(end, current_.end)));
  co_return true;
}

Tally::Result<std::vector<Period>> Tally::closed() {
  const auto turn = co_await turn_.take();
  VEREDUS_CO_TRY(const auto ids, co_await engine_.partitions(Kind::kReports, kFirstPeriod, kPeriodsAPage));
  const auto now = clock_.now();
  std::vector<Period> out;
  for (const auto id : ids) {
    const auto begin = begin_of(id);
    VEREDUS_CO_TRY(const auto end, co_await end_of(begin));
    // One that was open when the program ended, and whose day is over meanwhile, has no end yet.
    if (end)
      out.push_back({.begin = begin, .end = *end});
    else if (begin != current_.begin && next_midnight(begin) <= now)
      out.push_back({.begin = begin, .end = next_midnight(begin)});
  }
  co_return out;
}

Tally::Result<std::vector<Subject>> Tally::subjects(Period period, std::optional<Subject> after) {
  std::string low = after ? subject_key(*after) + '\0' : std::string(1, kSubjectPrefix);
  std::string high(1, static_cast<char>(kSubjectPrefix + 1));
  io::engine::ScanOptions options;
  options.limit = kPage;
  options.keys_only = true;
  VEREDUS_CO_TRY(const auto page,
                 co_await engine_.scan(partition_of(period.begin), std::move(low), std::move(high), options));
  std::vector<Subject> out;
  for (const auto& row : page.rows) {
    auto subject = subject_of(row.key);
    if (!subject) co_return std::unexpected(StoreError::kCorrupt);
    out.push_back(*std::move(subject));
  }
  co_return out;
}

Tally::Result<std::string> Tally::policy(Period period, Subject subject) {
  const std::vector<io::engine::Key> keys{policy_key(subject)};
  VEREDUS_CO_TRY(auto values, co_await engine_.get(partition_of(period.begin), keys));
  co_return std::move(values[0]).value_or("");
}

Tally::Result<Tally::Rows> Tally::rows(Period period, Subject subject, std::size_t most, std::size_t most_octets) {
  const auto partition = partition_of(period.begin);
  Rows out;
  VEREDUS_CO_TRY(out.policy, co_await policy(period, subject));
  std::vector<std::pair<std::uint64_t, std::string>> numbers;  // count, hash
  std::string low = rows_low(kNumberPrefix, subject);
  const std::string high = rows_high(kNumberPrefix, subject);
  while (true) {
    VEREDUS_CO_TRY(const auto page, co_await engine_.scan(partition, low, high, io::engine::ScanOptions{}));
    for (const auto& row : page.rows) {
      const auto number = io::engine::decode_counter(row.value);
      if (!number || *number <= 0 || row.key.size() < kHashOctets) co_return std::unexpected(StoreError::kCorrupt);
      numbers.emplace_back(static_cast<std::uint64_t>(*number), row.key.substr(row.key.size() - kHashOctets));
    }
    if (!page.more || page.rows.empty()) break;
    low = page.rows.back().key + '\0';
  }
  std::ranges::sort(numbers, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  if (numbers.size() > most) {
    out.left_out = numbers.size() - most;
    numbers.resize(most);
  }
  std::size_t octets = 0;
  for (std::size_t begin = 0; begin < numbers.size(); begin += kPage) {
    const auto end = std::min<std::size_t>(begin + kPage, numbers.size());
    std::vector<io::engine::Key> wanted;
    for (auto i = begin; i < end; ++i) wanted.push_back(row_key(subject, numbers[i].second));
    VEREDUS_CO_TRY(auto found, co_await engine_.get(partition, std::move(wanted)));
    for (auto i = begin; i < end; ++i) {
      auto& row = found[i - begin];
      if (!row) co_return std::unexpected(StoreError::kCorrupt);
      octets += row->size();
      if (octets > most_octets) {
        out.left_out += numbers.size() - i;
        co_return out;
      }
      out.rows.emplace_back(*std::move(row), numbers[i].first);
    }
  }
  co_return out;
}

Tally::Result<void> Tally::mark_sent(Period period, Subject subject, std::string destination) {
  Batch batch;
  batch.keep_version();
  batch.put(sent_key(subject, hash_of(destination)), {});
  VEREDUS_CO_TRY(co_await engine_.commit(partition_of(period.begin), std::move(batch), Durability::kSynced));
  co_return std::expected<void, StoreError>{};
}

Tally::Result<bool> Tally::was_sent(Period period, Subject subject, std::string destination) {
  const std::vector<io::engine::Key> keys{sent_key(subject, hash_of(destination))};
  VEREDUS_CO_TRY(const auto values, co_await engine_.get(partition_of(period.begin), keys));
  co_return values[0].has_value();
}

Tally::Result<void> Tally::erase(Period period, Subject subject) {
  Batch batch;
  batch.keep_version();
  batch.erase(subject_key(subject));
  batch.erase(policy_key(subject));
  for (const char prefix : {kRowPrefix, kNumberPrefix, kSentPrefix})
    batch.erase_range(rows_low(prefix, subject), rows_high(prefix, subject));
  VEREDUS_CO_TRY(co_await engine_.commit(partition_of(period.begin), std::move(batch), Durability::kSynced));
  const std::optional<Subject> any;
  VEREDUS_CO_TRY(const auto left, co_await subjects(period, any));
  if (!left.empty()) co_return std::expected<void, StoreError>{};
  Batch last;
  last.keep_version();
  last.erase_range(std::string(1, '\x01'), {});
  VEREDUS_CO_TRY(co_await engine_.commit(partition_of(period.begin), std::move(last), Durability::kRelaxed));
  co_return std::expected<void, StoreError>{};
}

Tally::Result<std::size_t> Tally::sweep() {
  VEREDUS_CO_TRY(const auto periods, co_await closed());
  std::size_t erased = 0;
  for (const auto& period : periods) {
    if (period.end + options_.life > clock_.now()) continue;
    Batch batch;
    batch.keep_version();
    batch.erase_range(std::string(1, '\x01'), {});
    VEREDUS_CO_TRY(co_await engine_.commit(partition_of(period.begin), std::move(batch), Durability::kRelaxed));
    ++erased;
  }
  co_return erased;
}

}  // namespace veredus::state::reports
