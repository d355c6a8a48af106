#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "io/net/reactor.h"
#include "io/net/transport.h"
#include "support/run.h"
#include "work/smtpclient/connection.h"

namespace veredus::work::smtpclient {
namespace {

/// A peer in memory that takes all it is sent: what is measured is the client.
class WillingTransport final : public io::net::Transport {
 public:
  explicit WillingTransport(std::string_view hello) : reply_("220 mx\r\n"), hello_(hello) {}
  io::net::Attempt try_read(std::span<char> space) override {
    if (reply_.empty()) return {.want = io::net::Want::kReadable};
    const auto octets = reply_.copy(space.data(), space.size());
    reply_ = {};
    return {.octets = octets};
  }
  io::net::Attempt try_write(std::span<const std::string_view> pieces) override {
    std::size_t octets = 0;
    for (const auto piece : pieces) octets += piece.size();
    const auto first = pieces.front().substr(0, 4);
    const auto last = pieces.back();
    if (first == "EHLO")
      reply_ = hello_;
    else if (last.ends_with("DATA\r\n"))
      reply_ = "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 End data with <CR><LF>.<CR><LF>\r\n";
    else if (first == "MAIL")
      reply_ = "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n250 2.0.0 Ok: queued as 4f0Yx51kZBz2xB\r\n";
    else
      reply_ = "250 2.0.0 Ok: queued as 4f0Yx51kZBz2xB\r\n";
    return {.octets = octets};
  }
  asio::awaitable<Waited> wait(io::net::Want /*want*/) override { co_return Waited(); }
  void interrupt() override {}
  void close() override {}
  std::expected<void, io::net::IoError> begin_tls(std::shared_ptr<io::net::TlsContext> /*context*/,
                                                  std::string /*server_name*/) override {
    return {};
  }
  io::net::Attempt try_handshake() override { return {}; }
  [[nodiscard]] bool has_pending() const override { return false; }
  [[nodiscard]] std::optional<io::net::TlsDetails> tls() const override { return std::nullopt; }
  [[nodiscard]] const io::net::Endpoint& peer() const override { return nowhere_; }
  [[nodiscard]] const io::net::Endpoint& local() const override { return nowhere_; }

 private:
  std::string_view reply_;
  std::string_view hello_;
  io::net::Endpoint nowhere_;
};

class OpenGate final : public FinalDotGate {
 public:
  asio::awaitable<bool> before_final_dot() override { co_return true; }
};

constexpr int kBatch = 100;

asio::awaitable<int> send_many(Connection* connection, std::shared_ptr<const Outgoing> message) {
  int delivered = 0;
  for (int i = 0; i < kBatch; ++i) {
    const auto result = co_await connection->send(message);
    if (result.recipients[0].kind == RecipientOutcome::Kind::kDelivered) ++delivered;
  }
  co_return delivered;
}

/// Messages of one recipient over one open connection; "items" are messages.
void pooled_message(benchmark::State& state, std::string_view hello) {
  io::net::Reactor reactor;
  const Options options;
  Peer peer;
  peer.host_name = "mx.example.org";
  peer.hello_name = "mail.demo.test";
  io::net::LineStream stream(reactor, std::make_unique<WillingTransport>(hello));
  auto connection =
      test::run(reactor.context(), Connection::open_over(std::move(stream), std::move(peer), &options)).value();

  OpenGate gate;
  auto message = std::make_shared<Outgoing>();
  message->sender = wire::smtp::Address{"sender", "demo.test"};
  message->recipients.push_back({{"recipient", "example.org"}, {}, {}});
  message->head =
      "Received: from client by mail.demo.test with ESMTP id 0123456789abcdef for <recipient@example.org>;\r\n"
      "\tSun, 22 Nov 2026 07:00:00 +0000\r\n";
  std::string body = "From: sender@demo.test\r\nSubject: x\r\n\r\n";
  while (body.size() < static_cast<std::size_t>(state.range(0))) body += std::string(70, 'x') + "\r\n";
  message->body = std::make_shared<MemoryBody>(std::move(body));
  message->gate = &gate;

  for (auto _ : state) {
    const auto delivered = test::run(reactor.context(), send_many(connection.get(), message));
    if (delivered != kBatch) state.SkipWithError("a message was not taken");
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}

constexpr std::string_view kData = "250-mx\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 10240000\r\n";
constexpr std::string_view kChunks =
    "250-mx\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-CHUNKING\r\n250 SIZE 10240000\r\n";
BENCHMARK_CAPTURE(pooled_message, two_writes, kData)->Arg(2048)->Arg(50 * 1024);
BENCHMARK_CAPTURE(pooled_message, one_write, kChunks)->Arg(2048)->Arg(50 * 1024);

}  // namespace
}  // namespace veredus::work::smtpclient
