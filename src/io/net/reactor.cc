#include "io/net/reactor.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include "base/types/result.h"
#include "io/net/time_slice.h"

namespace veredus::io::net {
namespace {

constexpr std::chrono::seconds kSweepEvery{1};
constexpr std::chrono::seconds kUnwindWait{5};  // for cancelled tasks to unwind before their frames are just destroyed

thread_local Reactor* current_reactor = nullptr;

}  // namespace

struct Reactor::Parts {
  Parts(std::size_t at, DeadlineSweep& deadlines, TaskGroup::OnFailure on_failure)
      : index(at), sweep(deadlines), tasks(io.get_executor(), std::move(on_failure)) {}

  void sweep_later() {
    timer.expires_after(kSweepEvery);
    timer.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      sweep.look();
      sweep_later();
    });
  }

  std::size_t index;
  DeadlineSweep& sweep;
  asio::io_context io{1};
  asio::steady_timer timer{io};
  bool sweeping = false;
  TaskGroup tasks;
};

const Clock& Reactor::machine_clock() {
  static const MachineClock clock;
  return clock;
}

Reactor::Reactor(std::size_t index, const Clock& clock, TaskGroup::OnFailure on_failure)
    : sweep_(clock), parts_(std::make_unique<Parts>(index, sweep_, std::move(on_failure))) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets without MSG_NOSIGNAL
}

Reactor::~Reactor() = default;

asio::io_context& Reactor::context() { return parts_->io; }
asio::any_io_executor Reactor::executor() { return parts_->io.get_executor(); }
std::size_t Reactor::index() const { return parts_->index; }
BufferPool& Reactor::buffers() { return buffers_; }
DeadlineSweep& Reactor::deadlines() { return sweep_; }
TaskGroup& Reactor::tasks() { return parts_->tasks; }

void Reactor::start_sweeping() {
  if (parts_->sweeping) return;
  parts_->sweeping = true;
  sweep_.look();
  parts_->sweep_later();
}

Reactor* Reactor::current() { return current_reactor; }

struct Reactors::Threads {
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards;
  std::vector<std::thread> threads;
  std::atomic<std::size_t> turn{0};
};

Reactors::Reactors(Options options) : threads_(std::make_unique<Threads>()) {
  const unsigned count = options.count != 0 ? options.count : std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < count; ++i)
    reactors_.push_back(std::make_unique<Reactor>(i, Reactor::machine_clock(), options.on_failure));
}

Reactors::~Reactors() { stop(std::chrono::milliseconds(0)); }

void Reactors::start() {
  VEREDUS_CHECK(threads_->threads.empty());
  for (auto& reactor : reactors_) {
    reactor->start_sweeping();
    threads_->guards.emplace_back(reactor->context().get_executor());
    threads_->threads.emplace_back([reactor = reactor.get()] {
      pthread_setname_np(pthread_self(), ("reactor-" + std::to_string(reactor->index())).c_str());
      current_reactor = reactor;
      ask_for_short_slices();
      reactor->context().run();
    });
  }
}

void Reactors::drain() {
  for (auto& reactor : reactors_) {
    asio::post(reactor->executor(), [reactor = reactor.get()] { reactor->deadlines().drain(); });
  }
}

std::size_t Reactors::stop(std::chrono::milliseconds grace) {
  if (threads_->threads.empty()) return 0;
  const auto until = std::chrono::steady_clock::now() + grace;
  drain();
  std::vector<std::future<void>> ended;
  for (auto& reactor : reactors_)
    ended.push_back(asio::co_spawn(reactor->executor(), reactor->tasks().join(), asio::use_future));
  for (auto& end : ended) end.wait_until(until);
  std::size_t cancelled = 0;
  for (auto& reactor : reactors_) {
    cancelled += reactor->tasks().size();
    reactor->tasks().cancel();
  }
  const auto unwound_until = std::chrono::steady_clock::now() + kUnwindWait;
  for (auto& end : ended) end.wait_until(unwound_until);
  for (auto& reactor : reactors_) reactor->context().stop();
  threads_->guards.clear();
  for (auto& thread : threads_->threads) thread.join();
  threads_->threads.clear();
  return cancelled;
}

Reactor& Reactors::next() {
  const auto turn = threads_->turn.fetch_add(1, std::memory_order_relaxed);
  return *reactors_[turn % reactors_.size()];
}

}  // namespace veredus::io::net
