#include "io/http/https_client.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <mutex>
#include <string>

#include "io/net/listener.h"
#include "io/net/reactor.h"
#include "io/net/self_signed.h"

namespace veredus::io::http {
namespace {

using namespace std::chrono_literals;

const net::KeyAndCertificate& identity() {
  static const auto made =
      net::make_self_signed({"mta-sts.example.org"}, MachineClock().now(), std::chrono::days(30)).value();
  return made;
}

/// A server on loopback that answers every request with the same octets and closes, or waits for ever.
class Server {
 public:
  enum class After : std::uint8_t { kCloses, kWaits };
  explicit Server(std::string answer, After after = After::kCloses) : answer_(std::move(answer)), after_(after) {
    net::TlsContext::ServerOptions tls;
    tls.certificates.push_back({.chain_pem = identity().certificate_pem, .key_pem = identity().key_pem});
    context_ = net::TlsContext::server(std::move(tls)).value();
    auto options = net::Listener::Options{.endpoint = *net::Endpoint::parse("127.0.0.1:0")};
    const auto accept = [this](net::Connection connection) { return serve(this, std::move(connection)); };
    listener_ = net::Listener::open(reactors_, std::move(options), accept).value();
    reactors_.start();
  }
  ~Server() {
    listener_->close();
    reactors_.stop(1s);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  using Fetched = std::expected<Response, HttpsFailure>;
  Fetched fetch(HttpsRequest request, HttpsOptions options) {
    std::vector<net::Endpoint> addresses = {*net::Endpoint::parse("127.0.0.2:1"), listener_->endpoint()};
    return asio::co_spawn(reactors_[0].context(),
                          fetch_https(&reactors_[0], std::move(addresses), std::move(request), std::move(options)),
                          asio::use_future)
        .get();
  }
  std::string asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  static asio::awaitable<void> serve(Server* self, net::Connection connection) {
    auto& stream = connection.stream;
    const auto started = co_await stream.start_tls(self->context_, 1min);
    if (!started) co_return;
    std::string asked;
    while (!asked.contains("\r\n\r\n")) {
      const auto chunk = co_await stream.read_chunk(4096, 1min);
      if (!chunk) co_return;
      asked += *chunk;
    }
    {
      const std::lock_guard lock(self->mutex_);
      self->asked_ = asked;
    }
    if (!self->answer_.empty()) static_cast<void>(co_await stream.write(self->answer_, 1min));
    if (self->after_ == After::kWaits) static_cast<void>(co_await stream.read_chunk(1, 1min));
  }

  std::string answer_;
  After after_;
  std::mutex mutex_;
  std::string asked_;
  net::Reactors reactors_{{.count = 1}};
  std::shared_ptr<net::TlsContext> context_;
  std::unique_ptr<net::Listener> listener_;
};

HttpsRequest request(std::string host = "mta-sts.example.org") {
  HttpsRequest asked;
  asked.host = std::move(host);
  asked.target = "/.well-known/mta-sts.txt";
  asked.headers = {{"Accept", "text/plain"}};
  return asked;
}

HttpsOptions trusting() {
  HttpsOptions options;
  options.tls = net::TlsContext::client({.trusted_pem = identity().certificate_pem}).value();
  return options;
}

TEST(HttpsRequest, IsReadFromAUrl) {
  struct Case {
    std::string url;
    std::string host;
    std::uint16_t port;
    std::string target;
  };
  const Case cases[] = {{"https://Example.org", "example.org", 443, "/"},
                        {"https://example.org/a/b?c=%20d#e", "example.org", 443, "/a/b?c=%20d"},
                        {"HTTPS://user@example.org:8443?q", "example.org", 8443, "/?q"},
                        {"https://example.org:/x", "example.org", 443, "/x"},
                        {"https://[2001:db8::1]/x", "2001:db8::1", 443, "/x"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.url);
    const auto asked = https_request(c.url);
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->host, c.host);
    EXPECT_EQ(asked->port, c.port);
    EXPECT_EQ(asked->target, c.target);
  }
  for (const std::string url : {"", "http://example.org/", "https:///x", "https://example.org:0/",
                                "https://example.org:65536/", "https://a b/", "/x", "mailto:a@example.org"}) {
    SCOPED_TRACE(url);
    EXPECT_FALSE(https_request(url));
  }
}

TEST(HttpsClient, FetchesFromTheFirstAddressThatAnswers) {
  Server server("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Thing: A\r\nContent-Length: 5\r\n\r\nhello");
  const auto response = server.fetch(request(), trusting());
  ASSERT_TRUE(response) << response.error().detail;
  EXPECT_EQ(response->status, 200U);
  EXPECT_EQ(response->content_type, "text/plain");
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(response->headers[1], (std::pair<std::string, std::string>("x-thing", "A")));
  EXPECT_TRUE(server.asked().starts_with("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.example.org\r\n"));
  EXPECT_TRUE(server.asked().contains("\r\nAccept: text/plain\r\n"));
}

TEST(HttpsClient, TakesBodiesInChunksAndThoseThatEndWithTheConnection) {
  Server chunked("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.fetch(request(), trusting())->body, "hello");
  Server closing("HTTP/1.1 200 OK\r\n\r\nhello");
  EXPECT_EQ(closing.fetch(request(), trusting())->body, "hello");
}

TEST(HttpsClient, FollowsNoRedirection) {
  Server server("HTTP/1.1 301 Moved\r\nLocation: https://elsewhere.test/\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(server.fetch(request(), trusting())->status, 301U);
}

TEST(HttpsClient, RefusesWhatIsTooLongOrNoAnswer) {
  struct Case {
    std::string answer;
    HttpsError want;
  };
  const Case cases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n" + std::string(70'000, 'x'), HttpsError::kTooBig},
      {"HTTP/1.1 200 OK\r\n\r\n" + std::string(70'000, 'x'), HttpsError::kTooBig},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", HttpsError::kTooBig},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", HttpsError::kBroken},
      {"", HttpsError::kBroken},
      {"220 mx.example.org ESMTP\r\n", HttpsError::kMalformed}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.answer.substr(0, 60));
    Server server(c.answer);
    const auto response = server.fetch(request(), trusting());
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().error, c.want) << response.error().detail;
  }
}

TEST(HttpsClient, TrustsNoCertificateOfAnotherNameOrRoot) {
  Server server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  const auto other_name = server.fetch(request("mta-sts.example.net"), trusting());
  ASSERT_FALSE(other_name);
  EXPECT_EQ(other_name.error().error, HttpsError::kCertificate);
  HttpsOptions of_the_system;
  of_the_system.tls = net::TlsContext::client({}).value();
  const auto other_root = server.fetch(request(), of_the_system);
  ASSERT_FALSE(other_root);
  EXPECT_EQ(other_root.error().error, HttpsError::kCertificate);
}

TEST(HttpsClient, WaitsForNobodyLongerThanItsDeadline) {
  Server server("", Server::After::kWaits);
  auto options = trusting();
  options.deadline = 1s;
  const auto response = server.fetch(request(), options);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().error, HttpsError::kTimeout);
}

}  // namespace
}  // namespace veredus::io::http
