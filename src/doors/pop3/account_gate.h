#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "base/types/lru.h"
#include "doors/pop3/options.h"

namespace veredus::doors::pop3 {

/// Why an account may not be entered now; RFC 2449 s8.1 names both.
enum class GateRefusal : std::uint8_t { kInUse, kLoginDelay };

/// Which accounts have POP3 sessions, and when each logged in last. One for all POP3 doors. Thread-safe, bounded.
class AccountGate {
 public:
  /// A session's place; given back when destroyed. The gate must outlive it.
  class Place {
   public:
    Place() = default;
    Place(AccountGate* gate, AccountId account) : gate_(gate), account_(account) {}
    Place(Place&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)), account_(other.account_) {}
    Place& operator=(Place&& other) noexcept;
    ~Place();

   private:
    AccountGate* gate_ = nullptr;
    AccountId account_;
  };

  /// `clock` must outlive the gate.
  AccountGate(const Clock* clock, AccountOptions options)
      : clock_(clock), options_(options), last_login_(options.max_accounts) {}
  AccountGate(const AccountGate&) = delete;
  AccountGate& operator=(const AccountGate&) = delete;

  /// A login within `login_delay` of the last one is refused (0: none is), and one too many at a time.
  std::expected<Place, GateRefusal> enter(AccountId account, std::chrono::seconds login_delay);
  /// From now on, but for `max_accounts`.
  void change(AccountOptions options);
  [[nodiscard]] std::size_t sessions() const;

 private:
  bool too_soon(AccountId account, SteadyTime now, std::chrono::seconds login_delay);
  void leave(AccountId account);

  const Clock* clock_;
  AccountOptions options_;
  mutable std::mutex mutex_;
  std::unordered_map<AccountId, std::uint32_t> sessions_;
  Lru<AccountId, SteadyTime> last_login_;
};

}  // namespace veredus::doors::pop3
