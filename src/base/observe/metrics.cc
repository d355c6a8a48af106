#include "base/observe/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <sstream>
#include <variant>

#include "base/types/result.h"

namespace veredus::base::observe {

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)), counts_(std::make_unique<std::atomic<std::uint64_t>[]>(bounds_.size() + 1)) {
  VEREDUS_CHECK(std::ranges::is_sorted(bounds_));
}

void Histogram::observe(double value) noexcept {
  const auto bucket = static_cast<std::size_t>(std::ranges::lower_bound(bounds_, value) - bounds_.begin());
  counts_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::uint64_t Histogram::count(std::size_t bucket) const noexcept {
  return counts_[bucket].load(std::memory_order_relaxed);
}

std::vector<double> latency_bounds() {
  return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
}

namespace {

struct Sampled {
  std::function<double()> sample;
};
using Figure = std::variant<std::unique_ptr<Counter>, std::unique_ptr<Gauge>, std::unique_ptr<Histogram>, Sampled>;

struct Series {
  Labels labels;
  Figure figure;
};

struct Family {
  std::string help;
  prometheus::MetricType type;
  std::vector<Series> series;
};

struct Reading {
  prometheus::ClientMetric& metric;
  prometheus::MetricType type;

  void put(double value) const {
    if (type == prometheus::MetricType::Counter)
      metric.counter.value = value;
    else
      metric.gauge.value = value;
  }
  void operator()(const std::unique_ptr<Counter>& counter) const { put(static_cast<double>(counter->value())); }
  void operator()(const std::unique_ptr<Gauge>& gauge) const { put(static_cast<double>(gauge->value())); }
  void operator()(const Sampled& sampled) const { put(sampled.sample()); }
  void operator()(const std::unique_ptr<Histogram>& histogram) const {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i <= histogram->bounds().size(); ++i) {
      total += histogram->count(i);
      const double bound =
          i < histogram->bounds().size() ? histogram->bounds()[i] : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back({.cumulative_count = total, .upper_bound = bound});
    }
    metric.histogram.sample_count = total;
    metric.histogram.sample_sum = histogram->sum();
  }
};

}  // namespace

struct Metrics::Registry final : prometheus::Collectable {
  // The figure of that name and those labels, made by `make` when it is new.
  template <class Make>
  Figure& figure(std::string_view name, std::string_view help, prometheus::MetricType type, Labels labels, Make make) {
    const std::lock_guard lock(mutex);
    auto found = families.find(name);
    if (found == families.end())
      found = families.emplace(std::string(name), Family{.help = std::string(help), .type = type, .series = {}}).first;
    Family& family = found->second;
    VEREDUS_CHECK(family.type == type);
    std::ranges::sort(labels);
    for (Series& series : family.series)
      if (series.labels == labels) return series.figure;
    return family.series.emplace_back(Series{.labels = std::move(labels), .figure = make(family)}).figure;
  }

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override {
    const std::lock_guard lock(mutex);
    std::vector<prometheus::MetricFamily> out;
    out.reserve(families.size());
    for (const auto& [name, family] : families) {
      auto& collected = out.emplace_back();
      collected.name = name;
      collected.help = family.help;
      collected.type = family.type;
      for (const Series& series : family.series) {
        auto& metric = collected.metric.emplace_back();
        for (const auto& [label, value] : series.labels) metric.label.push_back({.name = label, .value = value});
        std::visit(Reading{metric, family.type}, series.figure);
      }
    }
    return out;
  }

  mutable std::mutex mutex;
  std::map<std::string, Family, std::less<>> families;
};

Metrics::Metrics() : registry_(std::make_unique<Registry>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(std::string_view name, std::string_view help, Labels labels) {
  const auto make = [](const Family&) { return Figure(std::make_unique<Counter>()); };
  return *std::get<std::unique_ptr<Counter>>(
      registry_->figure(name, help, prometheus::MetricType::Counter, std::move(labels), make));
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, Labels labels) {
  const auto make = [](const Family&) { return Figure(std::make_unique<Gauge>()); };
  return *std::get<std::unique_ptr<Gauge>>(
      registry_->figure(name, help, prometheus::MetricType::Gauge, std::move(labels), make));
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, std::vector<double> bounds, Labels labels) {
  const auto make = [&](const Family& family) {
    if (!family.series.empty()) bounds = std::get<std::unique_ptr<Histogram>>(family.series.front().figure)->bounds();
    return Figure(std::make_unique<Histogram>(std::move(bounds)));
  };
  return *std::get<std::unique_ptr<Histogram>>(
      registry_->figure(name, help, prometheus::MetricType::Histogram, std::move(labels), make));
}

void Metrics::sampled_counter(std::string_view name, std::string_view help, std::function<double()> sample,
                              Labels labels) {
  const auto make = [&](const Family&) { return Figure(Sampled{std::move(sample)}); };
  registry_->figure(name, help, prometheus::MetricType::Counter, std::move(labels), make);
}

void Metrics::sampled_gauge(std::string_view name, std::string_view help, std::function<double()> sample,
                            Labels labels) {
  const auto make = [&](const Family&) { return Figure(Sampled{std::move(sample)}); };
  registry_->figure(name, help, prometheus::MetricType::Gauge, std::move(labels), make);
}

std::string Metrics::expose() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, registry_->Collect());
  return std::move(out).str();
}

}  // namespace veredus::base::observe
