#include "io/net/deadline.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>

namespace veredus::io::net {
namespace {

constexpr std::int64_t kLookEvery = 1000;  // milliseconds: how old the coarse clock may be

}  // namespace

Deadline::Deadline(DeadlineSweep& sweep) : sweep_(&sweep) { sweep.add(*this); }

Deadline::~Deadline() { sweep_->remove(*this); }

void Deadline::set(std::chrono::milliseconds wait) { due_ = sweep_->coarse_now() + kLookEvery + wait.count(); }

void DeadlineSweep::refresh() {
  now_ = std::chrono::duration_cast<std::chrono::milliseconds>(clock_->steady_now().time_since_epoch()).count();
}

void DeadlineSweep::look() {
  refresh();
  for (auto* deadline = first_; deadline != nullptr; deadline = deadline->after_) {
    if (deadline->due_ > now_) continue;
    deadline->clear();
    deadline->overdue();
  }
}

void DeadlineSweep::drain() {
  if (draining_) return;
  draining_ = true;
  for (auto* deadline = first_; deadline != nullptr; deadline = deadline->after_) deadline->draining();
}

void DeadlineSweep::add(Deadline& deadline) {
  deadline.after_ = first_;
  if (first_ != nullptr) first_->before_ = &deadline;
  first_ = &deadline;
  ++size_;
}

void DeadlineSweep::remove(Deadline& deadline) {
  if (deadline.before_ != nullptr) deadline.before_->after_ = deadline.after_;
  if (deadline.after_ != nullptr) deadline.after_->before_ = deadline.before_;
  if (first_ == &deadline) first_ = deadline.after_;
  --size_;
}

asio::awaitable<void> pause(std::chrono::milliseconds length) {
  asio::steady_timer timer(co_await asio::this_coro::executor, length);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace veredus::io::net
