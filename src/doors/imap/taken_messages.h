#pragma once

#include <atomic>
#include <cstddef>
#include <latch>
#include <memory>
#include <vector>

#include "io/net/asio.h"
#include "state/mailbox/new_message.h"
#include "state/mailbox/upload.h"

namespace veredus::io::net {
class WorkerPool;
}

namespace veredus::doors::imap {

/// The messages of one APPEND that have come, in their order. All but the first are parsed by the pool, some at a time,
/// while the next ones come: a MULTIAPPEND is parsed as fast as it is received.
class TakenMessages {
 public:
  /// The pool must outlive it.
  explicit TakenMessages(io::net::WorkerPool* pool) : pool_(pool) {}

  [[nodiscard]] std::size_t size() const { return size_; }
  /// In memory.
  [[nodiscard]] std::size_t octets() const { return octets_; }
  /// When the next one is to be parsed.
  [[nodiscard]] state::mailbox::Upload::Parsing parsing() const {
    return size_ == 0 ? state::mailbox::Upload::Parsing::kAsItComes : state::mailbox::Upload::Parsing::kLater;
  }

  void add(state::mailbox::NewMessage message, bool is_parsed);
  /// What was staged of them.
  [[nodiscard]] std::vector<EmailId> staged() const;
  /// All, parsed. There are none then.
  asio::awaitable<std::vector<state::mailbox::NewMessage>> take();

 private:
  struct Batch {
    std::vector<state::mailbox::NewMessage> messages;
    std::vector<std::size_t> unparsed;  // of them
    std::size_t unparsed_octets = 0;
    std::atomic<bool> begun = false;
    std::latch parsed{1};

    /// The pool has it, and it takes no more.
    [[nodiscard]] bool is_full() const;
    /// Whoever comes first does it.
    void parse();
  };
  static void finish(const std::vector<std::shared_ptr<Batch>>& batches);

  io::net::WorkerPool* pool_;
  std::vector<std::shared_ptr<Batch>> batches_;
  std::size_t size_ = 0;
  std::size_t octets_ = 0;
};

}  // namespace veredus::doors::imap
