#include "io/net/worker_pool.h"

#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace veredus::io::net {

std::string_view to_string(WorkError error) {
  switch (error) {
    case WorkError::kQueueFull:
      return "too much work waiting";
    case WorkError::kStopped:
      return "worker pool stopped";
  }
  return "unknown error";
}

struct WorkerPool::State {
  std::size_t queue_limit = 0;
  mutable std::mutex mutex;
  std::condition_variable more;
  std::deque<std::move_only_function<void()>> queue;
  bool stopped = false;
  std::vector<std::thread> threads;

  void work(int niceness, const char* name) {
    pthread_setname_np(pthread_self(), name);
    constexpr id_t kThisThread = 0;  // on Linux niceness is a thread's
    if (niceness != 0) (void)setpriority(PRIO_PROCESS, kThisThread, getpriority(PRIO_PROCESS, kThisThread) + niceness);
    std::unique_lock lock(mutex);
    while (true) {
      more.wait(lock, [this] { return stopped || !queue.empty(); });
      if (queue.empty()) return;
      auto job = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      job();
      job = nullptr;
      lock.lock();
    }
  }
};

WorkerPool::WorkerPool(Options options) : state_(std::make_unique<State>()) {
  state_->queue_limit = options.queue_limit;
  const unsigned count = options.threads != 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < count; ++i)
    state_->threads.emplace_back(&State::work, state_.get(), options.niceness, options.name);
}

WorkerPool::~WorkerPool() { stop(); }

bool WorkerPool::post(std::move_only_function<void()> job) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopped || state_->queue.size() >= state_->queue_limit) return false;
    state_->queue.push_back(std::move(job));
  }
  state_->more.notify_one();
  return true;
}

WorkError WorkerPool::refusal() const {
  const std::lock_guard lock(state_->mutex);
  return state_->stopped ? WorkError::kStopped : WorkError::kQueueFull;
}

void WorkerPool::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopped = true;
  }
  state_->more.notify_all();
  for (auto& thread : state_->threads)
    if (thread.joinable()) thread.join();
}

std::size_t WorkerPool::waiting() const {
  const std::lock_guard lock(state_->mutex);
  return state_->queue.size();
}

}  // namespace veredus::io::net
