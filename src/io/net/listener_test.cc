#include "io/net/listener.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <thread>

#include "io/net/connect.h"
#include "io/net/proxy_protocol.h"
#include "io/net/reactor.h"
#include "support/run.h"

namespace veredus::io::net {
namespace {

using namespace std::chrono_literals;
using Line = std::expected<std::string, IoError>;

/// Says who it thinks the peer is, then echoes lines until the end.
asio::awaitable<void> echo(Connection connection) {
  auto& stream = connection.stream;
  const auto verdict = to_string(connection.admission.verdict());
  stream.queue_write(stream.peer().to_string() + ' ' + std::string(verdict) + "\r\n");
  while (true) {
    const auto line = co_await stream.read_line(512, 5min);
    if (!line) {
      if (line.error() == IoError::kStopping) {
        stream.queue_write("421 stopping\r\n");
        co_await stream.flush(1s);
      }
      co_return;
    }
    if (!connection.admission.admitted()) co_return;
    stream.queue_write(std::string(*line) + "\r\n");
  }
}

asio::awaitable<std::optional<IoError>> connected(Reactor* reactor, Endpoint to, std::optional<LineStream>* result) {
  auto stream = co_await connect(reactor, std::move(to), 10s);
  if (!stream) co_return stream.error();
  *result = *std::move(stream);
  co_return std::nullopt;
}

asio::awaitable<Line> exchange(LineStream* stream, std::string octets) {
  stream->queue_write(std::move(octets));
  const auto line = co_await stream->read_line(512, 10s);
  if (!line) co_return std::unexpected(line.error());
  co_return std::string(*line);
}

class ListenerTest : public testing::Test {
 protected:
  static Endpoint loopback() { return *Endpoint::parse("127.0.0.1:0"); }
  std::unique_ptr<Listener> listen(Listener::Options options, Listener::Accept accept = echo) {
    auto dropped = [this](const Endpoint&, std::string_view why) {
      const std::lock_guard lock(mutex);
      drops.emplace_back(why);
    };
    auto listener = Listener::open(reactors, std::move(options), std::move(accept), dropped);
    EXPECT_TRUE(listener);
    return *std::move(listener);
  }
  LineStream client(const Listener& listener) { return client(listener.endpoint()); }
  LineStream client(const Endpoint& endpoint) {
    std::optional<LineStream> stream;
    EXPECT_EQ(test::run(here.context(), connected(&here, endpoint, &stream)), std::nullopt);
    return std::move(stream).value();
  }
  std::optional<IoError> refusal(const Endpoint& endpoint) {
    std::optional<LineStream> stream;
    return test::run(here.context(), connected(&here, endpoint, &stream));
  }
  Line say(LineStream& stream, std::string octets) {
    return test::run(here.context(), exchange(&stream, std::move(octets)));
  }
  std::vector<std::string> dropped() {
    const std::lock_guard lock(mutex);
    return drops;
  }

