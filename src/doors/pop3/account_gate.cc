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
    note_login(account, now);
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

bool AccountGate::too_soon(AccountId account, SteadyTime now, std::chrono::seconds login_delay) const {
  const auto at = last_login_.find(account);
  return at != last_login_.end() && now - at->second->at < login_delay;
}

void AccountGate::note_login(AccountId account, SteadyTime now) {
  if (const auto at = last_login_.find(account); at != last_login_.end()) {
    logins_.erase(at->second);
    last_login_.erase(at);
  } else if (logins_.size() >= options_.max_accounts && !logins_.empty()) {
    last_login_.erase(logins_.back().account);
    logins_.pop_back();
  }
  logins_.push_front({.account = account, .at = now});
  last_login_.emplace(account, logins_.begin());
}

void AccountGate::leave(AccountId account) {
  const std::scoped_lock lock(mutex_);
  const auto at = sessions_.find(account);
  if (at != sessions_.end() && --at->second == 0) sessions_.erase(at);
}

}  // namespace veredus::doors::pop3
