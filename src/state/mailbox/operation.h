#pragma once

#include <exception>
#include <string>
#include <vector>

#include "io/engine/turn_line.h"
#include "io/net/asio.h"
#include "state/mailbox/turn.h"

namespace veredus::state::mailbox {

constexpr std::uint32_t kSliceMessages = 10'000;  // an operation on more takes several turns

/// One thing to do to an account in a turn. It may be done several times over, until a commit goes through: each time
/// from the beginning, and its result is that of the last time.
class Operation : public io::engine::Waiter {
 public:
  Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  virtual ~Operation() = default;

  /// Adds the keys of rows it will want, to be fetched together with those of the other operations.
  virtual void collect(const Turn& /*turn*/, std::vector<std::string>& /*keys*/) const {}
  /// Whether `read` has something to do. Operations without it cost no coroutine.
  [[nodiscard]] virtual bool reads() const { return false; }
  /// Reads what `collect` could not name. The caller joins: `turn` outlives it.
  virtual AsyncOutcome<void> read(Turn* /*turn*/) { co_return Outcome<void>(); }
  /// Checks, then changes.
  virtual Outcome<void> perform(Turn& turn) = 0;
  /// The turn was committed, with all that the operations in it did. Must not wait.
  virtual void settled(const Turn& /*turn*/) {}
  /// The store did not know whether the last turn was committed. Answers whether doing it again finds out: from now on
  /// it looks whether it was done.
  [[nodiscard]] virtual bool look_first() { return false; }

  Outcome<void> outcome;
};

}  // namespace veredus::state::mailbox
