#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "state/spool/queue_entry.h"

/// Queue entries for tests.
namespace veredus::test {

constexpr SystemTime kQueueNow{std::chrono::milliseconds{1'790'000'000'123}};

/// The `number`-th message of the test.
inline state::spool::QueueId queue_id(std::uint64_t number) {
  const auto since = static_cast<std::uint64_t>((kQueueNow - state::spool::kQueueIdEpoch).count());
  return state::spool::QueueId::make((since << state::spool::kQueueIdSequenceBits) + number, 0xBEEF);
}

/// An entry of one chunk for one recipient `bob@domain`.
inline state::spool::QueueEntry queue_entry(std::uint64_t number, std::string domain) {
  state::spool::QueueEntry entry;
  entry.id = state::spool::EntryId::make(queue_id(number), domain, "");
  entry.recipients.push_back({.address = "bob@" + domain});
  entry.domain = std::move(domain);
  entry.sender = "alice@demo.test";
  entry.accepted_at = kQueueNow;
  entry.due_at = kQueueNow;
  entry.expires_at = kQueueNow + std::chrono::days(5);
  entry.octets = 5;
  entry.chunks = 1;
  entry.trace = "Received: by mx.demo.test\r\n";
  return entry;
}

}  // namespace veredus::test
