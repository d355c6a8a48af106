#include "base/observe/log.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "base/observe/log_line.h"

namespace veredus::base::observe {

std::string_view to_string(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
    case Level::kOff:
      break;
  }
  return "off";
}

// The lines between those who log and the thread that writes. Waking the thread costs a system call, so it is woken for
// the first line of a batch, for an error, and when half of the room is taken.
class Logger::Queue {
 public:
  Queue(const LogOptions& options, std::unique_ptr<LogSink> sink, const Clock& clock)
      : options_(options), clock_(clock), sink_(std::move(sink)), writer_([this] { run(); }) {}
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  ~Queue() {
    set([this] { stopping_ = true; });
    writer_.join();
  }

  void push(std::string_view line, bool urgent) {
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      if (pending_.size() + line.size() > options_.queue_octets) {
        dropped_.fetch_add(1, std::memory_order_relaxed);
        return;
      }
      wake = pending_.empty() || (urgent && !urgent_);
      pending_.append(line);
      if (!urgent_ && (urgent || pending_.size() > options_.queue_octets / 2)) wake = urgent_ = true;
    }
    if (wake) work_.notify_one();
  }

  void flush() {
    std::unique_lock lock(mutex_);
    const std::uint64_t wanted = ++flushes_wanted_;
    work_.notify_one();
    written_.wait(lock, [&] { return flushes_done_ >= wanted; });
  }

  void reopen() {
    set([this] { reopening_ = true; });
  }

  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  template <class Change>
  void set(Change change) {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    work_.notify_one();
  }

  [[nodiscard]] bool in_haste() const { return urgent_ || stopping_ || reopening_ || flushes_wanted_ != flushes_done_; }

  void run() {
    std::string batch;
    std::unique_lock lock(mutex_);
    while (!stopping_ || !pending_.empty()) {
      work_.wait(lock, [this] { return !pending_.empty() || in_haste(); });
      work_.wait_for(lock, options_.gather, [this] { return in_haste(); });
      batch.swap(pending_);
      urgent_ = false;
      const bool reopen = std::exchange(reopening_, false);
      const std::uint64_t flushes = flushes_wanted_;
      lock.unlock();
      write(batch, reopen);
      batch.clear();
      lock.lock();
      flushes_done_ = flushes;
      written_.notify_all();
    }
  }

  void write(std::string& batch, bool reopen) {
    const std::uint64_t dropped_now = dropped();
    if (dropped_now != dropped_told_)
      append_log_line(batch, options_, clock_.now(), Level::kWarning, "log.dropped",
                      {{"lines", dropped_now - dropped_told_}});
    try {
      if (reopen) sink_->reopen();
      if (!batch.empty()) sink_->write(batch);
      dropped_told_ = dropped_now;
    } catch (const std::exception&) {  // a full disk must not stop the mail; the loss is counted and told when it ends
      dropped_.fetch_add(static_cast<std::uint64_t>(std::ranges::count(batch, '\n')), std::memory_order_relaxed);
    }
  }

  const LogOptions& options_;
  const Clock& clock_;
  std::unique_ptr<LogSink> sink_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable written_;
  std::string pending_;
  bool urgent_ = false;
  bool stopping_ = false;
  bool reopening_ = false;
  std::uint64_t flushes_wanted_ = 0;
  std::uint64_t flushes_done_ = 0;
  std::uint64_t dropped_told_ = 0;  // the writer's alone
  std::atomic<std::uint64_t> dropped_{0};
  std::thread writer_;  // last: it uses all of the above
};

Logger::Logger() = default;

Logger::Logger(LogOptions options, std::unique_ptr<LogSink> sink, const Clock& clock)
    : level_(options.level),
      options_(options),
      clock_(&clock),
      queue_(std::make_unique<Queue>(options_, std::move(sink), clock)) {}

Logger::~Logger() = default;

void Logger::set_level(Level level) noexcept {
  if (queue_) level_.store(level, std::memory_order_relaxed);
}

void Logger::append(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (!queue_ || level == Level::kOff) return;
  thread_local std::string line;
  line.clear();
  append_log_line(line, options_, clock_->now(), level, event, fields);
  queue_->push(line, level >= Level::kError);
}

void Logger::flush() {
  if (queue_) queue_->flush();
}

void Logger::reopen() {
  if (queue_) queue_->reopen();
}

std::uint64_t Logger::dropped_lines() const noexcept { return queue_ ? queue_->dropped() : 0; }

}  // namespace veredus::base::observe
