#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/types/clock.h"
#include "work/delivery/routes.h"
#include "work/queue/concurrency.h"
#include "work/queue/due_heap.h"
#include "work/queue/lane.h"
#include "work/queue/limits.h"
#include "work/queue/lookup.h"
#include "work/queue/waiting.h"

namespace veredus::work::queue {

/// Both clocks at one moment.
struct Moment {
  SystemTime wall;
  SteadyTime steady;
};

/// What the schedule has to know of an entry.
struct Admission {
  EntryId id;
  std::string_view domain;
  delivery::NextHop hop;
  std::uint16_t source = 0;  // egress
  std::uint64_t sender_key = 0;
  SystemTime due{};
  std::optional<SystemTime> notice;
  SystemTime expires{};
  std::uint64_t octets = 0;
  std::uint32_t attempts = 0;
  std::uint8_t rank = 0;
  bool held = false;
  bool sender_paused = false;
};

/// Lower ranks go first: transactional before bulk, then by MT-PRIORITY (RFC 6710 s5).
[[nodiscard]] std::uint8_t rank_of(state::spool::TrafficClass traffic, std::int8_t priority);

/// An entry that somebody must look at before it goes on; its place is kTaken.
struct DeskItem {
  enum class Matter : std::uint8_t {
    kExpired,  // give it up
    kNotice,   // tell the sender that it is late
    kNoSite,   // its destination is known to take no mail: `site`
    kUnbrake,  // the brake's time is over
  };
  Slot slot = kNoSlot;
  EntryId id;
  Matter matter = Matter::kExpired;
  std::optional<smtpclient::SiteError> site;
  std::string last_failure;  // of its site or lane; empty: none known
};

/// Decides what is done next: which site is looked for, which lane gets a connection and what it sends, what has
/// expired. Everything waits here by slot: until due in a heap, then in its site's list while that is looked for, then
/// in its lane. A plain value without clock, network or store: the caller does what it says, and tells what became of
/// it.
class Schedule {
 public:
  struct Options {
    Concurrency::Options concurrency;
    std::vector<ProviderLimits> providers;
    SiteLimits limits;           // of sites no provider fits
    unsigned connections = 500;  // in all
    unsigned searches = 200;     // at a time
    Lookup::Options lookup;
    std::size_t batch_messages = 16;  // a worker takes at a time
    std::size_t batch_octets = 1024 * 1024;
  };
  explicit Schedule(Options options) : options_(std::move(options)) {}

  // Entries.
  /// kNoSlot: it is here already.
  Slot admit(const Admission& entry, Moment now);
  /// The same for one that is kTaken: what is left of it waits again.
  void admit_again(Slot slot, const Admission& entry, Moment now);
  void join_ring(Slot slot, Slot of) { entries_.join_ring(slot, of); }
  /// Out of whatever it is in; place kTaken. False: it is kTaken already.
  bool withdraw(Slot slot);
  void erase(Slot slot);
  /// One that is kTaken and could not be looked at now.
  void look_again_later(Slot slot, Moment now);
  /// Whether it goes that way already.
  [[nodiscard]] bool goes_by(Slot slot, const delivery::NextHop& hop) const;
  [[nodiscard]] Slot find(const EntryId& id) const { return entries_.find(id); }
  [[nodiscard]] const WaitingEntries& entries() const { return entries_; }

  // Time.
  /// Moves on all whose time has come; a limited number at once (false: call again).
  bool advance(Moment now);
  /// When advance() is due again; nullopt: not before something else happens.
  [[nodiscard]] std::optional<std::chrono::milliseconds> next_wake(Moment now) const;

  // What to do now.
  std::vector<DeskItem> take_desk_items() { return std::exchange(desk_, {}); }
  /// A site to be found out; it is being searched for now.
  struct Search {
    std::uint32_t lookup;
    std::string domain;
    delivery::NextHop hop;
  };
  std::optional<Search> next_search(Moment now);
  void found(std::uint32_t lookup, smtpclient::Site site, Moment now);
  void not_found(std::uint32_t lookup, smtpclient::SiteError error, Moment now, double chance);

  /// A lane that gets one more worker, counted from now on, and what the worker begins with.
  struct Start {
    std::uint32_t lane;
    unsigned worker = 0;  // how many the lane had before
    std::vector<Slot> batch;
  };
  std::optional<Start> next_start(Moment now);
  [[nodiscard]] Lane& lane(std::uint32_t index) { return *lanes_[index]; }
  [[nodiscard]] const Lane& lane(std::uint32_t index) const { return *lanes_[index]; }
  [[nodiscard]] const delivery::NextHop& hop(std::uint32_t index) const { return ways_[index]; }
  /// What a worker sends next, entries of one message side by side; nothing: it should end.
  std::vector<Slot> take(std::uint32_t lane, Moment now);
  /// Taken, and not tried: ready again.
  void put_back(Slot slot, Moment now);
  void worker_ended(std::uint32_t lane, Moment now);
  /// Looks again whether the lane may have another worker; after its figures changed.
  void consider(std::uint32_t lane, Moment now);

