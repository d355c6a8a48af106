#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "io/net/asio.h"

namespace veredus::io::net {

enum class BudgetError : std::uint8_t {
  kTimeout,     // nothing came free in time: answer "try again later"
  kOverBudget,  // more than the whole budget was asked for
};
[[nodiscard]] std::string_view to_string(BudgetError error);

/// A bound on octets in flight over all sessions. Thread-safe. Waiters are served in order, so a large request is not
/// starved by small ones; try_acquire does not overtake them.
class MemoryBudget {
 public:
  /// Octets held; gives them back when destroyed.
  class Share {
   public:
    Share() = default;
    Share(Share&& other) noexcept : state_(std::move(other.state_)), octets_(std::exchange(other.octets_, 0)) {}
    Share& operator=(Share&& other) noexcept;
    ~Share() { release(); }
    void release();
    /// Gives back all but `octets`; never grows.
    void shrink_to(std::size_t octets);
    [[nodiscard]] std::size_t octets() const { return octets_; }

   private:
    friend class MemoryBudget;
    Share(std::shared_ptr<struct MemoryBudgetState> state, std::size_t octets);
    std::shared_ptr<MemoryBudgetState> state_;
    std::size_t octets_ = 0;
  };

  explicit MemoryBudget(std::size_t limit_octets);
  ~MemoryBudget();
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  [[nodiscard]] std::optional<Share> try_acquire(std::size_t octets);
  /// Waits its turn, `wait` at most. Resumes on the caller's executor.
  asio::awaitable<std::expected<Share, BudgetError>> acquire(std::size_t octets, std::chrono::milliseconds wait);

  [[nodiscard]] std::size_t limit_octets() const;
  [[nodiscard]] std::size_t used_octets() const;

 private:
  std::shared_ptr<MemoryBudgetState> state_;
};

}  // namespace veredus::io::net
