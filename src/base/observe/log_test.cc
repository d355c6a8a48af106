#include "base/observe/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <limits>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace veredus::base::observe {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr SystemTime kMoment{std::chrono::milliseconds(1795318805123)};  // 2026-11-22T03:40:05.123Z

// What a sink was given, readable while the logger lives.
struct Written {
  std::mutex mutex;
  std::string text;
  std::string take() {
    const std::lock_guard lock(mutex);
    return std::exchange(text, {});
  }
};

class StringSink : public LogSink {
 public:
  explicit StringSink(Written& written) : written_(written) {}
  void write(std::string_view lines) override {
    const std::lock_guard lock(written_.mutex);
    written_.text.append(lines);
  }

 private:
  Written& written_;
};

class LogTest : public testing::Test {
 protected:
  std::unique_ptr<Logger> logger(LogOptions options = {}) {
    return std::make_unique<Logger>(options, std::make_unique<StringSink>(written_), clock_);
  }
  std::string line(LogFormat format, std::initializer_list<Field> fields) {
    const auto log = logger({.format = format});
    log->info("test.happened", fields);
    log->flush();
    return written_.take();
  }
  FixedClock clock_{kMoment};
  Written written_;
};

TEST_F(LogTest, ALineOfTextHasTimeLevelEventAndFields) {
  EXPECT_EQ(line(LogFormat::kText, {{"session", "7k2m"},
                                    {"size", 2048u},
                                    {"delta", -3},
                                    {"ok", true},
                                    {"took", 0.25},
                                    {"from", "a b"},
                                    {"to", ""}}),
            "2026-11-22T03:40:05.123Z info test.happened session=7k2m size=2048 delta=-3 ok=true took=0.25 from=\"a "
            "b\" to=\"\"\n");
}

TEST_F(LogTest, ALineOfJsonIsAnObject) {
  EXPECT_EQ(
      line(LogFormat::kJson,
           {{"session", "7k2m"}, {"size", 2048u}, {"ok", false}, {"took", std::numeric_limits<double>::infinity()}}),
      R"({"time":"2026-11-22T03:40:05.123Z","level":"info","event":"test.happened","session":"7k2m","size":2048,"ok":false,"took":null})"
      "\n");
}

TEST_F(LogTest, NoValueBreaksOutOfItsLine) {
  struct Case {
    std::string_view value;
    std::string_view text;
    std::string_view json;
  };
  const Case cases[] = {
      {"a\r\nb\tc", R"("a\r\nb\tc")", R"("a\r\nb\tc")"},
      {"say \"hi\" \\", R"("say \"hi\" \\")", R"("say \"hi\" \\")"},
      {std::string_view("nul\0esc\x1b", 8), R"("nul\u0000esc\u001b")", R"("nul\u0000esc\u001b")"},
      {"bad \xFF\xC3", R"("bad \xff\xc3")", R"("bad \\xff\\xc3")"},
      {"caf\xC3\xA9", "\"caf\xC3\xA9\"", "\"caf\xC3\xA9\""},
      {"\xE2\x80\xA8|\xE2\x80\xAE|\xC2\x85", R"("\u2028|\u202e|\u0085")", R"("\u2028|\u202e|\u0085")"},
      {"\xF3\xA0\x80\x81", R"("\udb40\udc01")", R"("\udb40\udc01")"},
      {"level=error", R"("level=error")", R"("level=error")"},
      {"a@b.test", "a@b.test", "\"a@b.test\""},
      {"\x7F", R"("\u007f")", R"("\u007f")"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_THAT(line(LogFormat::kText, {{"v", c.value}}), testing::EndsWith(" v=" + std::string(c.text) + "\n"));
    EXPECT_THAT(line(LogFormat::kJson, {{"v", c.value}}), testing::EndsWith("\"v\":" + std::string(c.json) + "}\n"));
  }
}

TEST_F(LogTest, LongValuesAreCut) {
  const auto log = logger({.value_octets = 5});
  log->info("x", {{"v", "1234567"}, {"u", "1234\xC3\xA9"}, {"w", "12345"}});
  log->flush();
  EXPECT_THAT(written_.take(), HasSubstr("v=12345... u=1234... w=12345\n"));
}

TEST_F(LogTest, OnlyWhatTheLevelAsksForIsWritten) {
  const auto log = logger({.level = Level::kWarning});
  log->info("quiet");
  log->warning("heard");
  log->set_level(Level::kDebug);
  log->debug("now");
  log->set_level(Level::kOff);
  log->error("never");
  log->flush();
  EXPECT_THAT(written_.take(), testing::AllOf(Not(HasSubstr("quiet")), HasSubstr("warning heard"),
                                              HasSubstr("debug now"), Not(HasSubstr("never"))));
}

TEST_F(LogTest, ALoggerWithoutASinkIsSilent) {
  Logger log;
  EXPECT_FALSE(log.enabled(Level::kError));
  log.set_level(Level::kDebug);
  log.error("x");
  log.flush();
  log.reopen();
  EXPECT_EQ(log.dropped_lines(), 0u);
}

TEST_F(LogTest, TheDestructorWritesWhatIsLeft) {
  logger({.gather = std::chrono::hours(1)})->info("last.words");
  EXPECT_THAT(written_.take(), HasSubstr("last.words"));
}

TEST_F(LogTest, EveryThreadsLinesStayWhole) {
  {
    const auto log = logger();
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&log, t] {
        for (int i = 0; i < 500; ++i) log->info("count", {{"thread", t}, {"i", i}});
      });
  }
  std::istringstream lines(written_.take());
  int count = 0;
  for (std::string text; std::getline(lines, text); ++count)
    EXPECT_TRUE(text.starts_with("2026-11-22T03:40:05.123Z info count thread=")) << text;
  EXPECT_EQ(count, 2000);
}

