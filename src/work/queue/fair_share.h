#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <unordered_map>

#include "work/queue/waiting.h"

namespace veredus::work::queue {

/// What is ready in one lane, and whose turn it is: lower ranks first (transactional before bulk, then MT-PRIORITY, RFC
/// 6710), within a rank deficit round robin between senders, so that one sender's million does not delay another's one
/// message. Every eighth message comes from the next lower rank that has some, so that none starves. A plain value; the
/// entries are the caller's, the same in each call.
class FairShare {
 public:
  void put(WaitingEntries& entries, Slot slot);
  /// The next to go; kNoSlot: nothing is ready.
  Slot take(WaitingEntries& entries);
  /// Takes out one that is in it.
  void remove(WaitingEntries& entries, Slot slot);

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t senders() const;

 private:
  struct Sender {
    std::uint64_t key = 0;
    std::int64_t credit = 0;  // octets it may send before the turn goes on
    SlotList entries;
  };
  /// The senders of one rank; the first has the turn.
  struct Round {
    std::list<Sender> senders;
    std::unordered_map<std::uint64_t, std::list<Sender>::iterator> by_key;
  };
  using Rounds = std::map<std::uint8_t, Round>;

  Slot take_from(WaitingEntries& entries, Rounds::iterator round);
  void forget(Rounds::iterator round, std::list<Sender>::iterator sender);

  Rounds rounds_;
  std::size_t size_ = 0;
  unsigned since_lower_ = 0;
};

}  // namespace veredus::work::queue
