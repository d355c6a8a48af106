#include <gtest/gtest.h>

#include <string>

#include "base/observe/log.h"
#include "work/doorstep/line_error.h"
#include "work/doorstep/live_options.h"
#include "work/doorstep/visit.h"

namespace veredus::work::doorstep {
namespace {

TEST(LiveOptions, SessionsKeepWhatTheyBeganWith) {
  struct Options {
    std::string hostname;
    int sessions = 0;
  };
  LiveOptions<Options> live({.hostname = "mx.example.org", .sessions = 1});
  const auto began_with = live.now();
  live.change([](Options& options) { options.sessions = 2; });
  EXPECT_EQ(began_with->sessions, 1);
  EXPECT_EQ(live.now()->sessions, 2);
  EXPECT_EQ(live.now()->hostname, "mx.example.org");
}

TEST(LineErrorOf, KnowsFaultsOfLinesFromThoseOfConnections) {
  using io::net::IoError;
  EXPECT_EQ(line_error(IoError::kLineTooLong), LineError::kTooLong);
  EXPECT_EQ(line_error(IoError::kBareLineFeed), LineError::kBareLf);
  EXPECT_EQ(line_error(IoError::kBareCarriageReturn), LineError::kBareCr);
  EXPECT_FALSE(line_error(IoError::kTimeout));
  EXPECT_FALSE(line_error(IoError::kStopping));
}

struct Counted {
  base::observe::Metrics metrics;
  SessionFigures figures{
      metrics,
      {.begun = "test_sessions_total", .open = "test_sessions", .refused = "test_refused_total", .tls = "test_tls"},
      {{"listener", "test"}}};
};

TEST(VisitOf, IsCountedWhileItLasts) {
  Counted counted;
  base::observe::Logger log;
  {
    const Visit first({"test", "listener", counted.figures, log}, io::net::Endpoint{});
    const Visit second({"test", "listener", counted.figures, log}, io::net::Endpoint{});
    EXPECT_NE(first.session(), second.session());
    EXPECT_EQ(first.session().size(), 13U);
    first.note_refusal("too many sessions");
    EXPECT_NE(counted.metrics.expose().find("test_sessions{listener=\"test\"} 2"), std::string::npos);
  }
  const auto page = counted.metrics.expose();
  EXPECT_NE(page.find("test_sessions_total{listener=\"test\"} 2"), std::string::npos);
  EXPECT_NE(page.find("test_sessions{listener=\"test\"} 0"), std::string::npos);
  EXPECT_NE(page.find("test_refused_total{listener=\"test\"} 1"), std::string::npos);
}

}  // namespace
}  // namespace veredus::work::doorstep
