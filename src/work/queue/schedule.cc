#include "work/queue/schedule.h"

#include <algorithm>

#include "base/codec/hex.h"
#include "base/crypto/digest.h"
#include "base/types/result.h"

namespace veredus::work::queue {
namespace {

constexpr std::size_t kMovedAtOnce = 5'000;  // by one advance()
constexpr std::int64_t kLookAgain = 5'000;   // milliseconds
constexpr auto kIdleLife = std::chrono::minutes(10);
constexpr std::uint8_t kBulkRank = 32;
constexpr std::size_t kLastingName = 160;
constexpr int kHighestPriority = 9;  // RFC 6710 s3

std::int64_t milliseconds(SystemTime time) { return time.time_since_epoch().count(); }
std::int64_t milliseconds(SteadyTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}
/// Not before it: who is woken too early would be put to sleep until the same millisecond again, and so on.
std::int64_t waking(SteadyTime time) {
  return std::chrono::ceil<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

/// Takes an index that is free, or makes one.
template <class T>
std::uint32_t place_in(std::vector<T>& all, std::vector<std::uint32_t>& free, T value) {
  if (free.empty()) {
    all.push_back(std::move(value));
    return static_cast<std::uint32_t>(all.size() - 1);
  }
  const std::uint32_t index = free.back();
  free.pop_back();
  all[index] = std::move(value);
  return index;
}

std::string key_of(std::uint32_t number, std::string_view name) {
  return std::to_string(number) + "|" + std::string(name);
}

}  // namespace

std::uint8_t rank_of(state::spool::TrafficClass traffic, std::int8_t priority) {
  const int by_priority = kHighestPriority - std::clamp<int>(priority, -kHighestPriority, kHighestPriority);
  return static_cast<std::uint8_t>(by_priority + (traffic == state::spool::TrafficClass::kBulk ? kBulkRank : 0));
}

std::uint32_t Schedule::way_of(const delivery::NextHop& hop) {
  for (std::size_t i = 0; i < ways_.size(); ++i)
    if (ways_[i].same_way(hop)) return static_cast<std::uint32_t>(i);
  ways_.push_back(hop);
  return static_cast<std::uint32_t>(ways_.size() - 1);
}

std::uint32_t Schedule::lookup_of(std::uint32_t way, std::string_view domain) {
  const bool by_mx = ways_[way].kind == delivery::NextHop::Kind::kMx;
  std::string key = key_of(way, by_mx ? domain : std::string_view());
  if (const auto known = lookup_by_key_.find(key); known != lookup_by_key_.end()) return known->second;
  auto lookup = std::make_unique<Lookup>();
  lookup->key = key;
  lookup->way = way;
  if (by_mx) lookup->domain = domain;
  const std::uint32_t index = place_in(lookups_, free_lookups_, std::move(lookup));
  lookup_by_key_.emplace(std::move(key), index);
  return index;
}

std::uint32_t Schedule::destination_of(const Admission& entry) {
  const std::uint32_t way = way_of(entry.hop);
  std::string key = key_of(way, entry.domain);
  if (const auto known = destination_by_key_.find(key); known != destination_by_key_.end()) return known->second;
  Destination made{.domain = std::string(entry.domain), .way = way, .lookup = lookup_of(way, entry.domain)};
  made.paused = is_destination_paused(entry.domain);
  ++lookups_[made.lookup]->destinations;
  const std::uint32_t index = place_in(destinations_, free_destinations_, std::move(made));
  destination_by_key_.emplace(std::move(key), index);
  return index;
}

void Schedule::fill(Slot slot, const Admission& entry, Moment now) {
  Waiting& waiting = entries_[slot];
  const std::uint32_t destination = destination_of(entry);
  if (waiting.destination != destination) {
    if (waiting.destination != kNowhere) --destinations_[waiting.destination].entries;
    ++destinations_[destination].entries;
    waiting.destination = destination;
  }
  waiting.sender_key = entry.sender_key;
  waiting.due = milliseconds(entry.due);
  waiting.notice = entry.notice ? to_seconds(*entry.notice) : kNowhere;
  waiting.expires = to_seconds(entry.expires);
  waiting.octets = static_cast<std::uint32_t>(std::min<std::uint64_t>(entry.octets, UINT32_MAX));
  waiting.attempts = static_cast<std::uint16_t>(std::min<std::uint32_t>(entry.attempts, UINT16_MAX));
  waiting.source = entry.source;
  waiting.rank = entry.rank;
  waiting.held = entry.held;
  waiting.sender_paused = entry.sender_paused;
  if (!entry.held && entry.expires <= now.wall) return to_desk(slot, DeskItem::Matter::kExpired);
  wait(slot, now);
}

Slot Schedule::admit(const Admission& entry, Moment now) {
  const Slot slot = entries_.add(entry.id);
  if (slot != kNoSlot) fill(slot, entry, now);
  return slot;
}

void Schedule::admit_again(Slot slot, const Admission& entry, Moment now) {
  VEREDUS_CHECK(entries_[slot].place == Place::kTaken);
  fill(slot, entry, now);
}

/// From kTaken to where it belongs.
void Schedule::wait(Slot slot, Moment now) {
  Waiting& entry = entries_[slot];
  if (entry.held) {
    entries_.put(slot, Place::kParked);
    set_alarm(slot);
  } else if (entry.due <= milliseconds(now.wall)) {
    due(slot, now);
  } else {
    entries_.put(slot, Place::kLater);
    set_alarm(slot);
  }
}

/// An entry that waits wakes up when it is due, when its sender is to be told or when it expires; what an administrator
/// holds does neither.
void Schedule::set_alarm(Slot slot) {
  const Waiting& entry = entries_[slot];
  std::int64_t at = std::numeric_limits<std::int64_t>::max();
  if (entry.place == Place::kLater || entry.held) at = entry.due;
  if (!entry.held && entry.notice != kNowhere) at = std::min(at, to_milliseconds(entry.notice));
  if (!entry.held && entry.expires != kNowhere) at = std::min(at, to_milliseconds(entry.expires));
  alarms_.put(slot, at);
}

/// The next attempt may begin.
void Schedule::due(Slot slot, Moment now) {
  Waiting& entry = entries_[slot];
  Destination& destination = destinations_[entry.destination];
  if (destination.paused || entry.sender_paused) {
    entries_.put(slot, Place::kParked);
    set_alarm(slot);
    return;
  }
  Lookup& lookup = *lookups_[destination.lookup];
  if (lookup.state == Lookup::State::kKnown && lookup.is_good(now.steady)) return make_ready(slot, lookup, now);
  if (lookup.state == Lookup::State::kNowhere && lookup.is_good(now.steady))
    return to_desk(slot, DeskItem::Matter::kNoSite, lookup.error);
  entries_.put(slot, Place::kSearch);
  lookup.waiting.push_back(entries_, slot);
  set_alarm(slot);
  wake_lookup(destination.lookup, now);
}

void Schedule::wake_lookup(std::uint32_t index, Moment now) {
  Lookup& lookup = *lookups_[index];
  if (lookup.state == Lookup::State::kQueued || lookup.state == Lookup::State::kSearching) return;
  if (lookup.state == Lookup::State::kResting && lookup.is_good(now.steady)) {
    lookup_wakes_.put(index, waking(lookup.good_until));
    return;
  }
  lookup.state = Lookup::State::kQueued;
  to_search_.push_back(index);
}

std::optional<Schedule::Search> Schedule::next_search(Moment /*now*/) {
  while (!stopped() && searching_ < options_.searches && !to_search_.empty()) {
    const std::uint32_t index = to_search_.front();
    to_search_.pop_front();
    Lookup& lookup = *lookups_[index];
    if (lookup.state != Lookup::State::kQueued) continue;
    lookup.state = Lookup::State::kSearching;
    ++searching_;
    return Search{.lookup = index, .domain = lookup.domain, .hop = ways_[lookup.way]};
  }
  return std::nullopt;
}

void Schedule::found(std::uint32_t index, smtpclient::Site site, Moment now) {
  --searching_;
  Lookup& lookup = *lookups_[index];
  const auto life = std::clamp(site.ttl, options_.lookup.min_life, options_.lookup.max_life);
  if (lookup.site == nullptr || lookup.site->key != site.key) lookup.lanes.clear();
  lookup.state = Lookup::State::kKnown;
  lookup.site = std::make_shared<const smtpclient::Site>(std::move(site));
  lookup.error.reset();
  lookup.failures = 0;
  lookup.good_until = now.steady + life;
  for (const std::uint32_t lane : lookup.lanes)
    if (lane != kNowhere) lanes_[lane]->site = lookup.site;
  SlotList waiting = std::exchange(lookup.waiting, {});
  for (Slot slot = waiting.pop_front(entries_); slot != kNoSlot; slot = waiting.pop_front(entries_))
    make_ready(slot, lookup, now);
}

void Schedule::not_found(std::uint32_t index, smtpclient::SiteError error, Moment now, double chance) {
  --searching_;
  Lookup& lookup = *lookups_[index];
  lookup.error = error;
  lookup.lanes.clear();
  if (smtpclient::permanence(error) == Permanence::kPermanent) {
    lookup.state = Lookup::State::kNowhere;
    lookup.failures = 0;
    lookup.good_until = now.steady + options_.lookup.failed_life;
    SlotList waiting = std::exchange(lookup.waiting, {});
    for (Slot slot = waiting.pop_front(entries_); slot != kNoSlot; slot = waiting.pop_front(entries_))
      to_desk(slot, DeskItem::Matter::kNoSite, error);
    return;
  }
  const auto doubled = options_.lookup.first_rest * (1U << std::min(lookup.failures, 16U));
  const auto rest = std::min(doubled, options_.lookup.last_rest);
  ++lookup.failures;
  lookup.state = Lookup::State::kResting;
  lookup.good_until =
      now.steady +
      std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(rest.count()) * (0.75 + chance / 2)));
  if (!lookup.waiting.empty()) lookup_wakes_.put(index, waking(lookup.good_until));
}

