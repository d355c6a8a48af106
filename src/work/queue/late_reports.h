#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "io/net/asio.h"
#include "rules/bounce/recognize.h"
#include "state/directory/requests.h"
#include "state/spool/queue_entry.h"
#include "work/delivery/queue_sink.h"
#include "work/queue/attempt.h"
#include "work/queue/queue.h"

namespace veredus::work::queue {

/// Looks at what comes to return paths made for one recipient: bounces that peers send after they took a message, and
/// complaints. They are journalled with the message they are about, and counted against the member of a list; a member
/// whose mail comes back too often is suspended. Thread-safe.
class LateReports {
 public:
  explicit LateReports(Queue::Impl& queue) : queue_(queue) {}

  void post(delivery::CameBack mail);
  /// What a peer refused at once counts against a list's member, too.
  void count_refusals(const state::spool::QueueEntry& entry, const Judged& judged);

 private:
  /// What is to be counted, of which list.
  struct Counted {
    std::string list;
    state::directory::NewTrouble trouble;
  };
  asio::awaitable<void> work();
  std::optional<delivery::CameBack> next();
  asio::awaitable<void> look_at(delivery::CameBack mail);
  asio::awaitable<std::string> recipient_of(delivery::ReturnedTo about);
  void journal(const delivery::CameBack& mail, const rules::bounce::BouncedRecipient& what, std::string_view kind,
               std::string recipient);
  [[nodiscard]] std::optional<Counted> counted(const wire::smtp::Address& path, std::uint32_t recipient,
                                               state::directory::NewTrouble::Kind kind, std::string reason) const;
  asio::awaitable<void> count(Counted what);

  Queue::Impl& queue_;
  std::mutex mutex_;
  std::deque<delivery::CameBack> waiting_;
  bool working_ = false;
};

}  // namespace veredus::work::queue
