#include "work/queue/impl.h"

#include <algorithm>
#include <functional>
#include <random>
#include <utility>

#include "base/crypto/random.h"
#include "state/journal/journal.h"
#include "work/delivery/routes.h"
#include "work/queue/worker.h"

namespace veredus::work::queue {

using state::spool::Hold;
using state::spool::Settlement;

namespace {

std::string postmaster_of(const Queue::Options& options) {
  return options.postmaster.empty() ? "postmaster@" + options.hostname : options.postmaster;
}

/// The first detail of that name, or of the other; empty: there is none.
std::string_view detail_of(const base::observe::JournalEvent& event, std::string_view name,
                           std::string_view or_name = {}) {
  for (const auto& [key, value] : event.details)
    if (key == name || (!or_name.empty() && key == or_name)) return value;
  return {};
}

/// The first octets of an entry's id, which differ by message: what its egress is chosen by.
std::uint64_t key_of(const EntryId& id) {
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < 10; ++i) key = key * 257 + id.octets[i];
  return key;
}

}  // namespace

Queue::Impl::Impl(Parts p, Options o)
    : parts(std::move(p)),
      options(std::move(o)),
      retries(options.retries),
      egress(options.sources, options.pools),
      counters(parts.metrics),
      settler(*this),
      brakes(*this),
      outbox(*this),
      shelf(options.shelf),
      late_reports(*this),
      schedule(options.schedule),
      house(parts.executors.front()) {
  options.postmaster = postmaster_of(options);
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < egress.size(); ++i) names.push_back(egress.source(i).name);
  schedule.name_sources(std::move(names));
  for (const auto& executor : parts.executors) {
    workers.push_back(std::make_unique<io::net::TaskGroup>(executor));
    writers.push_back(std::make_unique<io::net::TaskGroup>(executor));
  }
}

double Queue::Impl::chance() {
  thread_local std::mt19937_64 random(base::crypto::random_u64());
  return std::uniform_real_distribution<double>(0, 1)(random);
}

Admission Queue::Impl::admission_of(const QueueEntry& entry) const {
  Admission admission;
  admission.id = entry.id;
  admission.domain = entry.domain;
  admission.hop = parts.routes.next_hop(entry.domain, entry.sender.value_or(std::string()),
                                        entry.submitter.value_or(AccountId{}), entry.route);
  admission.source = static_cast<std::uint16_t>(egress.pick(entry.pool, key_of(entry.id)));
  admission.sender_key = entry.sender_key;
  admission.due = entry.due_at;
  if (entry.mail.hold_until) admission.due = std::max(admission.due, *entry.mail.hold_until);  // RFC 4865 s4
  if (entry.hold == Hold::kAdministrator) admission.due = SystemTime::max();
  admission.held = entry.hold != Hold::kNone;
  admission.notice = notice_of(entry);
  admission.expires = expiry_of(entry);
  admission.octets = entry.octets;
  admission.attempts = entry.attempts;
  admission.rank = rank_of(entry.traffic, entry.mail.priority);
  admission.sender_paused = pauses.holds_sender(entry.sender);
  return admission;
}

void Queue::Impl::arrived(std::vector<SharedEntry> arrivals, std::shared_ptr<const std::string> octets) {
  if (!running_.load(std::memory_order_relaxed)) return;  // in its shard; the next start finds it
  if (arrivals.empty()) return;
  const QueueEntry& first = *arrivals.front();
  shelf.put(first.id.message(), std::move(octets), parts.clock.steady_now());
  if (first.submitter && first.sender && first.attempts == 0)
    brakes.post(std::move(arrivals));
  else
    admit(arrivals);
}

