#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "work/queue/carrier.h"
#include "work/queue/impl.h"

namespace veredus::work::queue {

/// One entry of a batch.
struct Job {
  Slot slot = kNoSlot;
  SharedEntry entry;
  bool kept = false;  // as it arrived, not read again
};

/// What goes in one transaction: the entries of one message that were taken together.
struct Parcel {
  std::vector<Job> jobs;  // 1..
  std::shared_ptr<smtpclient::BodySource> body;
};

/// Sends a lane's messages over one connection at a time, until nothing is ready or the lane shrinks. All on one
/// reactor. Whatever ends it, each entry it took is decided on or given back.
class Worker final : private smtpclient::FinalDotGate {
 public:
  Worker(std::shared_ptr<Queue::Impl> queue, std::uint32_t lane, std::size_t reactor);
  /// Gives back what was not tried, ends the lane's count of workers.
  ~Worker() override;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  asio::awaitable<void> run(std::vector<Slot> batch);

 private:
  enum class Next : std::uint8_t { kGoOn, kEnd };
  struct Candidate {
    const smtpclient::MailHost* host;  // of site_
    io::net::Endpoint address;
  };
  struct Delivery;  // one parcel's transactions

  // The steps, in order.
  void look_at_lane();
  asio::awaitable<Next> prepare(std::vector<Slot> batch);
  asio::awaitable<bool> read_entries(std::vector<Slot> slots);
  asio::awaitable<void> read_entries_of(Shard shard, std::vector<EntryId> ids, std::vector<std::size_t> places,
                                        std::vector<Job>* jobs, bool* good);
  asio::awaitable<bool> read_bodies();
  asio::awaitable<void> read_bodies_of(Shard shard, std::vector<std::size_t> places, bool* good);
  bool still_wanted(const Job& job);
  asio::awaitable<Next> send(Parcel* parcel);
  std::optional<std::chrono::milliseconds> wait_for_rate();
  asio::awaitable<bool> connect();
  [[nodiscard]] smtpclient::Peer peer_at(const Candidate& candidate) const;
  asio::awaitable<bool> connect_to(const Candidate* candidate);
  asio::awaitable<void> transact(Delivery* delivery);
  void merge(Delivery& delivery, const smtpclient::TransactionResult& result);
  [[nodiscard]] std::vector<Judged> judge(const Delivery& delivery) const;
  asio::awaitable<Next> conclude(Delivery* delivery, std::vector<Judged> judged);
  void rest_lane();
  asio::awaitable<Next> site_down(Parcel* parcel);
  asio::awaitable<Next> body_missing(Parcel* parcel);
  asio::awaitable<std::string> original_of(const Parcel* parcel, bool* whole);
  void tell_lane(const Delivery& delivery, bool asked_for_less);
  void let_go_of_link();

  asio::awaitable<bool> before_final_dot() override;
  asio::awaitable<void> mark(Shard shard, std::vector<state::spool::AttemptMark> marks, bool* good);
  void give_back(const Parcel& parcel, bool marked);
  void give_back_rest();
  [[nodiscard]] std::shared_ptr<const smtpclient::Outgoing> outgoing_for(const Parcel& parcel,
                                                                         std::span<const std::size_t> recipients);
  [[nodiscard]] std::shared_ptr<const smtpclient::Outgoing> message_of(const Delivery& delivery);
  [[nodiscard]] std::shared_ptr<const smtpclient::Outgoing> next_message();

  std::shared_ptr<Queue::Impl> queue_;
  std::uint32_t lane_;
  std::size_t reactor_;

  std::shared_ptr<const smtpclient::Site> site_;
  delivery::NextHop hop_;
  const EgressSource* source_ = nullptr;
  std::optional<unsigned> messages_per_connection_;
  bool paced_ = false;  // so many messages a minute

  std::vector<Candidate> candidates_;
  std::size_t candidate_ = 0;
  std::unique_ptr<Link> link_;
  bool link_is_fresh_ = false;  // nothing was sent over it by us yet
  bool link_ignores_policies_ = false;

  std::vector<Parcel> parcels_;  // of the batch; those before `at_` are decided
  std::size_t at_ = 0;
  bool sending_ = false;                              // parcels_[at_] is under way: what became of it is not known
  std::size_t marked_ = 0;                            // parcels before it are marked, or decided
  std::shared_ptr<const smtpclient::Outgoing> next_;  // of parcels_[next_at_], made before its turn
  std::size_t next_at_ = 0;

  // Why no host could be talked to.
  std::string failures_;
  std::optional<wire::smtp::Reply> last_reply_;
  bool all_permanent_ = true;
  SystemTime tried_at_{};
};

/// Runs a Worker to its end.
asio::awaitable<void> work_lane(std::shared_ptr<Queue::Impl> queue, Schedule::Start start, std::size_t reactor);

}  // namespace veredus::work::queue