// Blocks in write until told, as a slow terminal does.
class StuckSink final : public StringSink {
 public:
  StuckSink(Written& written, std::promise<void>& entered, std::shared_future<void> go)
      : StringSink(written), entered_(entered), go_(std::move(go)) {}
  void write(std::string_view lines) override {
    if (!std::exchange(told_, true)) entered_.set_value();
    go_.wait();
    StringSink::write(lines);
  }

 private:
  bool told_ = false;
  std::promise<void>& entered_;
  std::shared_future<void> go_;
};

TEST_F(LogTest, ASlowSinkBlocksNobodyAndTheLossIsTold) {
  std::promise<void> entered;
  std::promise<void> go;
  Logger log({.queue_octets = 1000, .gather = std::chrono::milliseconds(0)},
             std::make_unique<StuckSink>(written_, entered, go.get_future().share()), clock_);
  log.error("first");
  entered.get_future().wait();
  for (int i = 0; i < 100; ++i) log.info("more", {{"i", i}});
  const std::uint64_t dropped = log.dropped_lines();
  EXPECT_GT(dropped, 50u);
  go.set_value();
  log.flush();
  const std::string text = written_.take();
  EXPECT_THAT(text, HasSubstr("more i=0\n"));
  EXPECT_THAT(text, HasSubstr("warning log.dropped lines=" + std::to_string(dropped) + "\n"));
}

class FullDisk final : public LogSink {
 public:
  void write(std::string_view /*lines*/) override { throw std::runtime_error("no space left on device"); }
};

TEST_F(LogTest, AFullDiskIsSurvivedAndCounted) {
  Logger log({}, std::make_unique<FullDisk>(), clock_);
  log.error("lost");
  log.flush();
  EXPECT_GE(log.dropped_lines(), 1u);
}

TEST_F(LogTest, AFileIsOpenedAgainAfterItWasMovedAway) {
  const std::string path = testing::TempDir() + "/veredus_log_test_" + std::to_string(getpid()) + ".log";
  const auto read = [](const std::string& from) {
    std::ifstream in(from);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  {
    Logger log({}, file_sink(path), clock_);
    log.info("before");
    log.flush();
    ASSERT_EQ(std::rename(path.c_str(), (path + ".1").c_str()), 0);
    log.reopen();
    log.info("after");
  }
  EXPECT_EQ(read(path + ".1"), "2026-11-22T03:40:05.123Z info before\n");
  EXPECT_EQ(read(path), "2026-11-22T03:40:05.123Z info after\n");
  std::remove(path.c_str());
  std::remove((path + ".1").c_str());
}

}  // namespace
}  // namespace veredus::base::observe
