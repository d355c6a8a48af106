#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/types/body_shelf.h"
#include "io/engine/engine.h"
#include "io/net/asio.h"
#include "state/spool/queue_shards.h"
#include "work/delivery/queue_sink.h"
#include "work/queue/brakes.h"
#include "work/queue/egress.h"
#include "work/queue/figures.h"
#include "work/queue/retry_schedule.h"
#include "work/queue/schedule.h"

namespace veredus::base::observe {
class EventSink;
class Logger;
class Metrics;
}  // namespace veredus::base::observe
namespace veredus::state::directory {
class Directory;
}
namespace veredus::state::journal {
class Journal;
}
namespace veredus::work::delivery {
class MessageIds;
class Routes;
}  // namespace veredus::work::delivery

namespace veredus::work::queue {

class Carrier;

struct QueueOptions {
  Schedule::Options schedule;
  RetrySchedule::Options retries;
  std::vector<EgressSource> sources;
  std::vector<EgressPool> pools;
  std::string hostname;    // in reports, and said to peers where a source names no other
  std::string postmaster;  // whom reports are from; empty: postmaster@hostname
  BrakeLimits brakes;      // of accounts without limits of their own
  /// Posts of lists and bulk mail get a return path of their own for each recipient, so that late reports are
  /// understood.
  bool own_return_paths = true;
  /// What comes back of a list's posts.
  struct Lists {
    unsigned suspend_after = 5;  // hard bounces; 0: never
    bool suspend_on_complaint = true;
    std::chrono::hours forget_after{30 * 24};  // after the last bounce
  };
  Lists lists;
  std::size_t max_entries = 5'000'000;
  std::size_t kept_entries = 20'000;                  // kept whole in memory until their first attempt
  BodyShelfOptions shelf{.octets = 64 * 1024 * 1024,  // and the octets of their messages; when full, those that came
                                                      // first are kept: they leave first
                         .body_octets = 64 * 1024,
                         .when_full = BodyShelfOptions::WhenFull::kNewStayOut,
                         .life = std::chrono::seconds(60)};  // then a message waits for something that takes long
  std::size_t whole_in_report = 256 * 1024;  // a longer message comes back as its header, even with RET=FULL
  std::chrono::milliseconds tick{200};       // how often the clock is looked at
  std::chrono::milliseconds try_again{500};  // after the store has failed
  std::chrono::seconds renew_every{5};
  std::chrono::minutes sweep_every{10};
};

/// Works the queue: takes over what lies in the shards, hears of what arrives, sends each message when its turn has
/// come, writes down what became of it and tells its sender. Thread-safe.
class Queue final : public delivery::QueueSink {
 public:
  using Options = QueueOptions;
  template <class T>
  using Result = asio::awaitable<std::expected<T, io::engine::StoreError>>;
  /// Submits a report as a message of our own, under its id; false: not now, try again.
  using Submit = std::function<asio::awaitable<bool>(state::spool::OutboxItem)>;

  /// All must outlive stop(). Connections are spread over `executors`, one for each reactor.
  struct Parts {
    const Clock& clock;
    io::engine::Engine& engine;
    state::spool::QueueShards& shards;
    const delivery::Routes& routes;
    state::directory::Directory& directory;
    Carrier& carrier;
    delivery::MessageIds& ids;
    base::observe::EventSink& journal;
    state::journal::Journal* journeys;  // where to look them up again; may be null
    base::observe::Logger& log;
    base::observe::Metrics& metrics;
    std::vector<asio::any_io_executor> executors;
  };
  Queue(Parts parts, Options options);
  /// stop() must have ended.
  ~Queue() override;

  /// Takes the shards' leases; loads and works them in the background from then on. kFenced: another node has them.
  Result<void> start(Submit submit);
  /// Begins nothing new, gives transactions under way `drain` to end, cuts off the rest, writes down all results.
  asio::awaitable<void> stop(std::chrono::milliseconds drain);

  void arrived(std::vector<std::shared_ptr<const state::spool::QueueEntry>> entries,
               std::shared_ptr<const std::string> octets) override;
  void came_back(delivery::CameBack mail) override;
  [[nodiscard]] bool full() const override;
  [[nodiscard]] std::size_t size() const;

  // Administration.
  [[nodiscard]] QueueFigures figures(std::size_t max_lanes) const;
  [[nodiscard]] EntryStatus status(const EntryId& id) const;
  /// Changes all entries that match and goes on with them so. Answers how many were changed.
  Result<std::size_t> change(state::spool::QueueQuery query, state::spool::QueueChange change);
  /// Until resumed, over restarts. What is under way is finished.
  Result<void> pause(state::spool::Pause pause);
  /// Answers whether it was paused.
  Result<bool> resume(state::spool::PauseOf of, std::string subject);
  [[nodiscard]] std::vector<state::spool::Pause> pauses() const;
  /// Tries a destination at once, whatever back-off it is under.
  void forget_backoff(const std::string& domain);
  /// The directory's routes changed: everything waiting finds its way again.
  void routes_changed();

  /// What an account may send, and what it has sent.
  struct BrakeState {
    BrakeLimits limits;
    bool own_limits = false;  // not the defaults
    std::uint32_t messages_in_hour = 0;
    std::uint32_t messages_in_day = 0;
  };
  Result<BrakeState> brakes(AccountId account);
  /// nullopt: the defaults again. What waits for its brake is looked at again.
  Result<void> set_brakes(AccountId account, std::optional<BrakeLimits> limits);

  class Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace veredus::work::queue
