#include "doors/pop3/account_gate.h"

namespace veredus::doors::pop3 {

AccountGate::Place& AccountGate::Place::operator=(Place&& other) noexcept {
  std::swap(gate_, other.gate_);
  std::swap(account_, other.account_);
  return *this;
}

AccountGate::Place::~Place() {
  if (gate_ != nullptr) gate_->leave(account_);
}

std::expected<AccountGate::Place, GateRefusal> AccountGate::enter(AccountId account, std::chrono::seconds login_delay) {
  const auto now = clock_->steady_now();
  const std::scoped_lock lock(mutex_);
  const auto at = sessions_.find(account);
  if (at != sessions_.end() && at->second >= options_.sessions) return std::unexpected(GateRefusal::kInUse);
  if (login_delay.count() > 0) {
    if (too_soon(account, now, login_delay)) return std::unexpected(GateRefusal::kLoginDelay);
    last_login_.put(account, now);
  }
  ++sessions_[account];
  return Place(this, account);
}

void AccountGate::change(AccountOptions options) {
  const std::scoped_lock lock(mutex_);
  options_ = options;
}

std::size_t AccountGate::sessions() const {
  const std::scoped_lock lock(mutex_);
  std::size_t count = 0;
  for (const auto& [account, sessions] : sessions_) count += sessions;
  return count;
}

bool AccountGate::too_soon(AccountId account, SteadyTime now, std::chrono::seconds login_delay) {
  const auto* last = last_login_.peek(account);
  return last != nullptr && now - *last < login_delay;
}

void AccountGate::leave(AccountId account) {
  const std::scoped_lock lock(mutex_);
  const auto at = sessions_.find(account);
  if (at != sessions_.end() && --at->second == 0) sessions_.erase(at);
}

}  // namespace veredus::doors::pop3
