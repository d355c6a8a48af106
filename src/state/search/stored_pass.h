#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "io/net/worker_pool.h"
#include "state/mailbox/mailboxes.h"
#include "state/search/lanes.h"
#include "state/search/progress.h"
#include "state/search/turns.h"

namespace veredus::state::search {

/// Messages of a table that somebody keeps.
using Rows = std::vector<const mailbox::Message*>;

/// What the passes of one search work with.
struct Scene {
  mailbox::Mailboxes* mailboxes;
  io::net::WorkerPool* pool;
  Turns* turns;
  AccountId account;
  std::shared_ptr<Progress> progress;  // may be null

  /// To be had for every piece of what takes long.
  [[nodiscard]] asio::awaitable<Turns::Turn> turn() const { return turns->take(account); }
  [[nodiscard]] bool stopped() const { return progress && progress->stop.load(std::memory_order_relaxed); }
  void note_done(std::size_t messages) const {
    if (progress) progress->done.fetch_add(static_cast<std::uint32_t>(messages), std::memory_order_relaxed);
  }
};

/// Goes over what is stored about some messages, a slice at a time, where it is read.
class StoredPass : public Pieces {
 public:
  /// `messages` by ascending email ids: that is how they lie on disk.
  StoredPass(const Scene& scene, Rows messages);

  asio::awaitable<std::expected<bool, SearchError>> next() final;
  [[nodiscard]] const Rows& messages() const { return messages_; }

 protected:
  /// Called once for each message that is still there, on any thread.
  virtual void see(std::size_t index, const mailbox::EmailView& email) = 0;
  /// Called after all from `begin` to before `end` were, by one thread.
  virtual Outcome seen(std::size_t /*begin*/, std::size_t /*end*/) { return {}; }

 private:
  const Scene& scene_;
  Rows messages_;
  std::size_t next_ = 0;
};

/// By email id.
void sort_for_reading(Rows& messages);

}  // namespace veredus::state::search
