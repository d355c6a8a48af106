#include "work/smtpclient/idle_connections.h"

#include <gtest/gtest.h>

#include "io/net/reactor.h"
#include "support/run.h"
#include "support/scripted_transport.h"

namespace veredus::work::smtpclient {
namespace {

using test::Script;

class IdleConnectionsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Connection> connection(std::shared_ptr<Script> script) {
    script->then("220 mx\r\n");
    script->then("250 mx\r\n");
    Peer peer;
    peer.host_name = "mx.example.org";
    io::net::LineStream stream(reactor_, std::make_unique<test::ScriptedTransport>(script));
    auto opened = test::run(reactor_.context(), Connection::open_over(std::move(stream), peer, &options_));
    EXPECT_TRUE(opened);
    script->output.clear();
    script->then(" ");  // so that the stream has not ended; taken away when the connection is looked at
    return *std::move(opened);
  }
  void run_all() {
    reactor_.context().restart();
    reactor_.context().poll();
  }

  FixedClock clock_{SystemTime(std::chrono::seconds(1'795'318'800))};
  io::net::Reactor reactor_{0, clock_};
  Options options_;
};

TEST_F(IdleConnectionsTest, GivesTheOneUsedLast) {
  IdleConnections pool(reactor_);
  const auto first = connection(std::make_shared<Script>());
  EXPECT_EQ(pool.take("mx"), nullptr);
  auto a = connection(std::make_shared<Script>());
  auto b = connection(std::make_shared<Script>());
  const auto* latest = b.get();
  pool.put("mx", std::move(a));
  pool.put("mx", std::move(b));
  EXPECT_EQ(pool.size(), 2u);
  EXPECT_EQ(pool.take("other"), nullptr);
  EXPECT_EQ(pool.take("mx").get(), latest);
  EXPECT_EQ(pool.size(), 1u);
}

TEST_F(IdleConnectionsTest, PassesOverThoseThatHaveEnded) {
  IdleConnections pool(reactor_);
  const auto script = std::make_shared<Script>();
  pool.put("mx", connection(script));
  script->input.clear();  // the end of the stream
  EXPECT_EQ(pool.take("mx"), nullptr);
  EXPECT_EQ(pool.size(), 0u);
  EXPECT_TRUE(script->closed);
}

TEST_F(IdleConnectionsTest, SaysGoodbyeToTheOldestWhenThereAreTooMany) {
  IdleConnections pool(reactor_, {.max_per_key = 2, .max_connections = 3});
  std::vector<std::shared_ptr<Script>> scripts;
  for (int i = 0; i < 5; ++i) {
    scripts.push_back(std::make_shared<Script>());
    auto one = connection(scripts.back());
    scripts.back()->then("221 bye\r\n");
    pool.put(i < 3 ? "a" : "b", std::move(one));
  }
  run_all();
  EXPECT_EQ(pool.size(), 3u);
  EXPECT_EQ(scripts[0]->output, "QUIT\r\n");  // the third of its key
  EXPECT_EQ(scripts[1]->output, "QUIT\r\n");  // the fourth of all
  EXPECT_EQ(scripts[2]->output, "");
}

TEST_F(IdleConnectionsTest, ClosesAllWhenAsked) {
  IdleConnections pool(reactor_);
  const auto script = std::make_shared<Script>();
  pool.put("mx", connection(script));
  pool.close_all();
  run_all();
  EXPECT_EQ(pool.size(), 0u);
  EXPECT_EQ(script->output, "QUIT\r\n");
  EXPECT_TRUE(script->closed);
}

TEST(ConnectionKey, TellsPeersApart) {
  Peer a;
  a.host_name = "mx.example.org";
  a.address = io::net::Endpoint::ip(*io::net::IpAddress::parse("192.0.2.1"), 25);
  auto b = a;
  EXPECT_EQ(connection_key(a), connection_key(b));
  b.source = io::net::IpAddress::parse("192.0.2.9");
  EXPECT_NE(connection_key(a), connection_key(b));
  b = a;
  b.tls = TlsRule::kVerify;
  EXPECT_NE(connection_key(a), connection_key(b));
  b = a;
  b.credentials.emplace().user = "alice";
  EXPECT_NE(connection_key(a), connection_key(b));
  b = a;
  b.published.name_proven = false;  // RFC 8689 s4.2.1
  EXPECT_NE(connection_key(a), connection_key(b));
}

}  // namespace
}  // namespace veredus::work::smtpclient
