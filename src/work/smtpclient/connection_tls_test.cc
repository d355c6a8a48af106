#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include "io/net/listener.h"
#include "io/net/reactor.h"
#include "io/net/self_signed.h"
#include "work/smtpclient/connection.h"

namespace veredus::work::smtpclient {
namespace {

using namespace std::chrono_literals;

const io::net::KeyAndCertificate& identity() {
  static const auto made =
      io::net::make_self_signed({"mx.example.org"}, MachineClock().now(), std::chrono::days(30)).value();
  return made;
}

/// What a server does with STARTTLS.
enum class Handshake : std::uint8_t { kGood, kNone };

/// A server on loopback that says yes to everything.
class Server {
 public:
  Server() {
    io::net::TlsContext::ServerOptions tls;
    tls.certificates.push_back({.chain_pem = identity().certificate_pem, .key_pem = identity().key_pem});
    context_ = io::net::TlsContext::server(std::move(tls)).value();
    auto options = io::net::Listener::Options{.endpoint = *io::net::Endpoint::parse("127.0.0.1:0")};
    const auto accept = [this](io::net::Connection connection) { return serve(this, std::move(connection)); };
    listener_ = io::net::Listener::open(reactors_, std::move(options), accept).value();
    reactors_.start();
  }
  ~Server() {
    listener_->close();
    reactors_.stop(1s);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] const io::net::Endpoint& endpoint() const { return listener_->endpoint(); }
  [[nodiscard]] io::net::Reactor& reactor() { return reactors_[0]; }

  std::atomic<Handshake> handshake = Handshake::kGood;
  std::atomic<int> connections = 0;
  std::mutex mutex;
  std::string last_peer;

 private:
  static asio::awaitable<void> serve(Server* self, io::net::Connection connection) {
    auto& stream = connection.stream;
    ++self->connections;
    {
      const std::lock_guard lock(self->mutex);
      self->last_peer = stream.peer().address.to_string();
    }
    stream.queue_write("220 mx.example.org\r\n");
    while (true) {
      const auto line = co_await stream.read_line(4096, 1min);
      if (!line) co_return;
      const std::string verb(line->substr(0, 4));
      if (verb == "EHLO") {
        stream.queue_write(stream.is_tls() ? "250-mx\r\n250 PIPELINING\r\n"
                                           : "250-mx\r\n250-PIPELINING\r\n250 STARTTLS\r\n");
      } else if (verb == "STAR") {
        stream.queue_write("220 go\r\n");
        if (self->handshake == Handshake::kNone) {
          const auto hello = co_await stream.read_chunk(1, 1min);
          static_cast<void>(hello);
          co_return;
        }
        const auto started = co_await stream.start_tls(self->context_, 1min);
        if (!started) co_return;
      } else if (verb == "DATA") {
        stream.queue_write("354 go\r\n");
      } else if (verb == "MAIL" || verb == "RCPT" || *line == ".") {
        stream.queue_write("250 ok\r\n");
      } else if (verb == "QUIT") {
        stream.queue_write("221 bye\r\n");
        const auto sent = co_await stream.flush(1s);
        static_cast<void>(sent);
        co_return;
      }
    }
  }

  io::net::Reactors reactors_{{.count = 1}};
  std::shared_ptr<io::net::TlsContext> context_;
  std::unique_ptr<io::net::Listener> listener_;
};

/// What a test wants to know of one session.
struct Seen {
  std::optional<ConnectFailure> failure;
  PeerDetails details;
  TransactionResult result;
};

asio::awaitable<Seen> talk(io::net::Reactor* reactor, Peer peer, const Options* options) {
  Seen seen;
  auto connection = co_await Connection::open(reactor, std::move(peer), options);
  if (!connection) {
    seen.failure = connection.error();
    co_return seen;
  }
  seen.details = (*connection)->details();
  auto message = std::make_shared<Outgoing>();
  message->recipients.push_back({{"b", "example.org"}, {}, {}});
  message->body = std::make_shared<MemoryBody>("Subject: x\r\n\r\ny\r\n");
  seen.result = co_await (*connection)->send(message);
  co_await (*connection)->quit();
  co_return seen;
}

class ConnectionTlsTest : public ::testing::Test {
 protected:
  ConnectionTlsTest() {
    using io::net::TlsContext;
    options_.recording =
        TlsContext::client(
            {.verify = TlsContext::Verify::kRecord, .trusted_pem = identity().certificate_pem, .resumable_peers = 10})
            .value();
    options_.verifying = TlsContext::client({.trusted_pem = identity().certificate_pem}).value();
    peer_.host_name = "mx.example.org";
    peer_.address = server_.endpoint();
    peer_.hello_name = "mail.demo.test";
  }
  Seen meet() {
    return asio::co_spawn(server_.reactor().executor(), talk(&server_.reactor(), peer_, &options_), asio::use_future)
        .get();
  }

