#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "base/types/ids.h"
#include "io/net/asio.h"

namespace veredus::state::search {

/// Pieces of searches that may be under way at a time. Where more are wanted, the accounts that wait have their turns
/// one after the other, however many searches each of them has. Thread-safe.
class Turns {
  class Place;
  struct State;

 public:
  /// Holds a place until it is destroyed, also when its Turns are gone.
  class Turn {
   public:
    Turn() = default;
    Turn(Turn&&) noexcept = default;
    Turn& operator=(Turn&&) = delete;
    ~Turn() { end(); }
    void end();

   private:
    friend class Turns;
    explicit Turn(std::shared_ptr<State> state) : state_(std::move(state)) {}
    std::shared_ptr<State> state_;
  };

  explicit Turns(std::size_t at_once);

  /// Resumes on the caller's executor. Who is cancelled meanwhile gets none.
  asio::awaitable<Turn> take(AccountId account);

 private:
  std::shared_ptr<State> state_;
};

}  // namespace veredus::state::search
