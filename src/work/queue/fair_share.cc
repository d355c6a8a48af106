#include "work/queue/fair_share.h"

#include <algorithm>

#include "base/types/result.h"

namespace veredus::work::queue {
namespace {

constexpr std::int64_t kQuantumOctets = 64 * 1024;  // of a turn
constexpr std::int64_t kMessageOctets = 4 * 1024;   // what any message costs beside its octets
constexpr unsigned kLowerEvery = 8;

std::int64_t cost_of(const Waiting& entry) { return kMessageOctets + entry.octets; }

}  // namespace

void FairShare::put(WaitingEntries& entries, Slot slot) {
  Waiting& entry = entries[slot];
  Round& round = rounds_[entry.rank];
  auto known = round.by_key.find(entry.sender_key);
  if (known == round.by_key.end()) {
    const auto sender = round.senders.insert(round.senders.end(),
                                             Sender{.key = entry.sender_key, .credit = kQuantumOctets, .entries = {}});
    known = round.by_key.emplace(entry.sender_key, sender).first;
  }
  known->second->entries.push_back(entries, slot);
  ++size_;
}

Slot FairShare::take(WaitingEntries& entries) {
  if (rounds_.empty()) return kNoSlot;
  auto round = rounds_.begin();
  if (rounds_.size() > 1 && ++since_lower_ >= kLowerEvery) {
    since_lower_ = 0;
    ++round;
  }
  return take_from(entries, round);
}

/// Deficit round robin: who cannot afford its next message goes to the end, with credit for its next turn. A message
/// larger than that waits for as many turns as it is worth.
Slot FairShare::take_from(WaitingEntries& entries, Rounds::iterator round) {
  auto& senders = round->second.senders;
  while (true) {
    const auto sender = senders.begin();
    const std::int64_t cost = cost_of(entries[sender->entries.first]);
    if (senders.size() > 1 && sender->credit < cost) {
      sender->credit += kQuantumOctets;
      senders.splice(senders.end(), senders, sender);
      continue;
    }
    if (senders.size() > 1) sender->credit -= cost;
    const Slot slot = sender->entries.pop_front(entries);
    --size_;
    if (sender->entries.empty()) forget(round, sender);
    return slot;
  }
}

void FairShare::remove(WaitingEntries& entries, Slot slot) {
  const auto round = rounds_.find(entries[slot].rank);
  VEREDUS_CHECK(round != rounds_.end());
  const auto sender = round->second.by_key.at(entries[slot].sender_key);
  sender->entries.remove(entries, slot);
  --size_;
  if (sender->entries.empty()) forget(round, sender);
}

void FairShare::forget(Rounds::iterator round, std::list<Sender>::iterator sender) {
  round->second.by_key.erase(sender->key);
  round->second.senders.erase(sender);
  if (round->second.senders.empty()) rounds_.erase(round);
}

std::size_t FairShare::senders() const {
  std::size_t count = 0;
  for (const auto& [rank, round] : rounds_) count += round.senders.size();
  return count;
}

}  // namespace veredus::work::queue