  Options options_;
  Peer peer_;
  Server server_;
};

TEST_F(ConnectionTlsTest, EncryptsWhereThePeerCan) {
  const auto first = meet();
  ASSERT_FALSE(first.failure) << first.failure->detail;
  ASSERT_TRUE(first.details.tls);
  EXPECT_TRUE(first.details.tls->verified);
  EXPECT_FALSE(first.details.tls->resumed);
  EXPECT_EQ(first.result.recipients[0].kind, RecipientOutcome::Kind::kDelivered);
  EXPECT_TRUE(meet().details.tls->resumed);
  EXPECT_EQ(server_.connections, 2);
}

TEST_F(ConnectionTlsTest, GoesInTheClearWhereTlsFailsAndNobodyAskedForIt) {  // RFC 7435 s3
  server_.handshake = Handshake::kNone;
  const auto seen = meet();
  ASSERT_FALSE(seen.failure);
  EXPECT_FALSE(seen.details.tls);
  EXPECT_NE(seen.details.tls_failure, "");
  EXPECT_EQ(seen.result.recipients[0].kind, RecipientOutcome::Kind::kDelivered);
  EXPECT_EQ(server_.connections, 2);
}

TEST_F(ConnectionTlsTest, SendsNothingWhereTlsIsAskedForAndFails) {
  peer_.tls = TlsRule::kEncrypt;
  server_.handshake = Handshake::kNone;
  const auto seen = meet();
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->error, ConnectionError::kTlsHandshake);
  EXPECT_EQ(seen.failure->stage, Stage::kStartTls);
  EXPECT_EQ(server_.connections, 1);
}

TEST_F(ConnectionTlsTest, ChecksTheCertificateWhereThatIsAskedFor) {
  peer_.tls = TlsRule::kVerify;
  EXPECT_TRUE(meet().details.tls->verified);
  peer_.host_name = "mx.example.net";
  const auto stranger = meet();
  ASSERT_TRUE(stranger.failure);
  EXPECT_EQ(stranger.failure->error, ConnectionError::kTlsCertificate);
  EXPECT_NE(stranger.failure->detail, "");
  peer_.tls = TlsRule::kEncrypt;
  const auto any = meet();
  ASSERT_FALSE(any.failure);
  EXPECT_FALSE(any.details.tls->verified);
  EXPECT_NE(any.details.tls->verify_failure, "");
}

TEST_F(ConnectionTlsTest, ConnectsFromTheAddressItIsGiven) {
  peer_.source = io::net::IpAddress::parse("127.0.0.7");
  const auto seen = meet();
  ASSERT_FALSE(seen.failure);
  EXPECT_EQ(seen.details.local.address.to_string(), "127.0.0.7");
  EXPECT_EQ(server_.last_peer, "127.0.0.7");
  peer_.source = io::net::IpAddress::parse("192.0.2.7");
  const auto foreign = meet();
  ASSERT_TRUE(foreign.failure);
  EXPECT_EQ(foreign.failure->error, ConnectionError::kSource);
}

TEST_F(ConnectionTlsTest, TellsThatNobodyIsThere) {
  peer_.address.port = 1;
  const auto seen = meet();
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->error, ConnectionError::kRefused);
  EXPECT_EQ(seen.failure->stage, Stage::kConnect);
}

}  // namespace
}  // namespace veredus::work::smtpclient