void Queue::Impl::admit(const std::vector<SharedEntry>& arrivals) {
  std::vector<Admission> admissions;
  admissions.reserve(arrivals.size());
  for (const auto& entry : arrivals) admissions.push_back(admission_of(*entry));
  {
    const std::scoped_lock lock(mutex);
    const Moment moment = now();
    Slot first = kNoSlot;
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
      const Slot slot = schedule.admit(admissions[i], moment);
      if (slot == kNoSlot) continue;
      entries.fetch_add(1, std::memory_order_relaxed);
      if (first == kNoSlot)
        first = slot;
      else if (arrivals[i]->id.message() == schedule.entries()[first].id.message())
        schedule.join_ring(slot, first);
      if (kept_count >= options.kept_entries || schedule.entries()[slot].place == Place::kLater) continue;
      if (slot >= kept.size()) kept.resize(std::max<std::size_t>(slot + 1U, kept.size() * 2));
      kept[slot] = arrivals[i];
      ++kept_count;
    }
  }
  pump();
}

SharedEntry Queue::Impl::take_kept(Slot slot) {
  if (slot >= kept.size() || !kept[slot]) return nullptr;
  --kept_count;
  return std::exchange(kept[slot], nullptr);
}

void Queue::Impl::settled(Slot slot, const SharedEntry& entry) {
  std::optional<Admission> admission;
  if (entry) admission = admission_of(*entry);
  const std::scoped_lock lock(mutex);
  (void)take_kept(slot);
  if (admission) {
    schedule.admit_again(slot, *admission, now());
    return;
  }
  schedule.erase(slot);
  entries.fetch_sub(1, std::memory_order_relaxed);
}

void Queue::Impl::pump() {
  if (!running_.load(std::memory_order_relaxed)) return;
  std::vector<Schedule::Start> starts;
  std::vector<Schedule::Search> searches;
  std::vector<DeskItem> desk;
  {
    const std::scoped_lock lock(mutex);
    const Moment moment = now();
    schedule.advance(moment);
    if (!stopping()) {
      while (auto start = schedule.next_start(moment)) starts.push_back(*std::move(start));
      while (auto wanted = schedule.next_search(moment)) searches.push_back(*std::move(wanted));
      desk = schedule.take_desk_items();
    }
  }
  const auto self = shared_from_this();
  for (auto& start : starts) {
    // A lane keeps to its reactors: the connections it left there are used again.
    const std::size_t reactor = (start.lane + start.worker) % workers.size();
    workers[reactor]->spawn(work_lane(self, std::move(start), reactor));
  }
  for (auto& wanted : searches) workers[next_reactor()]->spawn(search(std::move(wanted)));
  if (!desk.empty()) writers[next_reactor()]->spawn(work_desk(std::move(desk)));
}

/// One log line for each, and the journal's event. The line says what an operator greps for; the journal has it all.
void Queue::Impl::record(std::vector<base::observe::JournalEvent> events) {
  for (auto& event : events) {
    if (parts.log.enabled(base::observe::Level::kInfo)) {
      parts.log.info("queue.attempt", {{"queue_id", event.message_id},
                                       {"result", event.kind},
                                       {"to", detail_of(event, state::journal::kRecipientDetail)},
                                       {"mx", detail_of(event, "mx")},
                                       {"address", detail_of(event, "address")},
                                       {"tls", detail_of(event, "tls")},
                                       {"reply", detail_of(event, "reply", "reason")}});
    }
    parts.journal.record(std::move(event));
  }
}

void Queue::Impl::note_event(const QueueEntry& entry, std::string_view kind, std::string_view reason) {
  base::observe::JournalEvent event;
  event.at = parts.clock.now();
  event.message_id = to_string(entry.id.message());
  event.kind = kind;
  event.details.emplace_back(state::journal::kSenderDetail, entry.sender.value_or("<>"));
  for (const auto& recipient : entry.recipients)
    event.details.emplace_back(state::journal::kRecipientDetail, recipient.address);
  if (!reason.empty()) event.details.emplace_back("reason", reason);
  parts.journal.record(std::move(event));
}