std::uint32_t Schedule::lane_of(Lookup& lookup, std::uint16_t source, Moment now) {
  if (lookup.lanes.size() <= source) lookup.lanes.resize(source + 1U, kNowhere);
  std::uint32_t& known = lookup.lanes[source];
  if (known != kNowhere) return known;
  std::string key = key_of(source, key_of(lookup.way, lookup.site->key));
  if (const auto other = lane_by_key_.find(key); other != lane_by_key_.end()) return known = other->second;
  std::vector<std::string> hosts;
  for (const auto& host : lookup.site->hosts) hosts.push_back(host.name);
  auto lane = std::make_unique<Lane>(options_.concurrency,
                                     limits_for(options_.providers, options_.limits, lookup.domain, hosts));
  lane->key = key;
  lane->source = source;
  lane->way = lookup.way;
  lane->site = lookup.site;
  lane->used = now.steady;
  if (const auto before = learnt_.find(lasting_name(*lane)); before != learnt_.end()) {
    const LearntLane& learnt = before->second;
    lane->concurrency.restore(learnt.connections, learnt.failures, learnt.resting_until);
    lane->last_tls = learnt.tls;
    lane->saved = lane->learnt();
    learnt_.erase(before);
  } else {
    lane->saved = lane->learnt();
  }
  known = place_in(lanes_, free_lanes_, std::move(lane));
  lane_by_key_.emplace(std::move(key), known);
  return known;
}

