#include "work/smtpclient/connection.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "io/net/reactor.h"
#include "support/run.h"
#include "support/scripted_transport.h"

namespace veredus::work::smtpclient {
namespace {

using Kind = RecipientOutcome::Kind;
using test::Script;

constexpr std::string_view kGreeting = "220 mx.example.org\r\n";
constexpr std::string_view kPlain = "250-mx.example.org\r\n250-8BITMIME\r\n250 PIPELINING\r\n";

/// A body in the given pieces, which may be another length than it says, or end in a failure.
class PiecesBody final : public BodySource {
 public:
  explicit PiecesBody(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {
    for (const auto& piece : pieces_) octets_ += piece.size();
  }
  [[nodiscard]] std::uint64_t octets() const override { return octets_; }
  [[nodiscard]] std::uint32_t chunks() const override { return static_cast<std::uint32_t>(pieces_.size()); }
  asio::awaitable<std::expected<std::string, BodyError>> chunk(std::uint32_t index) override {
    if (index == fails_at) co_return std::unexpected(BodyError::kUnavailable);
    co_return pieces_[index];
  }
  void claim(std::uint64_t octets) { octets_ = octets; }
  std::uint32_t fails_at = UINT32_MAX;

 private:
  std::vector<std::string> pieces_;
  std::uint64_t octets_ = 0;
};

class NotedGate final : public FinalDotGate {
 public:
  explicit NotedGate(std::shared_ptr<Script> script) : script_(std::move(script)) {}
  asio::awaitable<bool> before_final_dot() override {
    ++asked;
    sent_before = script_->output;
    co_return opens;
  }
  int asked = 0;
  bool opens = true;
  std::string sent_before;

 private:
  std::shared_ptr<Script> script_;
};

/// Takes so many octets and no more, while its replies can still be read.
class DeafTransport final : public io::net::Transport {
 public:
  DeafTransport(std::shared_ptr<Script> script, std::size_t takes) : inner_(script), script_(script), takes_(takes) {}
  io::net::Attempt try_read(std::span<char> space) override {
    if (script_->input.empty()) return {.want = io::net::Want::kReadable};
    const auto octets = script_->input.front().copy(space.data(), space.size());
    script_->input.pop_front();
    return {.octets = octets};
  }
  io::net::Attempt try_write(std::span<const std::string_view> pieces) override {
    if (script_->output.size() >= takes_) return {.error = io::net::IoError::kReset};
    return inner_.try_write(pieces);
  }
  asio::awaitable<Waited> wait(io::net::Want want) override { return inner_.wait(want); }
  void interrupt() override {}
  void close() override { inner_.close(); }
  std::expected<void, io::net::IoError> begin_tls(std::shared_ptr<io::net::TlsContext> /*context*/,
                                                  std::string /*server_name*/) override {
    return {};
  }
  io::net::Attempt try_handshake() override { return {}; }
  [[nodiscard]] bool has_pending() const override { return false; }
  [[nodiscard]] std::optional<io::net::TlsDetails> tls() const override { return std::nullopt; }
  [[nodiscard]] const io::net::Endpoint& peer() const override { return script_->peer; }
  [[nodiscard]] const io::net::Endpoint& local() const override { return script_->local; }

 private:
  test::ScriptedTransport inner_;
  std::shared_ptr<Script> script_;
  std::size_t takes_;
};

class ConnectionTest : public ::testing::Test {
 protected:
  ConnectionTest() {
    peer_.host_name = "mx.example.org";
    peer_.hello_name = "mail.demo.test";
    message_ = std::make_shared<Outgoing>();
    message_->sender = wire::smtp::Address{"a", "demo.test"};
    message_->recipients.push_back({{"b", "example.org"}, {}, {}});
    message_->head = "Received: x\r\n";
    body("Subject: y\r\n\r\n.dot\r\n");
  }

  void body(std::string octets) { message_->body = std::make_shared<MemoryBody>(std::move(octets)); }