void Queue::Impl::conclude(Slot slot, const QueueEntry& entry, Judged judged, std::string original,
                           bool original_is_whole) {
  counters.delivered.add(judged.delivered);
  counters.deferred.add(judged.deferred);
  counters.refused.add(judged.refused);
  const SystemTime time = parts.clock.now();
  if (judged.delivered > 0)
    counters.delay_seconds.observe(std::chrono::duration<double>(time - entry.accepted_at).count());
  if (entry.submitter && entry.sender) {
    for (unsigned i = 0; i < judged.delivered; ++i) brakes.count_result(*entry.submitter, false);
    for (unsigned i = 0; i < judged.refused; ++i) brakes.count_result(*entry.submitter, true);
  }
  late_reports.count_refusals(entry, judged);
  Settlement settlement = judged.left ? Settlement::again(*std::move(judged.left)) : Settlement::done(entry);
  if (!judged.reported.empty()) {
    const ReportBasis basis{.hostname = options.hostname,
                            .postmaster = options.postmaster,
                            .id = parts.ids.next(),
                            .now = time,
                            .random = base::crypto::random_u64()};
    auto report = make_report(entry, std::move(judged.reported), std::move(original), original_is_whole, basis);
    if (report) {
      settlement.outbox.push_back(*std::move(report));
    } else {
      counters.reports_dropped.add();
      note_event(entry, "report_dropped", "the sender is the null reverse-path: nobody is told");
    }
  }
  record(std::move(judged.events));
  settler.post(state::spool::shard_of(entry.domain), {slot, std::move(settlement)});
}

asio::awaitable<void> Queue::Impl::search(Schedule::Search wanted) {
  const auto keep_alive = shared_from_this();
  std::optional<Carrier::Found> found;
  try {
    found = co_await parts.carrier.find(wanted.domain, wanted.hop);
  } catch (...) {  // cut off: the schedule is told, then the task ends as it wants to
    const std::scoped_lock lock(mutex);
    schedule.not_found(wanted.lookup, smtpclient::SiteError::kStopped, now(), chance());
    throw;
  }
  {
    const std::scoped_lock lock(mutex);
    if (*found)
      schedule.found(wanted.lookup, **std::move(found), now());
    else
      schedule.not_found(wanted.lookup, found->error(), now(), chance());
  }
  (*found ? counters.sites_found : counters.sites_not_found).add();
  if (!*found) parts.log.info("queue.no_site", {{"domain", wanted.domain}, {"why", to_string(found->error())}});
  pump();
}

/// With the lock held.
LaneFigures Queue::Impl::figures_of(const Lane& lane, SteadyTime time) const {
  LaneFigures one;
  one.source = egress.source(lane.source).name;
  one.site = lane.site->key;
  one.ready = lane.ready.size();
  one.senders = lane.ready.senders();
  one.connections = lane.workers;
  one.allowed = lane.allowed(time);
  one.rest = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::max(lane.resting_until() - time, SteadyTime::duration::zero()));
  one.delivered = lane.delivered;
  one.deferred = lane.deferred;
  one.refused = lane.refused;
  one.last_failure = lane.last_failure;
  one.last_tls = lane.last_tls;
  return one;
}

QueueFigures Queue::Impl::figures(std::size_t max_lanes) const {
  QueueFigures figures;
  const Moment moment = now();
  figures.delivered = counters.delivered.value();
  figures.deferred = counters.deferred.value();
  figures.refused = counters.refused.value();
  figures.paused = pauses.everything();
  figures.suspended = !parts.engine.health().writable;
  figures.loaded = loaded.load();
  const std::scoped_lock lock(mutex);
  const auto count = schedule.count(moment);
  figures.entries = count.entries;
  figures.later = count.later;
  figures.searching = count.searching;
  figures.ready = count.ready;
  figures.parked = count.parked;
  figures.taken = count.taken;
  figures.connections = count.connections;
  figures.lanes_resting = count.resting;
  if (max_lanes == 0) return figures;
  std::vector<std::uint32_t> fullest = schedule.lanes();
  const auto weight = [this](std::uint32_t index) {
    const Lane& lane = schedule.lane(index);
    return std::pair(lane.ready.size() + lane.workers, lane.delivered);
  };
  const auto shown = static_cast<std::ptrdiff_t>(std::min(max_lanes, fullest.size()));
  std::ranges::partial_sort(fullest, fullest.begin() + shown, std::greater(), weight);
  fullest.resize(static_cast<std::size_t>(shown));
  for (const std::uint32_t index : fullest) figures.lanes.push_back(figures_of(schedule.lane(index), moment.steady));
  return figures;
}

}  // namespace veredus::work::queue