/// The site alone for the first source, which most have. It is a row's key: where many hosts make it long, a digest of
/// it.
std::string Schedule::lasting_name(const Lane& lane) const {
  std::string name = lane.site->key;
  if (lane.source != 0 && lane.source < sources_.size()) name += " " + sources_[lane.source];
  if (name.size() <= kLastingName) return name;
  return name.substr(0, kLastingName / 2) + "#" + base::codec::hex_encode(base::crypto::sha256(name));
}

std::vector<Schedule::Learnt> Schedule::take_learnt() {
  std::vector<Learnt> all;
  for (const auto& lane : lanes_) {
    if (!lane || lane->learnt() == lane->saved) continue;
    lane->saved = lane->learnt();
    all.push_back({.name = lasting_name(*lane), .lane = lane->saved, .last_failure = lane->last_failure});
  }
  return all;
}

void Schedule::make_ready(Slot slot, Lookup& lookup, Moment now) {
  Waiting& entry = entries_[slot];
  entry.lane = lane_of(lookup, entry.source, now);
  entries_.put(slot, Place::kReady);
  set_alarm(slot);
  lanes_[entry.lane]->ready.put(entries_, slot);
  consider(entry.lane, now);
}

void Schedule::to_desk(Slot slot, DeskItem::Matter matter, std::optional<smtpclient::SiteError> site) {
  DeskItem item{.slot = slot, .id = entries_[slot].id, .matter = matter, .site = site};
  item.last_failure = last_failure_of(slot);
  withdraw(slot);
  entries_.put(slot, Place::kTaken);
  desk_.push_back(std::move(item));
}