  Connection::Opened open(std::shared_ptr<Script> script) {
    auto transport = std::make_unique<test::ScriptedTransport>(std::move(script));
    return open(std::move(transport));
  }
  Connection::Opened open(std::unique_ptr<io::net::Transport> transport) {
    io::net::LineStream stream(reactor_, std::move(transport));
    return test::run(reactor_.context(), Connection::open_over(std::move(stream), peer_, &options_));
  }
  std::unique_ptr<Connection> opened(std::shared_ptr<Script> script, std::string_view capabilities = kPlain) {
    script->then(kGreeting);
    script->then(capabilities);
    auto connection = open(script);
    EXPECT_TRUE(connection);
    script->output.clear();
    script->sends = script->receives = 0;
    return connection ? *std::move(connection) : nullptr;
  }
  TransactionResult send(Connection& connection) { return test::run(reactor_.context(), connection.send(message_)); }

  io::net::Reactor reactor_;
  Peer peer_;
  Options options_;
  std::shared_ptr<Outgoing> message_;
  std::shared_ptr<Script> script_ = std::make_shared<Script>();
};

constexpr std::string_view kEnvelope = "MAIL FROM:<a@demo.test>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n";
constexpr std::string_view kMessage = "Received: x\r\nSubject: y\r\n\r\n..dot\r\n.\r\n";

TEST_F(ConnectionTest, SendsAPipelinedMessageWithTwoWritesAndTwoReads) {
  const auto connection = opened(script_);
  for (int i = 0; i < 3; ++i) {
    script_->output.clear();
    script_->sends = script_->receives = 0;
    script_->then("250 ok\r\n250 ok\r\n354 go\r\n");
    script_->then("250 2.0.0 queued\r\n");
    const auto result = send(*connection);
    EXPECT_EQ(script_->output, std::string(kEnvelope) + std::string(kMessage));
    EXPECT_EQ(script_->sends, 2u);
    EXPECT_EQ(script_->receives, 2u);
    ASSERT_EQ(result.recipients.size(), 1u);
    EXPECT_EQ(result.recipients[0].kind, Kind::kDelivered);
    EXPECT_EQ(result.recipients[0].reply.text, "queued");
    EXPECT_FALSE(result.broken);
  }
  EXPECT_TRUE(connection->reusable());
  EXPECT_EQ(connection->messages(), 3u);
}

TEST_F(ConnectionTest, SendsNoMoreMessagesThanItMay) {
  peer_.most_messages = 2;
  const auto connection = opened(script_);
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(connection->reusable());
    script_->output.clear();
    script_->then("250 ok\r\n250 ok\r\n354 go\r\n");
    script_->then("250 2.0.0 queued\r\n");
    // The second message's commands may go with the end of the first, a third's may not.
    const auto next = i == 0 ? nullptr : std::make_shared<const Outgoing>(*message_);
    const auto result = test::run(reactor_.context(), connection->send(message_, next));
    EXPECT_EQ(script_->output, std::string(kEnvelope) + std::string(kMessage));
    EXPECT_EQ(result.recipients[0].kind, Kind::kDelivered);
  }
  EXPECT_FALSE(connection->reusable());
  EXPECT_EQ(send(*connection).recipients[0].kind, Kind::kNotTried);
}

TEST_F(ConnectionTest, SendsTheNextMessagesCommandsWithTheEndOfThisOne) {  // RFC 2920 s3.1
  const auto connection = opened(script_);
  const auto other = std::make_shared<Outgoing>(*message_);
  const auto pair = [&](std::shared_ptr<const Outgoing> now, std::shared_ptr<const Outgoing> next) {
    return test::run(reactor_.context(), connection->send(std::move(now), std::move(next)));
  };
  script_->then("250 ok\r\n250 ok\r\n354 go\r\n");
  script_->then("250 first\r\n250 ok\r\n250 ok\r\n354 go\r\n");
  script_->then("250 second\r\n");
  const auto first = pair(message_, other);
  EXPECT_EQ(script_->output, std::string(kEnvelope) + std::string(kMessage) + std::string(kEnvelope));
  EXPECT_EQ(first.recipients[0].reply.text, "first");
  EXPECT_EQ(connection->messages(), 1u);
  EXPECT_FALSE(connection->reusable());  // but for that message
  const auto second = pair(other, nullptr);
  EXPECT_EQ(second.recipients[0].reply.text, "second");
  EXPECT_EQ(script_->sends, 3u);
  EXPECT_EQ(script_->receives, 3u);
  EXPECT_TRUE(connection->reusable());
  EXPECT_EQ(connection->messages(), 2u);
}

TEST_F(ConnectionTest, GoesOnWithTheNextMessageWhenThisOneIsRefused) {
  const auto connection = opened(script_);
  const auto other = std::make_shared<Outgoing>(*message_);
  script_->then("250 ok\r\n250 ok\r\n354 go\r\n");
  script_->then("554 5.7.1 no\r\n250 ok\r\n");
  script_->then("550 5.1.1 who\r\n554 nobody\r\n");
  EXPECT_EQ(test::run(reactor_.context(), connection->send(message_, other)).recipients[0].kind, Kind::kRefused);
  const auto second = test::run(reactor_.context(), connection->send(other));
  EXPECT_EQ(second.recipients[0].reply.code, 550);
  EXPECT_FALSE(second.broken);
  EXPECT_TRUE(connection->reusable());
}

TEST_F(ConnectionTest, ANextMessageThatNeverComesEndsTheConnection) {
  const auto connection = opened(script_);
  const auto other = std::make_shared<Outgoing>(*message_);
  script_->then("250 ok\r\n250 ok\r\n354 go\r\n");
  script_->then("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n");
  EXPECT_EQ(test::run(reactor_.context(), connection->send(message_, other)).recipients[0].kind, Kind::kDelivered);
  const auto result = send(*connection);  // not the one that was begun
  EXPECT_EQ(result.recipients[0].kind, Kind::kNotTried);
  EXPECT_EQ(result.broken, ConnectionError::kLost);
  EXPECT_FALSE(connection->reusable());
}

TEST_F(ConnectionTest, APeerThatClosesAfterTheDotHasNothingOfTheNextMessage) {
  const auto connection = opened(script_);
  const auto other = std::make_shared<Outgoing>(*message_);
  script_->then("250 ok\r\n250 ok\r\n354 go\r\n");
  script_->then("250 ok\r\n421 4.3.2 bye\r\n");
  EXPECT_EQ(test::run(reactor_.context(), connection->send(message_, other)).recipients[0].kind, Kind::kDelivered);
  const auto result = test::run(reactor_.context(), connection->send(other));
  EXPECT_EQ(result.recipients[0].kind, Kind::kNotTried);
  EXPECT_EQ(result.broken, ConnectionError::kClosing);
  EXPECT_FALSE(result.uncertain);
}

TEST_F(ConnectionTest, BeginsNothingAheadWhereThePeerDoesNotPipeline) {
  const auto connection = opened(script_, "250 mx\r\n");
  const auto other = std::make_shared<Outgoing>(*message_);
  for (const auto* reply : {"250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 ok\r\n"}) script_->then(reply);
  EXPECT_EQ(test::run(reactor_.context(), connection->send(message_, other)).recipients[0].kind, Kind::kDelivered);
  EXPECT_TRUE(script_->output.ends_with(kMessage));
  EXPECT_TRUE(connection->reusable());
}

TEST_F(ConnectionTest, SendsAMessageInOneWriteWhereChunksAreTaken) {
  const auto connection = opened(script_, "250-mx\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 8BITMIME\r\n");
  script_->then("250 ok\r\n250 ok\r\n250 queued\r\n");
  const auto result = send(*connection);
  EXPECT_EQ(script_->output,
            "MAIL FROM:<a@demo.test>\r\nRCPT TO:<b@example.org>\r\nBDAT 33 LAST\r\n"
            "Received: x\r\nSubject: y\r\n\r\n.dot\r\n");
  EXPECT_EQ(script_->sends, 1u);
  EXPECT_EQ(script_->receives, 1u);
  EXPECT_EQ(result.recipients[0].kind, Kind::kDelivered);
}

TEST_F(ConnectionTest, TellsWhomItTalksTo) {
  const auto connection = opened(script_);
  EXPECT_EQ(connection->details().host_name, "mx.example.org");
  EXPECT_EQ(connection->details().greeting, "mx.example.org");
  EXPECT_TRUE(connection->details().capabilities.pipelining);
  EXPECT_FALSE(connection->details().tls);
}

TEST_F(ConnectionTest, AsksTheGateOnceWhileThePeerWorksOnTheEnvelope) {
  const auto connection = opened(script_);
  NotedGate gate(script_);
  message_->gate = &gate;
  script_->then("250 ok\r\n250 ok\r\n354 go\r\n");
  script_->then("250 ok\r\n");
  EXPECT_EQ(send(*connection).recipients[0].kind, Kind::kDelivered);
  EXPECT_EQ(gate.asked, 1);
  EXPECT_EQ(gate.sent_before, kEnvelope);
}

TEST_F(ConnectionTest, SendsNothingOfAMessageThatCouldNotBeMarked) {
  for (const auto* capabilities :
       {"250 PIPELINING\r\n", "250 mx\r\n", "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n"}) {
    SCOPED_TRACE(capabilities);
    const auto script = std::make_shared<Script>();
    const auto connection = opened(script, std::string("250-mx\r\n") + capabilities);
    NotedGate gate(script);
    gate.opens = false;
    message_->gate = &gate;
    script->then("250 ok\r\n250 ok\r\n354 go\r\n");
    const auto result = send(*connection);
    EXPECT_EQ(gate.asked, 1);
    EXPECT_EQ(script->output.find("Subject"), std::string::npos);
    EXPECT_EQ(result.recipients[0].kind, Kind::kNotTried);
    EXPECT_EQ(result.broken, ConnectionError::kGateClosed);
    EXPECT_FALSE(result.uncertain || connection->reusable());
    EXPECT_TRUE(script->closed);
  }
}

TEST_F(ConnectionTest, FallsInNoHoleWhereverTheConnectionBreaks) {
  struct Case {
    std::string_view capabilities;
    std::vector<std::string_view> replies;
    std::string_view end;  // of what is sent when the peer has all
  };
  const Case cases[] = {
      {kPlain, {"250 ok\r\n250 ok\r\n354 go\r\n", "250 ok\r\n"}, kMessage},
      {"250 mx\r\n", {"250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 ok\r\n"}, kMessage},
      {"250-mx\r\n250-CHUNKING\r\n250-8BITMIME\r\n250 PIPELINING\r\n",
       {"250 ok\r\n250 ok\r\n", "250 ok\r\n"},
       ".dot\r\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.capabilities);
    std::size_t uncertain = 0;
    for (std::size_t fail_at = 0;; ++fail_at) {
      ASSERT_LT(fail_at, 100u);
      SCOPED_TRACE(fail_at);
      const auto script = std::make_shared<Script>();
      script->fail_at = fail_at;
      script->then(kGreeting);
      script->then(c.capabilities);
      for (const auto reply : c.replies) script->then(reply);
      const auto connection = open(script);
      if (!connection) {
        EXPECT_EQ(connection.error().error, ConnectionError::kLost);
        EXPECT_EQ(connection.error().permanence(), Permanence::kTemporary);
        continue;
      }
      const auto result = send(**connection);
      const bool all_sent = script->output.ends_with(c.end);
      const bool delivered = result.recipients[0].kind == Kind::kDelivered;
      EXPECT_TRUE(delivered || result.recipients[0].kind == Kind::kNotTried);
      EXPECT_EQ(result.uncertain, all_sent && !delivered);
      EXPECT_EQ(result.broken.has_value(), !delivered);
      EXPECT_EQ((*connection)->reusable(), delivered);
      uncertain += result.uncertain ? 1 : 0;
      if (delivered) break;
    }
    EXPECT_GT(uncertain, 0u);
  }
}

TEST_F(ConnectionTest, RefusesRepliesThatAreNone) {
  struct Case {
    std::string_view what;
    std::string reply;
    ConnectionError error;
  };
  std::string many_lines;
  for (int i = 0; i < 1100; ++i) many_lines += "250-x\r\n";
  std::string long_lines;
  for (int i = 0; i < 300; ++i) long_lines += "250-" + std::string(3500, 'x') + "\r\n";
  const Case cases[] = {
      {"one MiB without a line end", std::string(1024 * 1024, 'x'), ConnectionError::kReplyTooLong},
      {"one MiB of line", "250 " + std::string(1024 * 1024, 'x') + "\r\n", ConnectionError::kReplyTooLong},
      {"one MiB of lines", long_lines, ConnectionError::kReplyTooLong},
      {"too many lines", many_lines, ConnectionError::kReplyTooLong},
      {"no reply", "hello\r\n", ConnectionError::kProtocol},
      {"two codes", "250-a\r\n550 b\r\n", ConnectionError::kProtocol},
      {"bare LF", "250 ok\n", ConnectionError::kProtocol},
      {"nothing", "", ConnectionError::kLost},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    const auto script = std::make_shared<Script>();
    const auto connection = opened(script);
    for (std::size_t at = 0; at < c.reply.size(); at += 16 * 1024) script->then(c.reply.substr(at, 16 * 1024));
    const auto result = send(*connection);
    EXPECT_EQ(result.broken, c.error == ConnectionError::kReplyTooLong && c.reply.find('\n') == std::string::npos
                                 ? ConnectionError::kLost
                                 : c.error);
    EXPECT_EQ(result.recipients[0].kind, Kind::kNotTried);
    EXPECT_FALSE(result.uncertain);
    EXPECT_FALSE(connection->reusable());
    EXPECT_TRUE(script->closed);
  }
}

TEST_F(ConnectionTest, TakesRepliesInPiecesOfAnySize) {
  const auto connection = opened(script_);
  const std::string replies = "250-2.1.0 one\r\n250 2.1.0 two\r\n250 ok\r\n354 go\r\n250-2.0.0 a\r\n250 2.0.0 b\r\n";
  for (const char c : replies) script_->then(std::string_view(&c, 1));
  const auto result = send(*connection);
  EXPECT_EQ(result.recipients[0].kind, Kind::kDelivered);
  EXPECT_EQ(result.recipients[0].reply.text, "a\nb");
}

TEST_F(ConnectionTest, ForgetsARefusedTransactionWithTheNextOne) {
  const auto connection = opened(script_);
  script_->then("250 ok\r\n550 no\r\n503 nobody\r\n");
  EXPECT_EQ(send(*connection).recipients[0].kind, Kind::kRefused);
  EXPECT_TRUE(connection->reusable());
  script_->output.clear();
  script_->then("250 reset\r\n250 ok\r\n250 ok\r\n354 go\r\n");
  script_->then("250 ok\r\n");
  EXPECT_EQ(send(*connection).recipients[0].kind, Kind::kDelivered);
  EXPECT_EQ(script_->output, "RSET\r\n" + std::string(kEnvelope) + std::string(kMessage));
}

TEST_F(ConnectionTest, SaysQuitBehindTheLastMessage) {  // RFC 2920 s3.1
  const auto connection = opened(script_);
  message_->after = After::kQuit;
  script_->then("250 ok\r\n250 ok\r\n354 go\r\n");
  script_->then("250 ok\r\n");
  EXPECT_EQ(send(*connection).recipients[0].kind, Kind::kDelivered);
  EXPECT_TRUE(script_->output.ends_with(".\r\nQUIT\r\n"));
  EXPECT_TRUE(script_->closed);
  EXPECT_FALSE(connection->reusable());
  EXPECT_EQ(send(*connection).broken, ConnectionError::kLost);
}

TEST_F(ConnectionTest, KnowsThatTheMessageHasGoneThoughQuitHasNot) {
  message_->after = After::kQuit;
  const auto whole = kEnvelope.size() + kMessage.size();
  for (const auto taken : {whole - 1, whole, whole + 3}) {
    SCOPED_TRACE(taken);
    const auto script = std::make_shared<Script>();
    for (const auto piece : {kGreeting, kPlain, std::string_view("250 ok\r\n250 ok\r\n354 go\r\n")})
      script->then(piece);
    constexpr std::size_t kHello = 21;  // EHLO mail.demo.test
    script->send_limit = 1;             // so that the peer stops within the write
    const auto connection = open(std::make_unique<DeafTransport>(script, kHello + taken));
    ASSERT_TRUE(connection);
    const auto result = send(**connection);
    EXPECT_EQ(script->output.size(), kHello + taken);
    EXPECT_EQ(result.uncertain, taken >= whole);
    EXPECT_EQ(result.broken, ConnectionError::kLost);
  }
}

TEST_F(ConnectionTest, IsDoneWhenThePeerTakesNoMore) {  // RFC 9422 s4.1
  const auto connection = opened(script_, "250-mx\r\n250-PIPELINING\r\n250 LIMITS MAILMAX=1\r\n");
  EXPECT_TRUE(connection->reusable());
  script_->then("250 ok\r\n250 ok\r\n354 go\r\n");
  script_->then("250 ok\r\n");
  EXPECT_EQ(send(*connection).recipients[0].kind, Kind::kDelivered);
  EXPECT_FALSE(connection->reusable());
}

TEST_F(ConnectionTest, TakesNoReplyForTheAnswerToSomethingElse) {
  for (const auto* extra : {"250 again\r\n", "421 bye\r\n"}) {
    const auto script = std::make_shared<Script>();
    const auto connection = opened(script);
    script->then("250 ok\r\n250 ok\r\n354 go\r\n");
    script->then(std::string("250 ok\r\n") + extra);
    EXPECT_EQ(send(*connection).recipients[0].kind, Kind::kDelivered);
    const auto sent = script->output;
    const auto result = send(*connection);
    EXPECT_EQ(result.recipients[0].kind, Kind::kNotTried);
    EXPECT_EQ(result.broken, extra[0] == '4' ? ConnectionError::kClosing : ConnectionError::kProtocol);
    EXPECT_EQ(script->output, sent);
    EXPECT_FALSE(connection->reusable());
  }
}

TEST_F(ConnectionTest, SaysGoodbye) {
  const auto connection = opened(script_);
  script_->then("221 bye\r\n");
  const auto goodbye = [](Connection* c) -> asio::awaitable<int> {
    co_await c->quit();
    co_return 0;
  };
  test::run(reactor_.context(), goodbye(connection.get()));
  EXPECT_EQ(script_->output, "QUIT\r\n");
  EXPECT_TRUE(script_->closed);
  EXPECT_FALSE(connection->reusable());
}

TEST_F(ConnectionTest, SeesThatAnIdlePeerHasGone) {
  const auto connection = opened(script_);
  script_->then("250 not looked at yet\r\n");
  EXPECT_FALSE(connection->stale());
  script_->input.clear();  // the end of the stream
  EXPECT_TRUE(connection->stale());
}

// ---- long messages

TEST_F(ConnectionTest, StreamsALongMessage) {
  const std::string line = std::string(70, 'x') + "\r\n";
  std::vector<std::string> pieces(4);
  for (auto& piece : pieces)
    while (piece.size() < 200'000) piece += line;
  pieces[1].insert(0, ".");
  message_->body = std::make_shared<PiecesBody>(pieces);
  const auto connection = opened(script_);
  script_->send_limit = 10'000;
  script_->then("250 ok\r\n250 ok\r\n354 go\r\n");
  script_->then("250 ok\r\n");
  EXPECT_EQ(send(*connection).recipients[0].kind, Kind::kDelivered);
  const auto want =
      std::string(kEnvelope) + message_->head + pieces[0] + "." + pieces[1] + pieces[2] + pieces[3] + ".\r\n";
  EXPECT_TRUE(script_->output == want);
}

TEST_F(ConnectionTest, NeverEndsAMessageThatIsNotWhole) {
  struct Case {
    std::string_view what;
    void (*spoil)(PiecesBody&);
  };
  const Case cases[] = {
      {"second chunk lost", [](PiecesBody& b) { b.fails_at = 1; }},
      {"shorter than told", [](PiecesBody& b) { b.claim(100); }},
      {"longer than told", [](PiecesBody& b) { b.claim(3); }},
  };
  for (const auto* capabilities : {"250 PIPELINING\r\n", "250-CHUNKING\r\n250-BINARYMIME\r\n250 PIPELINING\r\n"}) {
    for (const auto& c : cases) {
      SCOPED_TRACE(capabilities);
      SCOPED_TRACE(c.what);
      auto pieces = std::make_shared<PiecesBody>(std::vector<std::string>{"abcd\r\n", "efgh\r\n"});
      c.spoil(*pieces);
      message_->body = pieces;
      message_->body_kind = wire::smtp::Body::kBinaryMime;
      const auto script = std::make_shared<Script>();
      const auto connection = opened(script, std::string("250-mx\r\n250-8BITMIME\r\n") + capabilities);
      script->then("250 ok\r\n250 ok\r\n354 go\r\n");
      const auto result = send(*connection);
      EXPECT_EQ(result.recipients[0].kind, Kind::kNotTried);
      EXPECT_FALSE(result.uncertain);
      EXPECT_EQ(script->output.find("\r\n.\r\n"), std::string::npos);
    }
  }
}

TEST_F(ConnectionTest, HearsWhyAPeerStopsReading) {
  message_->body = std::make_shared<PiecesBody>(std::vector<std::string>(8, std::string(200'000, 'x')));
  script_->then(kGreeting);
  script_->then(kPlain);
  script_->then("250 ok\r\n250 ok\r\n354 go\r\n");
  script_->then("552 5.3.4 too long\r\n");
  auto connection = open(std::make_unique<DeafTransport>(script_, 300'000));
  ASSERT_TRUE(connection);
  const auto result = send(**connection);
  EXPECT_EQ(result.recipients[0].kind, Kind::kRefused);
  EXPECT_EQ(result.recipients[0].reply.code, 552);
  EXPECT_FALSE((*connection)->reusable());
}

// ---- what the peer cannot take

TEST_F(ConnectionTest, ConvertsEightBitTextForAPeerThatIsNotClean) {  // RFC 6152 s3
  body("Subject: y\r\n\r\nGrüße an alle Leser\r\n");
  message_->body_kind = wire::smtp::Body::k8BitMime;
  const auto connection = opened(script_, "250-mx\r\n250-SIZE 1000\r\n250 PIPELINING\r\n");
  script_->then("250 ok\r\n250 ok\r\n354 go\r\n");
  script_->then("250 ok\r\n");
  EXPECT_EQ(send(*connection).recipients[0].kind, Kind::kDelivered);
  const std::string converted =
      "Received: x\r\nSubject: y\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe an alle Leser\r\n";
  EXPECT_EQ(script_->output, "MAIL FROM:<a@demo.test> SIZE=" + std::to_string(converted.size()) +
                                 "\r\nRCPT TO:<b@example.org>\r\nDATA\r\n" + converted + ".\r\n");
}

TEST_F(ConnectionTest, DeclaresEightBitTextThatNobodyDeclared) {
  body("Subject: y\r\n\r\nGrüße\r\n");
  const auto connection = opened(script_);
  script_->then("250 ok\r\n250 ok\r\n354 go\r\n");
  script_->then("250 ok\r\n");
  EXPECT_EQ(send(*connection).recipients[0].kind, Kind::kDelivered);
  EXPECT_TRUE(script_->output.starts_with("MAIL FROM:<a@demo.test> BODY=8BITMIME\r\n"));
}

TEST_F(ConnectionTest, RefusesWhatItCannotConvert) {
  body("Subject: y\r\nContent-Transfer-Encoding: x-own\r\n\r\nGrüße\r\n");
  message_->body_kind = wire::smtp::Body::k8BitMime;
  const auto connection = opened(script_, "250 mx\r\n");
  const auto result = send(*connection);
  EXPECT_EQ(to_string(result.recipients[0].reply.status), "5.6.3");
  EXPECT_EQ(result.lack, Lack::kEightBit);
  EXPECT_EQ(script_->output, "");
  EXPECT_TRUE(connection->reusable());
}

TEST_F(ConnectionTest, RefusesAddressesThePeerCannotTakeAndSendsToTheOthers) {  // RFC 6531 s3.5
  message_->smtputf8 = true;
  message_->recipients.push_back({{"bøb", "example.org"}, {}, {}});
  const auto connection = opened(script_);
  script_->then("250 ok\r\n250 ok\r\n354 go\r\n");
  script_->then("250 ok\r\n");
  const auto result = send(*connection);
  EXPECT_EQ(result.recipients[0].kind, Kind::kDelivered);
  EXPECT_EQ(result.recipients[1].kind, Kind::kRefused);
  EXPECT_EQ(to_string(result.recipients[1].reply.status), "5.6.7");
  EXPECT_EQ(result.lack, Lack::kSmtpUtf8);
}

TEST_F(ConnectionTest, PassesDsnParametersOn) {  // RFC 3461 s5.2.1
  message_->dsn_return = wire::smtp::DsnReturn::kHeaders;
  message_->envelope_id = "id+1";
  message_->recipients[0].notify = wire::smtp::Notify{.failure = true};
  message_->recipients[0].original = wire::smtp::OriginalRecipient{"rfc822", "old@demo.test"};
  const auto connection = opened(script_, "250-mx\r\n250-DSN\r\n250 PIPELINING\r\n");
  script_->then("250 ok\r\n250 ok\r\n354 go\r\n");
  script_->then("250 ok\r\n");
  EXPECT_TRUE(send(*connection).recipients[0].peer_speaks_dsn);
  EXPECT_TRUE(
      script_->output.starts_with("MAIL FROM:<a@demo.test> RET=HDRS ENVID=id+2B1\r\n"
                                  "RCPT TO:<b@example.org> NOTIFY=FAILURE ORCPT=rfc822;old@demo.test\r\n"))
      << script_->output;
}

// ---- TLS and time

TEST_F(ConnectionTest, GreetsAgainAfterTls) {
  options_.recording = io::net::TlsContext::client({.verify = io::net::TlsContext::Verify::kNone}).value();
  script_->tls.version = "TLSv1.3";
  for (const auto piece : {kGreeting, std::string_view("250-mx\r\n250 STARTTLS\r\n"), std::string_view("220 go\r\n"),
                           std::string_view("250-mx\r\n250 PIPELINING\r\n")})
    script_->then(piece);
  const auto connection = open(script_);
  ASSERT_TRUE(connection);
  EXPECT_EQ(script_->output, "EHLO mail.demo.test\r\nSTARTTLS\r\nEHLO mail.demo.test\r\n");
  EXPECT_EQ((*connection)->details().tls->version, "TLSv1.3");
  EXPECT_TRUE((*connection)->details().capabilities.pipelining);
}

TEST_F(ConnectionTest, LeavesAPeerWhoseWordsCouldBeSomebodyElses) {  // RFC 3207 s4.2
  options_.recording = io::net::TlsContext::client({.verify = io::net::TlsContext::Verify::kNone}).value();
  script_->then(kGreeting);
  script_->then("250-mx\r\n250 STARTTLS\r\n");
  script_->then("220 go\r\n250-injected\r\n");
  const auto connection = open(script_);
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().error, ConnectionError::kProtocol);
}

TEST_F(ConnectionTest, BeginsWithTlsWhereThatIsImplied) {  // RFC 8314 s3.3
  options_.recording = io::net::TlsContext::client({.verify = io::net::TlsContext::Verify::kNone}).value();
  peer_.implicit_tls = true;
  peer_.tls = TlsRule::kEncrypt;
  script_->then(kGreeting);
  script_->then(kPlain);
  const auto connection = open(script_);
  ASSERT_TRUE(connection);
  EXPECT_TRUE(script_->tls_started);
  EXPECT_EQ(script_->output, "EHLO mail.demo.test\r\n");
}

/// Says its script one octet a minute.
class TarpitTransport final : public io::net::Transport {
 public:
  TarpitTransport(FixedClock& clock, io::net::Reactor& reactor, std::string says)
      : clock_(&clock), reactor_(&reactor), says_(std::move(says)) {}
  io::net::Attempt try_read(std::span<char> space) override {
    if (!std::exchange(ready_, false) || says_.empty()) return {.want = io::net::Want::kReadable};
    space[0] = says_.front();
    says_.erase(0, 1);
    return {.octets = 1};
  }
  io::net::Attempt try_write(std::span<const std::string_view> pieces) override {
    std::size_t octets = 0;
    for (const auto piece : pieces) octets += piece.size();
    return {.octets = octets};
  }
  asio::awaitable<Waited> wait(io::net::Want /*want*/) override {
    clock_->advance(std::chrono::minutes(1));
    reactor_->deadlines().look();
    ready_ = true;
    co_return Waited();
  }
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
  FixedClock* clock_;
  io::net::Reactor* reactor_;
  std::string says_;
  bool ready_ = false;
  io::net::Endpoint nowhere_;
};

TEST_F(ConnectionTest, DoesNotStayInATarpit) {  // RFC 5321 s4.5.3.2.1
  for (const auto* says : {"220 welcome to the tarpit\r\n", "220-a\r\n220-b\r\n220-c\r\n220-d\r\n", ""}) {
    SCOPED_TRACE(says);
    FixedClock clock{SystemTime(std::chrono::seconds(1'795'318'800))};
    io::net::Reactor slow(0, clock);
    io::net::LineStream stream(slow, std::make_unique<TarpitTransport>(clock, slow, says));
    const auto began = clock.steady_now();
    const auto connection = test::run(slow.context(), Connection::open_over(std::move(stream), peer_, &options_));
    ASSERT_FALSE(connection);
    EXPECT_EQ(connection.error().error, ConnectionError::kTimeout);
    EXPECT_EQ(connection.error().stage, Stage::kGreeting);
    EXPECT_LE(clock.steady_now() - began, std::chrono::minutes(7));
  }
}

}  // namespace
}  // namespace veredus::work::smtpclient
