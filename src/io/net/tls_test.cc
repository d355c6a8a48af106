#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <fstream>
#include <future>

#include "io/net/line_stream.h"
#include "io/net/reactor.h"
#include "io/net/self_signed.h"
#include "io/net/socket_transport.h"
#include "io/net/tls_context.h"
#include "support/run.h"

namespace veredus::io::net {
namespace {

using namespace std::chrono_literals;

const KeyAndCertificate& identity_of(const std::string& name) {
  static std::map<std::string, KeyAndCertificate> made;
  const auto known = made.find(name);
  if (known != made.end()) return known->second;
  const auto now = MachineClock().now();
  return made.emplace(name, make_self_signed({name}, now, std::chrono::days(30)).value()).first->second;
}

TlsContext::Certificate certificate_of(const std::string& name) {
  const auto& identity = identity_of(name);
  return {.chain_pem = identity.certificate_pem, .key_pem = identity.key_pem};
}

struct Seen {
  TlsStarted started;
  TlsDetails details;
  std::string line;
};
using Outcome = std::expected<Seen, IoError>;

asio::awaitable<Outcome> talk(LineStream stream, std::shared_ptr<TlsContext> context, std::string server_name) {
  const bool server = context->is_server();
  const auto started = server ? co_await stream.start_tls(std::move(context), 1min)
                              : co_await stream.start_tls_client(std::move(context), std::move(server_name), 1min);
  if (!started) co_return std::unexpected(started.error());
  std::string greeting = server ? std::string(100'000, 's') + "\r\n" : "from client\r\n";
  stream.queue_write(std::move(greeting));
  const auto sent = co_await stream.flush(1min);
  if (!sent) co_return std::unexpected(sent.error());
  Seen seen{.started = *started};
  if (server) {
    const auto line = co_await stream.read_line(512, 1min);
    if (!line) co_return std::unexpected(line.error());
    seen.line = *line;
  } else {
    while (!seen.line.ends_with('\n')) {
      const auto chunk = co_await stream.read_chunk(100'000, 1min);
      if (!chunk) co_return std::unexpected(chunk.error());
      seen.line += *chunk;
    }
  }
  seen.details = stream.tls().value();
  co_return seen;
}

class TlsTest : public testing::Test {
 protected:
  std::pair<LineStream, LineStream> open() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    const auto over = [this](int fd) {
      const auto nowhere = Endpoint::unix_socket("");
      return LineStream(reactor, make_socket_transport(reactor, UniqueFd(fd), nowhere, nowhere));
    };
    return {over(ends[0]), over(ends[1])};
  }
  struct Both {
    Outcome server;
    Outcome client;
  };
  Both meet(std::shared_ptr<TlsContext> server, std::shared_ptr<TlsContext> client, std::string name) {
    auto [here, there] = open();
    auto served = asio::co_spawn(reactor.context(), talk(std::move(here), std::move(server), {}), asio::use_future);
    auto outcome = test::run(reactor.context(), talk(std::move(there), std::move(client), std::move(name)));
    reactor.context().restart();
    reactor.context().run();
    return {served.get(), std::move(outcome)};
  }
  static std::shared_ptr<TlsContext> server_of(std::vector<std::string> names) {
    TlsContext::ServerOptions options;
    for (const auto& name : names) options.certificates.push_back(certificate_of(name));
    return TlsContext::server(std::move(options)).value();
  }
  static std::shared_ptr<TlsContext> trusting(const std::string& name) {
    return TlsContext::client({.trusted_pem = identity_of(name).certificate_pem}).value();
  }
  static std::shared_ptr<TlsContext> careless() {
    return TlsContext::client({.verify = TlsContext::Verify::kNone}).value();
  }

  Reactor reactor;
};

TEST_F(TlsTest, NotesWhatIsWrongWithACertificateItTakes) {
  const auto recording = [](const std::string& trusted) {
    return TlsContext::client(
               {.verify = TlsContext::Verify::kRecord, .trusted_pem = identity_of(trusted).certificate_pem})
        .value();
  };
  const auto good = meet(server_of({"mx.example.org"}), recording("mx.example.org"), "mx.example.org");
  ASSERT_TRUE(good.client);
  EXPECT_TRUE(good.client->details.verified);
  EXPECT_EQ(good.client->details.verify_failure, "");
  const auto other_name = meet(server_of({"mx.example.org"}), recording("mx.example.org"), "mx.example.net");
  ASSERT_TRUE(other_name.client);
  EXPECT_FALSE(other_name.client->details.verified);
  EXPECT_EQ(other_name.client->details.verify_failure, "hostname mismatch");
  const auto stranger = meet(server_of({"mx.example.org"}), recording("mx.example.net"), "mx.example.org");
  ASSERT_TRUE(stranger.client);
  EXPECT_FALSE(stranger.client->details.verified);
  EXPECT_NE(stranger.client->details.verify_failure, "");
}

TEST_F(TlsTest, ResumesTheSessionOfAPeerThatWasMetBefore) {  // RFC 8446 s2.2
  const auto server = server_of({"mx.example.org", "mx.example.net"});
  const auto client = TlsContext::client({.verify = TlsContext::Verify::kRecord,
                                          .trusted_pem = identity_of("mx.example.org").certificate_pem,
                                          .resumable_peers = 2})
                          .value();
  EXPECT_FALSE(meet(server, client, "mx.example.org").client->details.resumed);
  const auto again = meet(server, client, "mx.example.org");
  EXPECT_TRUE(again.client->details.resumed);
  EXPECT_TRUE(again.server->details.resumed);
  EXPECT_TRUE(again.client->details.verified);
  EXPECT_FALSE(meet(server, client, "mx.example.net").client->details.resumed);
  EXPECT_TRUE(meet(server, client, "mx.example.org").client->details.resumed);
}

TEST_F(TlsTest, CarriesBothWaysAndBindsBothEndsToOneChannel) {
  const auto both = meet(server_of({"mx.example.org"}), trusting("mx.example.org"), "mx.example.org");
  ASSERT_TRUE(both.server && both.client);
  EXPECT_EQ(both.server->line, "from client");
  EXPECT_EQ(both.client->line.size(), 100'002U);
  const auto& details = both.server->details;
  EXPECT_EQ(details.version, "TLSv1.3");
  EXPECT_GE(details.cipher_bits, 128U);
  EXPECT_EQ(details.server_name, "mx.example.org");
  EXPECT_FALSE(details.resumed);
  EXPECT_EQ(details.tls_server_end_point.size(), 32U);
  EXPECT_EQ(details.tls_exporter.size(), 32U);
  EXPECT_EQ(details.tls_server_end_point, both.client->details.tls_server_end_point);
  EXPECT_EQ(details.tls_exporter, both.client->details.tls_exporter);
}

TEST_F(TlsTest, RefusesAStrangersCertificateAndAWrongName) {
  const auto stranger = meet(server_of({"mx.example.org"}), trusting("other.example.org"), "mx.example.org");
  EXPECT_EQ(stranger.client.error(), IoError::kTlsCertificate);
  EXPECT_FALSE(stranger.server);
  const auto wrong = meet(server_of({"mx.example.org"}), trusting("mx.example.org"), "imap.example.org");
  EXPECT_EQ(wrong.client.error(), IoError::kTlsCertificate);
}

TEST_F(TlsTest, ShowsTheCertificateThatSniAsksFor) {
  const auto server = server_of({"default.test", "a.example.org", "*.example.org"});
  struct Case {
    const char* asked;
    const char* shown;
  };
  const Case cases[] = {{"a.example.org", "a.example.org"},
                        {"A.Example.Org", "a.example.org"},
                        {"b.example.org", "*.example.org"},
                        {"default.test", "default.test"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.asked);
    EXPECT_TRUE(meet(server, trusting(c.shown), c.asked).client);
  }
  for (const auto* unknown : {"example.org", "x.b.example.org", "else.test"}) {
    SCOPED_TRACE(unknown);
    EXPECT_EQ(meet(server, trusting("default.test"), unknown).client.error(), IoError::kTlsCertificate);
    EXPECT_TRUE(meet(server, careless(), unknown).client);
  }
}

TEST_F(TlsTest, EndsAHandshakeThatIsNone) {
  auto [here, there] = open();
  there.queue_write("EHLO example.org\r\n");
  ASSERT_TRUE(test::run(reactor.context(), there.flush(1min)));
  const auto started = test::run(reactor.context(), here.start_tls(server_of({"mx.example.org"}), 1min));
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error(), IoError::kTlsHandshake);
  EXPECT_FALSE(here.tls_failure().empty());
}

TEST_F(TlsTest, EndsAHandshakeThatTakesTooLong) {
  FixedClock clock{SystemTime{}};
  Reactor slow(0, clock);
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
  const UniqueFd silent(ends[1]);
  LineStream stream(slow, make_socket_transport(slow, UniqueFd(ends[0]), {}, {}));
  auto started =
      asio::co_spawn(slow.context(), stream.start_tls(server_of({"mx.example.org"}), 1min), asio::use_future);
  slow.context().poll();
  clock.advance(62s);
  slow.deadlines().look();
  slow.context().restart();
  slow.context().run();
  EXPECT_EQ(started.get().error(), IoError::kTimeout);
}

class TlsFilesTest : public TlsTest {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder);
    write("mx.example.org");
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  void write(const std::string& name) {
    std::ofstream(chain) << identity_of(name).certificate_pem;
    std::ofstream(key) << identity_of(name).key_pem;
  }
  [[nodiscard]] std::expected<std::shared_ptr<TlsContext>, TlsError> load() const {
    TlsContext::ServerOptions options;
    options.certificates.push_back({.chain_file = chain, .key_file = key});
    return TlsContext::server(std::move(options));
  }
  std::string folder = testing::TempDir() + "veredus_tls_" + std::to_string(::getpid());
  std::string chain = folder + "/chain.pem";
  std::string key = folder + "/key.pem";
};

TEST_F(TlsFilesTest, ReloadShowsTheNewCertificateAndKeepsTheOldOnError) {
  const auto server = load().value();
  EXPECT_NEAR(server->days_left(), 30, 1);
  EXPECT_TRUE(meet(server, trusting("mx.example.org"), "mx.example.org").client);
  write("new.example.org");
  EXPECT_TRUE(server->reload());
  EXPECT_TRUE(meet(server, trusting("new.example.org"), "new.example.org").client);
  std::ofstream(key) << "nothing";
  EXPECT_EQ(server->reload(), std::unexpected(TlsError::kKeyFile));
  EXPECT_TRUE(meet(server, trusting("new.example.org"), "new.example.org").client);
}

TEST_F(TlsFilesTest, TellsWhatIsWrongWithTheFiles) {
  std::ofstream(key) << identity_of("new.example.org").key_pem;
  EXPECT_EQ(load().error(), TlsError::kKeyMismatch);
  std::ofstream(chain) << "nothing";
  EXPECT_EQ(load().error(), TlsError::kCertificateFile);
  std::filesystem::remove(key);
  EXPECT_EQ(load().error(), TlsError::kKeyFile);
  EXPECT_EQ(TlsContext::server({}).error(), TlsError::kNoCertificate);
  EXPECT_EQ(TlsContext::client({.trusted_pem = "nothing"}).error(), TlsError::kTrustStore);
}

TEST(SelfSigned, RefusesNamesThatWouldBreakTheExtension) {
  const auto now = MachineClock().now();
  for (const auto* name : {"", "a b", "a,DNS:b", "x\n", "*.", "a*b"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(make_self_signed({name}, now, std::chrono::days(1)).error(), TlsError::kCertificateNames);
  }
  EXPECT_EQ(make_self_signed({}, now, std::chrono::days(1)).error(), TlsError::kCertificateNames);
  EXPECT_TRUE(make_self_signed({"localhost", "127.0.0.1", "::1", std::string(100, 'x')}, now, std::chrono::days(1)));
}

}  // namespace
}  // namespace veredus::io::net