bool Schedule::withdraw(Slot slot) {
  Waiting& entry = entries_[slot];
  if (entry.place == Place::kTaken || entry.place == Place::kFree) return false;
  if (entry.place == Place::kReady) lanes_[entry.lane]->ready.remove(entries_, slot);
  if (entry.place == Place::kSearch) {
    SlotList& waiting = lookups_[destinations_[entry.destination].lookup]->waiting;
    const bool listed = entry.next != kNoSlot || entry.previous != kNoSlot || waiting.first == slot;
    if (listed) waiting.remove(entries_, slot);  // else it was just taken off to be moved
  }
  alarms_.remove(slot);
  entry.lane = kNowhere;
  entries_.put(slot, Place::kTaken);
  return true;
}

void Schedule::erase(Slot slot) {
  withdraw(slot);
  const std::uint32_t destination = entries_[slot].destination;
  if (destination != kNowhere) --destinations_[destination].entries;
  entries_.erase(slot);
}

void Schedule::look_again_later(Slot slot, Moment now) {
  Waiting& entry = entries_[slot];
  VEREDUS_CHECK(entry.place == Place::kTaken);
  entries_.put(slot, entry.held ? Place::kParked : Place::kLater);
  alarms_.put(slot, milliseconds(now.wall) + kLookAgain);
}

bool Schedule::goes_by(Slot slot, const delivery::NextHop& hop) const {
  const std::uint32_t destination = entries_[slot].destination;
  return destination != kNowhere && ways_[destinations_[destination].way].same_way(hop);
}

/// An entry's alarm has gone off.
void Schedule::ring(Slot slot, Moment now) {
  const Waiting& entry = entries_[slot];
  const std::int64_t at = milliseconds(now.wall);
  if (entry.held) return to_desk(slot, DeskItem::Matter::kUnbrake);
  if (entry.expires != kNowhere && to_milliseconds(entry.expires) <= at)
    return to_desk(slot, DeskItem::Matter::kExpired);
  if (entry.notice != kNowhere && to_milliseconds(entry.notice) <= at) return to_desk(slot, DeskItem::Matter::kNotice);
  due(slot, now);
}

bool Schedule::advance(Moment now) {
  std::size_t moved = 0;
  if (!suspended_)  // what is decided cannot be written down
    for (; moved < kMovedAtOnce; ++moved) {
      const auto slot = alarms_.take_due(milliseconds(now.wall));
      if (!slot) break;
      ring(*slot, now);
    }
  while (const auto lookup = lookup_wakes_.take_due(milliseconds(now.steady)))
    if (lookups_[*lookup] && !lookups_[*lookup]->waiting.empty()) wake_lookup(*lookup, now);
  while (const auto lane = lane_wakes_.take_due(milliseconds(now.steady)))
    if (lanes_[*lane]) consider(*lane, now);
  return moved < kMovedAtOnce;
}