  // Pauses and stops.
  void pause_all(bool paused) { paused_ = paused; }
  void suspend(bool suspended) { suspended_ = suspended; }
  [[nodiscard]] bool suspended() const { return suspended_; }
  /// Nothing may be begun.
  [[nodiscard]] bool stopped() const { return paused_ || suspended_; }
  void pause_destination(std::string_view domain, Moment now);
  void resume_destination(std::string_view domain, Moment now);
  [[nodiscard]] bool is_destination_paused(std::string_view domain) const;
  void pause_sender_of(Slot slot);
  void resume_sender_of(Slot slot, Moment now);
  /// Forgets every back-off of a destination, so that it is tried at once.
  void forget_backoff(std::string_view domain, Moment now);

  // What outlives a restart.
  /// The egress sources, by number.
  void name_sources(std::vector<std::string> names) { sources_ = std::move(names); }
  /// Of a lane that will come.
  void remember(std::string name, LearntLane learnt) { learnt_.insert_or_assign(std::move(name), std::move(learnt)); }
  /// The lanes that know something else than they did when this was asked last, by names that stay.
  struct Learnt {
    std::string name;
    LearntLane lane;
    std::string last_failure;
  };
  std::vector<Learnt> take_learnt();

  /// Frees lanes, lookups and destinations nobody needs any more.
  void sweep(Moment now);

  struct Count {
    std::size_t entries = 0, later = 0, searching = 0, ready = 0, parked = 0, taken = 0;
    std::size_t lanes = 0, connections = 0, resting = 0;
  };
  [[nodiscard]] Count count(Moment now) const;
  /// The lanes there are.
  [[nodiscard]] std::vector<std::uint32_t> lanes() const;
  [[nodiscard]] std::string_view domain_of(Slot slot) const;
  [[nodiscard]] std::string last_failure_of(Slot slot) const;

 private:
  /// Mail for one domain by one way.
  struct Destination {
    std::string domain;
    std::uint32_t way = 0;
    std::uint32_t lookup = 0;
    std::uint32_t entries = 0;
    bool paused = false;
  };

  std::uint32_t way_of(const delivery::NextHop& hop);
  std::uint32_t destination_of(const Admission& entry);
  std::uint32_t lookup_of(std::uint32_t way, std::string_view domain);
  std::uint32_t lane_of(Lookup& lookup, std::uint16_t source, Moment now);
  void fill(Slot slot, const Admission& entry, Moment now);
  void wait(Slot slot, Moment now);
  void set_alarm(Slot slot);
  void due(Slot slot, Moment now);
  void make_ready(Slot slot, Lookup& lookup, Moment now);
  void ring(Slot slot, Moment now);
  void to_desk(Slot slot, DeskItem::Matter matter, std::optional<smtpclient::SiteError> site = std::nullopt);
  void move_siblings(Slot slot, std::uint32_t lane, std::vector<Slot>& to);
  void wake_lookup(std::uint32_t lookup, Moment now);
  [[nodiscard]] std::string lasting_name(const Lane& lane) const;

  Options options_;
  WaitingEntries entries_;
  DueHeap alarms_;        // of entries, by wall time: due, notice or expiry, whichever comes first
  DueHeap lane_wakes_;    // by steady time
  DueHeap lookup_wakes_;  // by steady time
  std::vector<delivery::NextHop> ways_;
  std::vector<Destination> destinations_;
  std::unordered_map<std::string, std::uint32_t> destination_by_key_;
  std::vector<std::uint32_t> free_destinations_;
  std::vector<std::unique_ptr<Lookup>> lookups_;
  std::unordered_map<std::string, std::uint32_t> lookup_by_key_;
  std::vector<std::uint32_t> free_lookups_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::unordered_map<std::string, std::uint32_t> lane_by_key_;
  std::vector<std::uint32_t> free_lanes_;
  std::vector<std::string> sources_;
  std::unordered_map<std::string, LearntLane> learnt_;  // by an earlier run, of lanes that have not come yet
  std::unordered_set<std::string> paused_domains_;
  std::vector<DeskItem> desk_;
  std::deque<std::uint32_t> to_search_;
  std::deque<std::uint32_t> to_start_;  // lanes that may have room for a worker
  std::size_t connections_ = 0;
  std::size_t searching_ = 0;
  bool paused_ = false;
  bool suspended_ = false;
};

}  // namespace veredus::work::queue
