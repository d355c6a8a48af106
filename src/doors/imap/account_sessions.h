#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/types/ids.h"
#include "doors/imap/options.h"

namespace veredus::doors::imap {

/// How many sessions each account has; one for all IMAP doors. Thread-safe.
class AccountSessions {
 public:
  /// A session's place; given back when destroyed. What it is a place of must outlive it.
  class Place {
   public:
    Place() = default;
    Place(AccountSessions* sessions, AccountId account) : sessions_(sessions), account_(account) {}
    Place(Place&& other) noexcept : sessions_(std::exchange(other.sessions_, nullptr)), account_(other.account_) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(sessions_, other.sessions_);
      std::swap(account_, other.account_);
      return *this;
    }
    ~Place() {
      if (sessions_ != nullptr) sessions_->leave(account_);
    }

   private:
    AccountSessions* sessions_ = nullptr;
    AccountId account_;
  };

  explicit AccountSessions(AccountOptions options) : options_(options) {}
  AccountSessions(const AccountSessions&) = delete;
  AccountSessions& operator=(const AccountSessions&) = delete;

  /// nullopt: it has as many as it may.
  [[nodiscard]] std::optional<Place> enter(AccountId account) {
    const std::scoped_lock lock(mutex_);
    auto& sessions = sessions_[account];
    if (sessions >= options_.sessions) return std::nullopt;
    ++sessions;
    return Place(this, account);
  }
  /// For who comes from now on.
  void change(AccountOptions options) {
    const std::scoped_lock lock(mutex_);
    options_ = options;
  }

 private:
  void leave(AccountId account) {
    const std::scoped_lock lock(mutex_);
    const auto at = sessions_.find(account);
    if (at != sessions_.end() && --at->second == 0) sessions_.erase(at);
  }

  AccountOptions options_;
  std::mutex mutex_;
  std::unordered_map<AccountId, std::uint32_t> sessions_;
};

}  // namespace veredus::doors::imap
