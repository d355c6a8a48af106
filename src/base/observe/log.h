#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/types/clock.h"

namespace veredus::base::observe {

enum class Level : std::uint8_t { kDebug, kInfo, kWarning, kError, kOff };
std::string_view to_string(Level level);

enum class LogFormat : std::uint8_t { kText, kJson };

/// One named value of a log line; lives only for the call. Names are lower-case constants such as "session", never
/// input. Never a secret: passwords and keys are crypto::Secret, which does not convert.
struct Field {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;

  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  Field(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
  Field(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
  Field(std::string_view n, bool v) : name(n), value(v) {}
  Field(std::string_view n, double v) : name(n), value(v) {}
  template <std::signed_integral T>
  Field(std::string_view n, T v) : name(n), value(static_cast<std::int64_t>(v)) {}
  template <std::unsigned_integral T>
  Field(std::string_view n, T v) : name(n), value(static_cast<std::uint64_t>(v)) {}
};

/// Where finished lines go; called by the logger's own thread alone, so it may block.
class LogSink {
 public:
  virtual ~LogSink() = default;
  /// One or more whole lines, each ended by LF.
  virtual void write(std::string_view lines) = 0;
  /// After the file was moved away, as on SIGHUP. Called by the same thread as write.
  virtual void reopen() {}
};
std::unique_ptr<LogSink> stderr_sink();
/// Appends to a file. Throws (spdlog::spdlog_ex) when it cannot be opened: at start-up.
std::unique_ptr<LogSink> file_sink(const std::string& path);

struct LogOptions {
  Level level = Level::kInfo;
  LogFormat format = LogFormat::kText;
  std::size_t queue_octets = std::size_t{4} << 20;  // beyond it lines are dropped, counted, and the loss is logged
  std::size_t value_octets = 1024;                  // a longer value is cut, and ends in "..."
  std::chrono::milliseconds gather{20};             // how long lines may wait for company
};

/// One structured line for each decision:
///   2026-11-22T03:40:00.123Z info smtp.accepted session=7k2m queue_id=01j… size=2048 from=alice@demo.test
///   {"time":"2026-11-22T03:40:00.123Z","level":"info","event":"smtp.accepted","session":"7k2m",…}
/// Values are untrusted: control characters, line and direction marks and octets that are no UTF-8 are escaped, so a
/// line stays a line. A call formats the line and appends it to a bounded buffer (about 1 µs, never a system call while
/// lines are being gathered); a thread of its own writes them out, so a slow disk or terminal never holds a reactor.
/// Thread-safe. The destructor writes out what is left.
class Logger {
 public:
  /// Logs nothing.
  Logger();
  /// `clock` must outlive the logger.
  Logger(LogOptions options, std::unique_ptr<LogSink> sink, const Clock& clock);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  [[nodiscard]] bool enabled(Level level) const noexcept { return level >= level_.load(std::memory_order_relaxed); }
  void set_level(Level level) noexcept;

  /// `event` is a constant "<module>.<what happened>", such as "smtp.accepted".
  void log(Level level, std::string_view event, std::initializer_list<Field> fields = {}) {
    if (enabled(level)) append(level, event, fields);
  }
  void debug(std::string_view event, std::initializer_list<Field> fields = {}) { log(Level::kDebug, event, fields); }
  void info(std::string_view event, std::initializer_list<Field> fields = {}) { log(Level::kInfo, event, fields); }
  void warning(std::string_view event, std::initializer_list<Field> fields = {}) {
    log(Level::kWarning, event, fields);
  }
  void error(std::string_view event, std::initializer_list<Field> fields = {}) { log(Level::kError, event, fields); }

  /// Blocks until every line logged before is written. For start-up, shut-down and commands.
  void flush();
  /// Has the sink open its file again.
  void reopen();
  /// Lines lost to a full buffer since the start.
  [[nodiscard]] std::uint64_t dropped_lines() const noexcept;

 private:
  class Queue;
  void append(Level level, std::string_view event, std::initializer_list<Field> fields);

  std::atomic<Level> level_{Level::kOff};
  LogOptions options_;
  const Clock* clock_ = nullptr;
  std::unique_ptr<Queue> queue_;
};

}  // namespace veredus::base::observe
