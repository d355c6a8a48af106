#include "work/login/authenticator.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/observe/log.h"
#include "io/engine/memory_engine.h"
#include "io/net/worker_pool.h"
#include "state/directory/auth_throttle.h"
#include "support/run.h"

namespace veredus::work::login {
namespace {

using namespace std::chrono_literals;
using base::crypto::Secret;
using state::directory::Directory;

/// An authenticator on the real directory over an engine in memory.
class AuthenticatorTest : public testing::Test {
 protected:
  AuthenticatorTest() {
    directory = run(Directory::open(&engine, &pool, &clock, {})).value();
    EXPECT_TRUE(run(directory->create_domain({.name = "demo.test"})));
    state::directory::NewAccount request{.address = "alice@demo.test", .display_name = {}, .password = {}};
    request.password = Secret(std::string_view("correct horse"));
    EXPECT_TRUE(run(directory->create_account(std::move(request))));
    authenticator = std::make_unique<Authenticator>("imap", *directory, throttle, log,
                                                    Figures(metrics, "test_logins_total", {{"listener", "imap"}}));
  }

  template <class T>
  T run(asio::awaitable<T> work) {
    return test::run(io, std::move(work));
  }
  Authenticator::Answer check(std::string user, std::string_view password) {
    CheckPassword question{{.authzid = {}, .user = std::move(user), .password = Secret(password)}};
    return run(authenticator->check(caller, std::move(question)));
  }

  asio::io_context io;
  FixedClock clock{SystemTime{1'000'000s}};
  io::engine::MemoryEngine engine;
  io::net::WorkerPool pool{{.threads = 1}};
  std::unique_ptr<Directory> directory;
  state::directory::AuthThrottle throttle{&clock,
                                          {.first_delay = 0ms, .longest_delay = 0ms, .failures_to_ban_address = 3}};
  base::observe::Logger log;
  base::observe::Metrics metrics;
  std::unique_ptr<Authenticator> authenticator;
  Caller caller{io::net::Endpoint::ip(io::net::IpAddress::v4({192, 0, 2, 1}), 4000), "S1", "192.0.2.1"};
};

TEST_F(AuthenticatorTest, AnswersWhoseThePasswordIs) {
  const auto login = check("alice@demo.test", "correct horse");
  ASSERT_TRUE(login);
  EXPECT_EQ(login->address, "alice@demo.test");
  EXPECT_EQ(check("alice@demo.test", "wrong").error(), AuthRefusal::kWrongCredentials);
  EXPECT_EQ(check("nobody@demo.test", "wrong").error(), AuthRefusal::kWrongCredentials);
  EXPECT_TRUE(metrics.expose().contains("result=\"done\"} 1"));
}

TEST_F(AuthenticatorTest, BansWhoGuessesTooOftenEvenWithTheRightPassword) {
  for (int i = 0; i < 3; ++i) authenticator->note_guess(caller, "alice@demo.test");
  EXPECT_EQ(check("alice@demo.test", "correct horse").error(), AuthRefusal::kBanned);
  EXPECT_EQ(run(authenticator->scram_keys(caller, {"alice@demo.test"})).error(), AuthRefusal::kBanned);
  EXPECT_TRUE(metrics.expose().contains("result=\"failed\"} 3"));
}

TEST_F(AuthenticatorTest, ARightPasswordForgetsTheGuessesBeforeIt) {
  for (int i = 0; i < 2; ++i) authenticator->note_guess(caller, "alice@demo.test");
  EXPECT_TRUE(check("alice@demo.test", "correct horse"));
  for (int i = 0; i < 2; ++i) authenticator->note_guess(caller, "alice@demo.test");
  EXPECT_TRUE(check("alice@demo.test", "correct horse"));
}

TEST_F(AuthenticatorTest, AuthorizesWhomScramHasProved) {
  EXPECT_FALSE(run(authenticator->scram_keys(caller, {"alice@demo.test"}))->empty());
  EXPECT_TRUE(run(authenticator->scram_keys(caller, {"nobody@demo.test"}))->empty());
  const AuthorizeScram herself{.user = "alice@demo.test", .authzid = "", .key_index = 0};
  EXPECT_EQ(run(authenticator->authorize(caller, herself))->address, "alice@demo.test");
  const AuthorizeScram another{.user = "alice@demo.test", .authzid = "bob@demo.test", .key_index = 0};
  EXPECT_EQ(run(authenticator->authorize(caller, another)).error(), AuthRefusal::kNotAuthorized);
}

TEST(ChannelBindings, ComeFromWhatTheConnectionHas) {
  io::net::TlsDetails tls;
  EXPECT_TRUE(channel_bindings(tls).empty());
  tls.tls_exporter = "exported";
  tls.tls_server_end_point = "digest";
  const auto both = channel_bindings(tls);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].type, "tls-exporter");
  EXPECT_EQ(both[1].octets, "digest");
}

}  // namespace
}  // namespace veredus::work::login
