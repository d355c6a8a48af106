#include "work/queue/queue.h"

#include <utility>

#include "work/queue/impl.h"

namespace veredus::work::queue {

std::string_view to_string(Place place) {
  switch (place) {
    case Place::kFree:
      return "gone";
    case Place::kLater:
      return "waiting";
    case Place::kSearch:
      return "searching";
    case Place::kReady:
      return "ready";
    case Place::kParked:
      return "held";
    case Place::kTaken:
      return "active";
  }
  return "unknown";
}

Queue::Queue(Parts parts, Options options) : impl_(std::make_shared<Impl>(std::move(parts), std::move(options))) {}
Queue::~Queue() = default;

Queue::Result<void> Queue::start(Submit submit) { return impl_->start(std::move(submit)); }
asio::awaitable<void> Queue::stop(std::chrono::milliseconds drain) { return impl_->stop(drain); }
void Queue::arrived(std::vector<SharedEntry> entries, std::shared_ptr<const std::string> octets) {
  impl_->arrived(std::move(entries), std::move(octets));
}
void Queue::came_back(delivery::CameBack mail) { impl_->late_reports.post(std::move(mail)); }
bool Queue::full() const { return size() >= impl_->options.max_entries; }
std::size_t Queue::size() const { return impl_->entries.load(std::memory_order_relaxed); }

QueueFigures Queue::figures(std::size_t max_lanes) const { return impl_->figures(max_lanes); }

EntryStatus Queue::status(const EntryId& id) const {
  const std::scoped_lock lock(impl_->mutex);
  EntryStatus status;
  const Slot slot = impl_->schedule.find(id);
  if (slot == kNoSlot) return status;
  const Waiting& entry = impl_->schedule.entries()[slot];
  status.place = entry.place;
  status.due = SystemTime(std::chrono::milliseconds(entry.due));
  status.last_failure = impl_->schedule.last_failure_of(slot);
  return status;
}

Queue::Result<std::size_t> Queue::change(state::spool::QueueQuery query, state::spool::QueueChange change) {
  return impl_->change(std::move(query), std::move(change));
}
Queue::Result<void> Queue::pause(state::spool::Pause pause) { return impl_->pause(std::move(pause)); }
Queue::Result<bool> Queue::resume(state::spool::PauseOf of, std::string subject) {
  return impl_->resume(of, std::move(subject));
}
std::vector<state::spool::Pause> Queue::pauses() const { return impl_->pauses.all(); }

void Queue::forget_backoff(const std::string& domain) {
  {
    const std::scoped_lock lock(impl_->mutex);
    impl_->schedule.forget_backoff(domain, impl_->now());
  }
  impl_->pump();
}

void Queue::routes_changed() { impl_->house.spawn(impl_->find_ways_again()); }

Queue::Result<Queue::BrakeState> Queue::brakes(AccountId account) { return impl_->brakes.state(account); }
Queue::Result<void> Queue::set_brakes(AccountId account, std::optional<BrakeLimits> limits) {
  return impl_->set_brakes(account, limits);
}

}  // namespace veredus::work::queue
