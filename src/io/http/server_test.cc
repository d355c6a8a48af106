#include "io/http/server.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <stdexcept>

#include "io/http/client.h"
#include "io/net/connect.h"
#include "io/net/reactor.h"
#include "support/run.h"

namespace veredus::io::http {
namespace {

using namespace std::chrono_literals;

asio::awaitable<Response> greet(Request request) {
  co_return Response{.body = "hello " + std::string(request.parameter("name")) + " " +
                             std::string(request.query_value("q")) + (request.local_peer ? " here" : "")};
}
asio::awaitable<Response> echo(Request request) {
  co_return Response{.status = 201, .content_type = "text/plain", .body = std::move(request.body)};
}
asio::awaitable<Response> fail(Request /*request*/) {
  throw std::runtime_error("a bug");
  co_return Response{};
}
asio::awaitable<Response> vanish(Request /*request*/) { co_return Response{.status = 204}; }

Router routes() {
  Router router;
  router.add(Method::kGet, "/hello/{name}", greet);
  router.add(Method::kPost, "/echo", echo);
  router.add(Method::kGet, "/bug", fail);
  router.add(Method::kDelete, "/thing", vanish);
  return router;
}

asio::awaitable<std::string> converse(net::Reactor* here, net::Endpoint to, std::string octets, std::string later) {
  auto stream = co_await net::connect(here, std::move(to), 10s);
  if (!stream) co_return "no connection";
  stream->queue_write(std::move(octets));
  std::string answer;
  while (true) {
    const auto chunk = co_await stream->read_chunk(65536, 10s);
    if (!chunk) co_return answer;
    answer += *chunk;
    stream->queue_write(std::exchange(later, {}));
  }
}

class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    reactors.start();
    open({.header_limit_octets = 4096, .body_limit_octets = 100'000, .requests_per_connection = 3});
  }
  void TearDown() override {
    listener = nullptr;
    reactors.stop(1s);
  }
  void open(ServerOptions options) {
    server = std::make_unique<Server>(routes(), std::move(options),
                                      [this](const Request&, std::string_view what) { failure = what; });
    auto accept = [this](net::Connection connection) { return server->serve(std::move(connection)); };
    listener = net::Listener::open(reactors, {.endpoint = at, .limits = limits}, accept).value();
  }
  std::expected<Response, ClientError> ask(Method method, std::string_view target, std::string_view body = {}) {
    return fetch(listener->endpoint(), method, target, body);
  }
  /// What the server says to `octets`, and to `later` once it has said something.
  std::string raw(std::string octets, std::string later = {}) {
    net::Reactor here;
    return test::run(here.context(), converse(&here, listener->endpoint(), std::move(octets), std::move(later)));
  }

  net::Endpoint at = net::Endpoint::unix_socket(testing::TempDir() + "veredus_http_" + std::to_string(::getpid()));
  std::shared_ptr<net::SessionLimits> limits = std::make_shared<net::SessionLimits>();
  net::Reactors reactors{{.count = 1}};
  std::unique_ptr<Server> server;
  std::unique_ptr<net::Listener> listener;
  std::string failure;
};

TEST_F(ServerTest, AnswersByItsRoutes) {
  const auto hello = ask(Method::kGet, "/hello/alice%40demo.test?q=1%202");
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->status, 200U);
  EXPECT_EQ(hello->content_type, "application/json");
  EXPECT_EQ(hello->body, "hello alice@demo.test 1 2 here");
  const std::string long_body(90'000, 'x');
  const auto echoed = ask(Method::kPost, "/echo", long_body);
  ASSERT_TRUE(echoed);
  EXPECT_EQ(echoed->status, 201U);
  EXPECT_EQ(echoed->body, long_body);
  EXPECT_EQ(ask(Method::kDelete, "/thing")->status, 204U);
  EXPECT_EQ(ask(Method::kHead, "/hello/x")->body, "");
}

TEST_F(ServerTest, ExplainsWhatGoesWrong) {
  const auto missing = ask(Method::kGet, "/nowhere");
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->status, 404U);
  EXPECT_EQ(missing->content_type, "application/problem+json");
  EXPECT_EQ(missing->body,
            R"({"type":"about:blank","title":"Not Found","status":404,"detail":"there is nothing at /nowhere"})");
  EXPECT_EQ(ask(Method::kPut, "/echo")->status, 405U);
  EXPECT_EQ(ask(Method::kPost, "/echo", std::string(100'001, 'x'))->status, 413U);
  EXPECT_EQ(ask(Method::kGet, "/bug")->status, 500U);
  EXPECT_EQ(failure, "a bug");
}

TEST_F(ServerTest, RefusesRequestsThatAreNone) {
  struct Case {
    std::string request;
    const char* want;
  };
  const Case cases[] = {
      {"EHLO example.org\r\n\r\n", "HTTP/1.1 400 "},
      {"GET /hello/x HTTP/3.0\r\n\r\n", "HTTP/1.1 505 "},
      {"GET /hello/x HTTP/1.1\r\nHost: x\r\nX: " + std::string(5000, 'x') + "\r\n\r\n", "HTTP/1.1 431 "},
      {"TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 501 "},
      {"GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 400 "},
      {"POST /echo HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 400 "},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.request.substr(0, 60));
    EXPECT_TRUE(raw(c.request).starts_with(c.want));
  }
}

TEST_F(ServerTest, KeepsConnectionsAliveForSomeRequests) {
  const std::string request = "GET /hello/x HTTP/1.1\r\nHost: x\r\n\r\n";
  const auto answers = raw(request + request + request + request);
  std::size_t count = 0;
  for (auto at_octet = answers.find("HTTP/1.1 200 OK"); at_octet != std::string::npos;
       at_octet = answers.find("HTTP/1.1 200 OK", at_octet + 1))
    ++count;
  EXPECT_EQ(count, 3U);
  EXPECT_EQ(answers.find("Connection: close"), answers.rfind("Connection: close"));
}

TEST_F(ServerTest, TakesChunkedBodiesAndConfirmsExpectations) {
  EXPECT_TRUE(raw("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: "
                  "close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
                  .ends_with("\r\n\r\nabcde"));
  const auto answer =
      raw("POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n", "abc");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\nabc"));
}

TEST_F(ServerTest, TellsWhenThereAreTooManyConnections) {
  listener = nullptr;
  limits = std::make_shared<net::SessionLimits>(net::SessionLimits::Options{.in_all = 0});
  open({});
  EXPECT_EQ(ask(Method::kGet, "/hello/x")->status, 503U);
}

asio::awaitable<bool> keep_alive(net::Reactor* here, net::Endpoint to, net::Reactors* reactors) {
  auto stream = co_await net::connect(here, std::move(to), 10s);
  if (!stream) co_return false;
  stream->queue_write("GET /hello/x HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto answer = co_await stream->read_chunk(65536, 10s);
  co_return answer && reactors->stop(10s) == 0;  // nothing had to be cancelled
}

TEST_F(ServerTest, EndsIdleConnectionsWhenTheServerDrains) {
  net::Reactor here;
  EXPECT_TRUE(test::run(here.context(), keep_alive(&here, listener->endpoint(), &reactors)));
}

TEST(Fetch, TellsWhyItCannot) {
  const auto nowhere = net::Endpoint::unix_socket("/nonexistent/socket");
  EXPECT_EQ(fetch(nowhere, Method::kGet, "/").error(), ClientError::kConnect);
}

}  // namespace
}  // namespace veredus::io::http
