#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/types/clock.h"
#include "io/engine/engine.h"
#include "io/net/asio.h"
#include "rules/standing/record.h"

namespace veredus::state::senders {

/// What is remembered of those who send us mail, over restarts. Records that were used lately are in memory; what
/// changes is written down a few seconds later, relaxed: a crash forgets those seconds. Thread-safe. Layout:
/// docs/formats/senders.md.
class Senders {
 public:
  struct Options {
    std::size_t cached = 50'000;
    std::chrono::hours forget_after{24 * 90};  // of who sends nothing any more
    std::chrono::seconds write_every{5};
    std::chrono::hours sweep_every{12};
  };

  /// One sender's record while somebody works on it. Copies are the same record.
  class Sender {
   public:
    [[nodiscard]] rules::standing::Record record() const;
    std::optional<std::chrono::seconds> greylist(const rules::standing::GreylistOptions& options);
    void count(rules::standing::Outcome outcome);

   private:
    friend class Senders;
    struct Held;
    Sender(Senders* senders, std::shared_ptr<Held> held) : senders_(senders), held_(std::move(held)) {}

    Senders* senders_;
    std::shared_ptr<Held> held_;
  };

  /// Both must outlive this.
  Senders(io::engine::Engine& engine, const Clock& clock, Options options);
  Senders(const Senders&) = delete;
  Senders& operator=(const Senders&) = delete;
  ~Senders();

  /// By rules::standing::key_of. nullopt: the store cannot tell now.
  asio::awaitable<std::optional<Sender>> open(std::string key);

  /// A sender and what is remembered of him.
  struct Listed {
    std::string key;
    rules::standing::Record record;
  };
  /// Whom to list.
  struct Wanted {
    std::string key;  // this one alone; empty: all
    std::size_t limit = 100;
  };
  /// Those of whom most messages came, whatever became of them, come first.
  asio::awaitable<std::expected<std::vector<Listed>, io::engine::StoreError>> list(Wanted wanted);

  /// Writes and sweeps now and then, until it is cancelled.
  asio::awaitable<void> work();
  /// Writes what has changed. What cannot be written stays for the next time.
  asio::awaitable<void> flush();
  /// Erases those nobody has heard of for long; answers how many.
  asio::awaitable<std::uint64_t> sweep();

 private:
  using Table = std::unordered_map<std::string, std::shared_ptr<Sender::Held>>;

  void make_room();
  asio::awaitable<std::uint64_t> sweep(io::engine::Partition partition);

  io::engine::Engine& engine_;
  const Clock& clock_;
  Options options_;
  mutable std::mutex mutex_;
  Table table_;
  bool made_room_ = false;  // since the last flush
};

}  // namespace veredus::state::senders