  Reactors reactors{{.count = 2}};
  Reactor here;
  std::mutex mutex;
  std::vector<std::string> drops;
};

TEST_F(ListenerTest, ServesIpv4AndIpv6AtPortsOfTheSystemsChoice) {
  reactors.start();
  for (const auto* text : {"127.0.0.1:0", "[::1]:0"}) {
    SCOPED_TRACE(text);
    const auto listener = listen({.endpoint = *Endpoint::parse(text)});
    EXPECT_NE(listener->endpoint().port, 0);
    auto stream = client(*listener);
    EXPECT_EQ(say(stream, ""), stream.local().to_string() + " admitted");
    EXPECT_EQ(say(stream, "hello\r\n"), "hello");
  }
}

TEST_F(ListenerTest, ServesAUnixSocketWithItsPermissionsAndRemovesIt) {
  const auto path = testing::TempDir() + "veredus_listener_" + std::to_string(::getpid());
  std::filesystem::remove(path);
  reactors.start();
  auto listener = listen({.endpoint = Endpoint::unix_socket(path), .unix_mode = 0600});
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  auto stream = client(*listener);
  EXPECT_EQ(say(stream, ""), "unix: admitted");
  EXPECT_EQ(Listener::open(reactors, {.endpoint = Endpoint::unix_socket(path)}, echo).error(), IoError::kAddressInUse);
  listener = nullptr;
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ListenerTest, ReplacesASocketThatNobodyListensAtButNoOtherFile) {
  const auto path = testing::TempDir() + "veredus_stale_" + std::to_string(::getpid());
  std::ofstream(path) << "a file";
  EXPECT_EQ(Listener::open(reactors, {.endpoint = Endpoint::unix_socket(path)}, echo).error(), IoError::kAddressInUse);
  std::filesystem::remove(path);
  {
    const auto listener = listen({.endpoint = Endpoint::unix_socket(path)});
    std::filesystem::rename(path, path + ".kept");
  }
  std::filesystem::rename(path + ".kept", path);  // as a crash leaves it
  reactors.start();
  const auto listener = listen({.endpoint = Endpoint::unix_socket(path)});
  auto stream = client(*listener);
  EXPECT_TRUE(say(stream, ""));
}

TEST_F(ListenerTest, TellsWhyItCannotListen) {
  const auto first = listen({.endpoint = loopback()});
  EXPECT_EQ(Listener::open(reactors, {.endpoint = *Endpoint::parse("192.0.2.1:2525")}, echo).error(),
            IoError::kAddress);
  EXPECT_EQ(Listener::open(reactors, {.endpoint = Endpoint::unix_socket("/nonexistent/x")}, echo).error(),
            IoError::kRefused);
  EXPECT_EQ(refusal(Endpoint::unix_socket("/nonexistent/x")), IoError::kRefused);
}

TEST_F(ListenerTest, APortWhereSomebodyListensIsNotFree) {
  EXPECT_TRUE(check_port_is_free(loopback()));
  auto first = listen({.endpoint = loopback()});
  const auto endpoint = first->endpoint();
  EXPECT_EQ(check_port_is_free(endpoint).error(), IoError::kAddressInUse);
  EXPECT_EQ(check_port_is_free(*Endpoint::parse("0.0.0.0:" + std::to_string(endpoint.port))).error(),
            IoError::kAddressInUse);
}

TEST_F(ListenerTest, TellsTheSessionThatItIsOverTheLimit) {
  reactors.start();
  const auto limits = std::make_shared<SessionLimits>(SessionLimits::Options{.per_address = 1, .being_refused = 1});
  const auto listener = listen({.endpoint = loopback(), .limits = limits});
  auto first = client(*listener);
  EXPECT_TRUE(say(first, "")->ends_with(" admitted"));
  auto second = client(*listener);
  EXPECT_TRUE(say(second, "")->ends_with(" too many sessions from this address"));
  auto third = client(*listener);
  EXPECT_FALSE(say(third, ""));
  EXPECT_EQ(dropped(), std::vector<std::string>{"too many sessions over the limit"});
}

TEST_F(ListenerTest, BelievesListedProxiesOnly) {
  reactors.start();
  const auto source = *Endpoint::parse("192.0.2.7:1234");
  const auto destination = *Endpoint::parse("198.51.100.1:25");
  const auto trusted = listen({.endpoint = loopback(), .proxy_from = {*Network::parse("127.0.0.0/8")}});
  for (const auto& header : {format_proxy_v1(source, destination), format_proxy_v2(source, destination)}) {
    auto stream = client(*trusted);
    EXPECT_EQ(say(stream, header + "hello\r\n"), "192.0.2.7:1234 admitted");
    EXPECT_EQ(say(stream, ""), "hello");
  }
  auto rude = client(*trusted);
  EXPECT_FALSE(say(rude, "EHLO x\r\n"));
  EXPECT_EQ(dropped(), std::vector<std::string>{"no PROXY header"});

  const auto wary = listen({.endpoint = loopback(), .proxy_from = {*Network::parse("192.0.2.0/24")}});
  auto stream = client(*wary);
  EXPECT_EQ(say(stream, format_proxy_v1(source, destination)), stream.local().to_string() + " admitted");
}

TEST_F(ListenerTest, CountsProxiedPeersByTheirOwnAddress) {
  reactors.start();
  const auto limits = std::make_shared<SessionLimits>(SessionLimits::Options{.per_address = 1});
  const auto listener =
      listen({.endpoint = loopback(), .proxy_from = {*Network::parse("127.0.0.0/8")}, .limits = limits});
  const auto header = [](const char* source) {
    return format_proxy_v2(*Endpoint::parse(source), *Endpoint::parse("198.51.100.1:25"));
  };
  auto first = client(*listener);
  EXPECT_EQ(say(first, header("192.0.2.7:1")), "192.0.2.7:1 admitted");
  auto second = client(*listener);
  EXPECT_EQ(say(second, header("192.0.2.8:1")), "192.0.2.8:1 admitted");
  auto third = client(*listener);
  EXPECT_EQ(say(third, header("192.0.2.8:2")), "192.0.2.8:2 too many sessions from this address");
}

TEST_F(ListenerTest, SpreadsSessionsOverTheReactors) {
  reactors.start();
  const auto listener = listen({.endpoint = loopback()});
  std::vector<LineStream> streams;
  for (int i = 0; i < 20; ++i) {
    streams.push_back(client(*listener));
    EXPECT_TRUE(say(streams.back(), ""));
  }
  EXPECT_EQ(reactors[0].tasks().size() + reactors[1].tasks().size(), 20U);
  EXPECT_GE(reactors[0].tasks().size(), 8U);
  EXPECT_GE(reactors[1].tasks().size(), 8U);
}

TEST_F(ListenerTest, DrainsPolitelyAndRefusesNewConnections) {
  reactors.start();
  const auto listener = listen({.endpoint = loopback()});
  auto stream = client(*listener);
  EXPECT_TRUE(say(stream, ""));
  listener->close();
  EXPECT_EQ(refusal(listener->endpoint()), IoError::kRefused);
  EXPECT_EQ(reactors.stop(10s), 0U);
  EXPECT_EQ(say(stream, ""), "421 stopping");
}

asio::awaitable<void> sit_there(Connection connection) {
  const Connection kept = std::move(connection);
  co_await pause(1h);
}

TEST_F(ListenerTest, CancelsSessionsThatOutstayTheGrace) {
  reactors.start();
  const auto listener = listen({.endpoint = loopback()}, sit_there);
  auto stream = client(*listener);
  while (reactors[0].tasks().size() + reactors[1].tasks().size() == 0) std::this_thread::yield();
  EXPECT_EQ(reactors.stop(1ms), 1U);
  EXPECT_FALSE(say(stream, ""));
}

}  // namespace
}  // namespace veredus::io::net
