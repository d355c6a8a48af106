#include "base/observe/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace veredus::base::observe {
namespace {

using testing::HasSubstr;

TEST(Metrics, AreToldInTheTextFormat) {
  Metrics metrics;
  metrics.counter("veredus_sessions_total", "Sessions so far.", {{"door", "smtp"}}).add(3);
  metrics.counter("veredus_sessions_total", "Sessions so far.", {{"door", "pop3"}}).add();
  metrics.gauge("veredus_sessions", "Sessions now.").set(-2);
  metrics.sampled_gauge("veredus_level", "How high.", [] { return 1.5; });
  metrics.sampled_counter("veredus_drops_total", "How many.", [] { return 7.0; });
  const std::string text = metrics.expose();
  EXPECT_THAT(text,
              HasSubstr("# HELP veredus_sessions_total Sessions so far.\n# TYPE veredus_sessions_total counter\n"));
  EXPECT_THAT(text, HasSubstr("veredus_sessions_total{door=\"smtp\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("veredus_sessions_total{door=\"pop3\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE veredus_sessions gauge\nveredus_sessions -2\n"));
  EXPECT_THAT(text, HasSubstr("veredus_level 1.5\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE veredus_drops_total counter\nveredus_drops_total 7\n"));
}

TEST(Metrics, TheSameNameAndLabelsAreTheSameFigure) {
  Metrics metrics;
  Counter& first = metrics.counter("c_total", "C.", {{"a", "1"}, {"b", "2"}});
  for (int i = 0; i < 100; ++i) metrics.counter("c_total", "C.", {{"a", std::to_string(i + 2)}});
  EXPECT_EQ(&first, &metrics.counter("c_total", "C.", {{"b", "2"}, {"a", "1"}}));
  EXPECT_NE(&first, &metrics.counter("c_total", "C.", {{"a", "1"}}));
}

TEST(Metrics, ThreadsLoseNoCount) {
  Metrics metrics;
  Counter& counter = metrics.counter("c_total", "C.");
  Histogram& histogram = metrics.histogram("h", "H.", {1});
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 10'000; ++i) {
          counter.add();
          histogram.observe(0.5);
        }
      });
  }
  EXPECT_EQ(counter.value(), 40'000u);
  EXPECT_EQ(histogram.count(0), 40'000u);
  EXPECT_EQ(histogram.sum(), 20'000);
}

TEST(Histogram, BoundsAreInclusiveAndCountsAreCumulativeOnlyWhenTold) {
  Metrics metrics;
  Histogram& histogram = metrics.histogram("veredus_seconds", "Time.", {0.1, 1});
  for (const double value : {0.05, 0.1, 0.5, 2.0}) histogram.observe(value);
  EXPECT_EQ(histogram.count(0), 2u);
  EXPECT_EQ(histogram.count(1), 1u);
  EXPECT_EQ(histogram.count(2), 1u);
  const std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("veredus_seconds_bucket{le=\"0.1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("veredus_seconds_bucket{le=\"1\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("veredus_seconds_bucket{le=\"+Inf\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("veredus_seconds_count 4\n"));
}

TEST(Metrics, LabelValuesAreEscaped) {
  Metrics metrics;
  metrics.counter("c_total", "C.", {{"from", "a\"b\\c\nd"}}).add();
  EXPECT_THAT(metrics.expose(), HasSubstr("c_total{from=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

TEST(MetricsDeathTest, OneNameIsOneKind) {
  Metrics metrics;
  metrics.counter("c_total", "C.");
  EXPECT_DEATH(metrics.gauge("c_total", "C."), "broken invariant");
}

}  // namespace
}  // namespace veredus::base::observe
