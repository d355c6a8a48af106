#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <optional>
#include <string>

#include "doors/imap/append_commands.h"
#include "doors/imap/outcome.h"
#include "doors/imap/talk.h"
#include "io/net/asio.h"

namespace veredus::doors::imap {

/// A session's APPENDs whose messages have come and are being stored, while the next command is read: what waits for
/// the disk together is written together. Their answers are taken in the order of the commands. Used by one coroutine
/// at a time; the stores run on its executor. Before it goes all must have ended (join), or the executor never run
/// again. Holds nothing while none is under way.
class AppendsUnderWay {
 public:
  explicit AppendsUnderWay(Talk* talk) : talk_(talk) {}
  AppendsUnderWay(const AppendsUnderWay&) = delete;
  AppendsUnderWay& operator=(const AppendsUnderWay&) = delete;

  [[nodiscard]] bool empty() const { return all_.empty(); }
  /// So many, or so large, that the next must wait.
  [[nodiscard]] bool full() const;
  asio::awaitable<void> begin(std::string tag, TakenAppend taken);

  struct Answer {
    std::string tag;
    Outcome outcome;
  };
  /// Waits until the oldest has ended. Not for an empty one.
  asio::awaitable<Answer> next();
  /// Waits until all have ended, and drops their answers. Cannot be cancelled.
  asio::awaitable<void> join();

 private:
  struct Append {
    std::string tag;
    std::size_t octets = 0;
    std::optional<Outcome> outcome;             // once it has ended
    std::move_only_function<void()> when_done;  // of who waits for that
  };
  static asio::awaitable<void> wait(Append* append);

  Talk* talk_;
  std::list<Append> all_;  // the oldest first; the stores know their places
  std::size_t octets_ = 0;
};

}  // namespace veredus::doors::imap