std::optional<std::chrono::milliseconds> Schedule::next_wake(Moment now) const {
  std::int64_t wait = std::numeric_limits<std::int64_t>::max();
  if (const auto at = alarms_.next_due(); at && !suspended_) wait = std::min(wait, *at - milliseconds(now.wall));
  if (const auto at = lane_wakes_.next_due()) wait = std::min(wait, *at - milliseconds(now.steady));
  if (const auto at = lookup_wakes_.next_due()) wait = std::min(wait, *at - milliseconds(now.steady));
  if (wait == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return std::chrono::milliseconds(std::max<std::int64_t>(wait, 0));
}

void Schedule::consider(std::uint32_t index, Moment now) {
  Lane& lane = *lanes_[index];
  if (lane.ready.empty() || lane.queued) return;
  if (lane.workers >= lane.allowed(now.steady)) {
    const SteadyTime until = lane.resting_until();
    if (now.steady < until) lane_wakes_.put(index, waking(until));
    return;  // one that ends looks again
  }
  lane.queued = true;
  to_start_.push_back(index);
}

std::optional<Schedule::Start> Schedule::next_start(Moment now) {
  while (!stopped() && connections_ < options_.connections && !to_start_.empty()) {
    const std::uint32_t index = to_start_.front();
    to_start_.pop_front();
    Lane& lane = *lanes_[index];
    lane.queued = false;
    if (lane.ready.empty() || lane.workers >= lane.allowed(now.steady)) {
      consider(index, now);  // when it may go on
      continue;
    }
    ++lane.workers;
    ++connections_;
    Start start{.lane = index, .worker = lane.workers - 1, .batch = take(index, now)};
    consider(index, now);
    return start;
  }
  return std::nullopt;
}

/// Entries of the same message that are ready in the same lane go in one transaction.
void Schedule::move_siblings(Slot slot, std::uint32_t lane, std::vector<Slot>& to) {
  for (Slot at = entries_[slot].sibling; at != slot; at = entries_[at].sibling) {
    if (entries_[at].place != Place::kReady || entries_[at].lane != lane) continue;
    withdraw(at);
    to.push_back(at);
  }
}

std::vector<Slot> Schedule::take(std::uint32_t index, Moment now) {
  std::vector<Slot> taken;
  Lane& lane = *lanes_[index];
  lane.used = now.steady;
  if (stopped() || lane.workers > std::max(1U, lane.allowed(now.steady)) || now.steady < lane.resting_until())
    return taken;
  const std::size_t share = lane.ready.size() / std::max(1U, lane.allowed(now.steady));
  const std::size_t most = std::clamp<std::size_t>(share, 1, options_.batch_messages);
  std::size_t octets = 0;
  while (taken.size() < most && octets < options_.batch_octets) {
    const Slot slot = lane.ready.take(entries_);
    if (slot == kNoSlot) break;
    alarms_.remove(slot);
    entries_.put(slot, Place::kTaken);
    octets += entries_[slot].octets;
    taken.push_back(slot);
    move_siblings(slot, index, taken);
  }
  return taken;
}

void Schedule::put_back(Slot slot, Moment now) { wait(slot, now); }

void Schedule::worker_ended(std::uint32_t index, Moment now) {
  Lane& lane = *lanes_[index];
  VEREDUS_CHECK(lane.workers > 0 && connections_ > 0);
  --lane.workers;
  --connections_;
  lane.used = now.steady;
  consider(index, now);
}

bool Schedule::is_destination_paused(std::string_view domain) const {
  return paused_domains_.contains(std::string(domain));
}

void Schedule::pause_destination(std::string_view domain, Moment now) {
  if (!paused_domains_.emplace(domain).second) return;
  for (auto& destination : destinations_)
    if (destination.domain == domain) destination.paused = true;
  for (Slot slot = 0; slot < entries_.end(); ++slot) {
    const Waiting& entry = entries_[slot];
    if (entry.place != Place::kReady && entry.place != Place::kSearch) continue;
    if (!destinations_[entry.destination].paused) continue;
    withdraw(slot);
    wait(slot, now);
  }
}

void Schedule::resume_destination(std::string_view domain, Moment now) {
  if (paused_domains_.erase(std::string(domain)) == 0) return;
  for (auto& destination : destinations_)
    if (destination.domain == domain) destination.paused = false;
  for (Slot slot = 0; slot < entries_.end(); ++slot) {
    if (entries_[slot].place != Place::kParked || destinations_[entries_[slot].destination].domain != domain) continue;
    withdraw(slot);
    wait(slot, now);
  }
}

void Schedule::pause_sender_of(Slot slot) {
  Waiting& entry = entries_[slot];
  entry.sender_paused = true;
  if (entry.place != Place::kReady && entry.place != Place::kSearch) return;
  withdraw(slot);
  entries_.put(slot, Place::kParked);
  set_alarm(slot);
}

void Schedule::resume_sender_of(Slot slot, Moment now) {
  Waiting& entry = entries_[slot];
  entry.sender_paused = false;
  if (entry.place != Place::kParked) return;
  withdraw(slot);
  wait(slot, now);
}

void Schedule::forget_backoff(std::string_view domain, Moment now) {
  for (const auto& destination : destinations_) {
    if (destination.entries == 0 || destination.domain != domain) continue;
    Lookup& lookup = *lookups_[destination.lookup];
    if (lookup.state == Lookup::State::kResting || lookup.state == Lookup::State::kNowhere) lookup.good_until = {};
    if (!lookup.waiting.empty()) wake_lookup(destination.lookup, now);
    for (const std::uint32_t lane : lookup.lanes) {
      if (lane == kNowhere) continue;
      lanes_[lane]->concurrency.forget_backoff();
      lanes_[lane]->not_before = {};
      consider(lane, now);
    }
  }
}

void Schedule::sweep(Moment now) {
  for (std::uint32_t i = 0; i < destinations_.size(); ++i) {
    Destination& destination = destinations_[i];
    if (destination.domain.empty() || destination.entries > 0) continue;
    Lookup& lookup = *lookups_[destination.lookup];
    if (lookup.is_good(now.steady)) continue;  // its site, or its rest, is worth keeping
    --lookup.destinations;
    destination_by_key_.erase(key_of(destination.way, destination.domain));
    destination = Destination{};
    free_destinations_.push_back(i);
  }
  for (std::uint32_t i = 0; i < lanes_.size(); ++i) {
    if (!lanes_[i]) continue;
    const Lane& lane = *lanes_[i];
    const bool needed = !lane.ready.empty() || lane.workers > 0 || lane.queued || now.steady < lane.resting_until();
    if (needed || now.steady < lane.used + kIdleLife) continue;
    for (const auto& lookup : lookups_)
      if (lookup) std::ranges::replace(lookup->lanes, i, kNowhere);
    lane_wakes_.remove(i);
    lane_by_key_.erase(lane.key);
    lanes_[i].reset();
    free_lanes_.push_back(i);
  }
  for (std::uint32_t i = 0; i < lookups_.size(); ++i) {
    if (!lookups_[i] || lookups_[i]->destinations > 0 || !lookups_[i]->waiting.empty()) continue;
    if (lookups_[i]->state == Lookup::State::kSearching || lookups_[i]->state == Lookup::State::kQueued) continue;
    lookup_wakes_.remove(i);
    lookup_by_key_.erase(lookups_[i]->key);
    lookups_[i].reset();
    free_lookups_.push_back(i);
  }
}

Schedule::Count Schedule::count(Moment now) const {
  Count count{.entries = entries_.size(), .connections = connections_};
  count.later = entries_.count(Place::kLater);
  count.searching = entries_.count(Place::kSearch);
  count.ready = entries_.count(Place::kReady);
  count.parked = entries_.count(Place::kParked);
  count.taken = entries_.count(Place::kTaken);
  for (const auto& lane : lanes_) {
    if (!lane) continue;
    ++count.lanes;
    if (now.steady < lane->resting_until()) ++count.resting;
  }
  return count;
}

std::vector<std::uint32_t> Schedule::lanes() const {
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = 0; i < lanes_.size(); ++i)
    if (lanes_[i]) all.push_back(i);
  return all;
}

std::string_view Schedule::domain_of(Slot slot) const { return destinations_[entries_[slot].destination].domain; }

std::string Schedule::last_failure_of(Slot slot) const {
  const Waiting& entry = entries_[slot];
  if (entry.destination == kNowhere) return {};
  const Lookup& lookup = *lookups_[destinations_[entry.destination].lookup];
  if (lookup.error) return std::string(smtpclient::to_string(*lookup.error));
  if (lookup.lanes.size() <= entry.source || lookup.lanes[entry.source] == kNowhere) return {};
  return lanes_[lookup.lanes[entry.source]]->last_failure;
}

}  // namespace veredus::work::queue
