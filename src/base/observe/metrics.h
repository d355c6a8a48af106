#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace veredus::base::observe {

/// Only grows. Each on a cache line of its own: reactors count without disturbing each other's neighbours.
class alignas(64) Counter {
 public:
  void add(std::uint64_t count = 1) noexcept { value_.fetch_add(count, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Goes up and down.
class alignas(64) Gauge {
 public:
  void set(std::int64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t delta) noexcept { value_.fetch_add(delta, std::memory_order_relaxed); }
  [[nodiscard]] std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// How often a value fell into each bucket. `observe` is two relaxed additions and a short search.
class alignas(64) Histogram {
 public:
  /// Upper bounds, inclusive, ascending; a last bucket without bound is added.
  explicit Histogram(std::vector<double> bounds);
  void observe(double value) noexcept;
  [[nodiscard]] const std::vector<double>& bounds() const noexcept { return bounds_; }
  /// Of one bucket, not cumulative; index 0..bounds().size().
  [[nodiscard]] std::uint64_t count(std::size_t bucket) const noexcept;
  [[nodiscard]] double sum() const noexcept { return sum_.load(std::memory_order_relaxed); }

 private:
  std::vector<double> bounds_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;
  std::atomic<double> sum_{0};
};

using Labels = std::vector<std::pair<std::string, std::string>>;

/// 1 ms to 60 s, for durations in seconds.
std::vector<double> latency_bounds();

/// Every figure the server tells. Names follow Prometheus ("veredus_smtp_sessions_total"); the same name and labels
/// give the same object, which lives as long as this one: look it up once, keep the reference, count on it.
/// Thread-safe.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, Labels labels = {});
  /// All histograms of one name have the bounds of the first.
  Histogram& histogram(std::string_view name, std::string_view help, std::vector<double> bounds, Labels labels = {});
  /// Figures others keep: `sample` is called at each exposition, on its thread, and must stay valid.
  void sampled_counter(std::string_view name, std::string_view help, std::function<double()> sample,
                       Labels labels = {});
  void sampled_gauge(std::string_view name, std::string_view help, std::function<double()> sample, Labels labels = {});

  /// All of it in the Prometheus text format, version 0.0.4.
  [[nodiscard]] std::string expose() const;

 private:
  struct Registry;
  std::unique_ptr<Registry> registry_;
};

}  // namespace veredus::base::observe
