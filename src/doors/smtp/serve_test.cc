#include "doors/smtp/serve.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "base/observe/metrics.h"
#include "io/net/line_stream.h"
#include "io/net/reactor.h"
#include "io/net/self_signed.h"
#include "state/directory/auth_throttle.h"
#include "support/delivery_world.h"
#include "support/scripted_transport.h"

namespace veredus::doors::smtp {
namespace {

using test::Script;

/// A door over a world in memory, for peers that say what their scripts say.
class ServeTest : public ::testing::Test {
 protected:
  ServeTest() {
    state::directory::NewDomain domain;
    domain.name = "demo.test";
    EXPECT_TRUE(world_.await(world_.directory->create_domain(std::move(domain))));
    alice_ = world_.add_account("alice@demo.test");
    bob_ = world_.add_account("bob@demo.test");
    EXPECT_TRUE(world_.await(world_.spool.acquire()));
    options_.session.hostname = "mail.demo.test";
  }

  /// Serves one peer to its end and answers what it was told.
  std::string serve(std::shared_ptr<Script> script) {
    auto transport = std::make_unique<test::ScriptedTransport>(script);
    return serve(std::move(script), std::move(transport));
  }
  std::string serve(std::shared_ptr<Script> script, std::unique_ptr<io::net::Transport> transport) {
    Door door({clock_, mail_, *world_.directory, throttle_, world_.router, world_.receptions, *rates_, log_, metrics_,
               journal_},
              options_);
    io::net::LineStream stream(reactor_, std::move(transport));
    io::net::Connection connection{std::move(stream), {}, false};
    world_.await(finish(&door, std::move(connection)));
    world_.settle();
    EXPECT_TRUE(script->closed);
    return script->output;
  }
  std::string serve(std::initializer_list<std::string_view> pieces) {
    auto script = std::make_shared<Script>();
    for (const auto piece : pieces) script->then(piece);
    return serve(std::move(script));
  }

  FixedClock clock_{SystemTime(std::chrono::seconds(1'795'318'800))};
  io::engine::MemoryEngine mail_;
  io::engine::MemoryEngine names_;
  test::DeliveryWorld world_{mail_, names_, clock_};
  io::net::Reactor reactor_;
  state::directory::AuthThrottle throttle_{&clock_, {}};
  std::optional<RateLimits> rates_{std::in_place, &clock_, RateOptions{}};
  base::observe::Logger log_;
  base::observe::Metrics metrics_;
  base::observe::NullEventSink journal_;
  Door::Options options_;
  AccountId alice_;
  AccountId bob_;

 private:
  static asio::awaitable<int> finish(Door* door, io::net::Connection connection) {
    co_await door->serve(std::move(connection));
    co_return 0;
  }
};

TEST_F(ServeTest, PutsAMessageIntoTheMailboxWithItsTrace) {
  const auto output =
      serve({"EHLO client.example.org\r\n", "MAIL FROM:<sender@example.org>\r\n", "RCPT TO:<alice@demo.test>\r\n",
             "DATA\r\n", "Subject: x\r\n\r\n..dot\r\n.\r\n", "QUIT\r\n"});
  EXPECT_TRUE(output.starts_with("220 mail.demo.test ESMTP")) << output;
  EXPECT_TRUE(output.contains("\r\n354 ")) << output;
  EXPECT_TRUE(output.contains("\r\n250 2.0.0 Accepted as ")) << output;
  EXPECT_TRUE(output.ends_with("221 2.0.0 Goodbye\r\n")) << output;
  const auto inbox = world_.inbox(alice_);
  ASSERT_EQ(inbox.size(), 1u);
  EXPECT_TRUE(inbox[0].starts_with("Return-Path: <sender@example.org>\r\n")) << inbox[0];
  EXPECT_TRUE(
      inbox[0].contains("Received: from client.example.org ([192.0.2.1])\r\n\tby mail.demo.test with ESMTP\r\n"))
      << inbox[0];
  EXPECT_TRUE(inbox[0].contains("\tfor <alice@demo.test>;\r\n")) << inbox[0];
  EXPECT_TRUE(inbox[0].ends_with("\r\nSubject: x\r\n\r\n.dot\r\n")) << inbox[0];
  EXPECT_TRUE(world_.inbox(bob_).empty());
}

TEST_F(ServeTest, AnswersPipelinedCommandsInOneGo) {
  auto script = std::make_shared<Script>();
  script->then("EHLO client.example.org\r\n");
  script->then("MAIL FROM:<>\r\nRCPT TO:<alice@demo.test>\r\nRCPT TO:<bob@demo.test>\r\nDATA\r\n");
  script->then("Subject: x\r\n\r\nx\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<nobody@demo.test>\r\nQUIT\r\n");
  const auto output = serve(script);
  EXPECT_TRUE(output.ends_with("221 2.0.0 Goodbye\r\n")) << output;
  EXPECT_EQ(script->sends, 4u) << "greeting, EHLO, up to 354, the rest";
  EXPECT_EQ(world_.inbox(alice_).size(), 1u);
  EXPECT_EQ(world_.inbox(bob_).size(), 1u);
}

TEST_F(ServeTest, TakesChunksOfAnySize) {
  const std::string body = "Subject: x\r\n\r\n" + std::string(300'000, 'x') + "\r\n";
  const auto output = serve({"EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<alice@demo.test>\r\nBDAT " +
                                 std::to_string(body.size()) + "\r\n" + body.substr(0, 1000),
                             body.substr(1000), "BDAT 3 LAST\r\ny\r\nQUIT\r\n"});
  EXPECT_TRUE(output.contains("\r\n250 2.0.0 Accepted as ")) << output;
  const auto inbox = world_.inbox(alice_);
  ASSERT_EQ(inbox.size(), 1u);
  EXPECT_TRUE(inbox[0].ends_with(body + "y\r\n"));
}

TEST_F(ServeTest, RefusesWhoSpeaksBeforeTheGreeting) {  // RFC 5321 s3.1
  auto script = std::make_shared<Script>();
  script->then("EHLO client.example.org\r\n");
  auto transport = std::make_unique<test::ScriptedTransport>(script);
  world_.await(transport->wait(io::net::Want::kReadable));  // its octets have arrived
  EXPECT_EQ(serve(script, std::move(transport)), "554 5.5.1 You spoke before the greeting\r\n");
}

TEST_F(ServeTest, ForgetsWhatCameBeforeTls) {  // RFC 3207 s4.2, s6
  auto made = io::net::make_self_signed({"mail.demo.test"}, clock_.now(), std::chrono::days(1));
  ASSERT_TRUE(made);
  io::net::TlsContext::Certificate certificate;
  certificate.chain_pem = made->certificate_pem;
  certificate.key_pem = made->key_pem;
  io::net::TlsContext::ServerOptions server;
  server.certificates.push_back(std::move(certificate));
  auto tls = io::net::TlsContext::server(std::move(server));
  ASSERT_TRUE(tls);
  options_.tls = *tls;
  options_.session.offer_tls = true;
  const auto output =
      serve({"EHLO c\r\n", "STARTTLS\r\nMAIL FROM:<evil@example.org>\r\n", "NOOP\r\nMAIL FROM:<>\r\n", "QUIT\r\n"});
  EXPECT_TRUE(output.contains("220 2.0.0 Ready to start TLS\r\n250 2.0.0 Nothing done\r\n503 5.5.1")) << output;
}

TEST_F(ServeTest, KeepsToItsRates) {
  RateOptions rate;
  rate.messages_from_address = 1;
  rate.sessions_from_address = 1;
  rates_.emplace(&clock_, rate);
  auto output = serve({"EHLO c\r\n", "MAIL FROM:<>\r\nRSET\r\nMAIL FROM:<>\r\n", "NOOP\r\n"});
  EXPECT_TRUE(output.ends_with("\r\n421 4.7.0 Too many messages, try again later\r\n")) << output;
  output = serve({"EHLO c\r\n"});
  EXPECT_EQ(output, "421 4.7.0 Too many sessions, try again later\r\n");
}

TEST_F(ServeTest, DeliversOnceOrNotAtAllWhereverThePeerBreaks) {
  for (std::size_t fail_at = 0; fail_at < 200; ++fail_at) {
    SCOPED_TRACE(fail_at);
    const auto before = world_.inbox(alice_).size();
    auto script = std::make_shared<Script>();
    for (const auto* piece : {"EHLO c\r\n", "MAIL FROM:<>\r\n", "RCPT TO:<alice@demo.test>\r\n", "DATA\r\n", "a: b\r\n",
                              "\r\nc\r\n", ".\r\n", "QUIT\r\n"})
      script->then(piece);
    script->fail_at = fail_at;
    const auto output = serve(script);
    const auto delivered = world_.inbox(alice_).size() - before;
    EXPECT_LE(delivered, 1u);
    if (output.contains("Accepted as")) {
      EXPECT_EQ(delivered, 1u);
    }
    if (output.ends_with("221 2.0.0 Goodbye\r\n")) return;
  }
  FAIL() << "the session never came to its end";
}

TEST_F(ServeTest, AnswersTemporarilyWhileTheStoreTakesNoWrites) {
  mail_.report_health({.writable = false, .durable = true, .reason = "disk full"});
  const auto output = serve({"EHLO c\r\n", "MAIL FROM:<>\r\n", "QUIT\r\n"});
  EXPECT_TRUE(output.contains("\r\n452 4.3.1 ")) << output;
}

/// What the store does to a message is told in one reply, or (LMTP, RFC 2033 s4.2) in one for each recipient.
TEST_F(ServeTest, TellsAFullDiskFromWhatNobodyKnows) {
  using io::engine::StoreError;
  struct Case {
    StoreError error;
    bool writable;
    std::string_view reply;
  };
  const Case cases[] = {{StoreError::kUnavailable, true, "451 4.3.0 "},
                        {StoreError::kUnavailable, false, "452 4.3.1 "},
                        {StoreError::kUnknownOutcome, true, "451 4.3.0 "},
                        {StoreError::kUnknownOutcome, false, "452 4.3.1 "}};
  for (const auto role : {Role::kMx, Role::kLmtp}) {
    for (const std::string_view second : {"", "RCPT TO:<bob@demo.test>\r\n"}) {
      for (const auto& c : cases) {
        SCOPED_TRACE(testing::Message() << to_string(role) << ", " << second << c.reply << to_string(c.error));
        options_.session.role = role;
        auto script = std::make_shared<Script>();
        script->then(role == Role::kLmtp ? "LHLO c\r\n" : "EHLO c\r\n");
        script->then("MAIL FROM:<>\r\nRCPT TO:<alice@demo.test>\r\n" + std::string(second) + "DATA\r\n");
        script->then("Subject: x\r\n\r\nx\r\n.\r\n");
        script->reading = [&](std::string_view piece) {
          if (!piece.starts_with("Subject")) return;
          mail_.plan_faults({.fail_at = mail_.operations() + 1, .error = c.error, .then_all = true});
          mail_.report_health({.writable = c.writable, .durable = true, .reason = {}});
        };
        const auto output = serve(script);
        mail_.plan_faults({});
        mail_.report_health({});
        const bool each = role == Role::kLmtp && !second.empty();
        const auto after_data = output.substr(output.find("\r\n354 ") + 2);
        const auto replies = after_data.substr(after_data.find("\r\n") + 2);
        EXPECT_TRUE(replies.starts_with(c.reply)) << output;
        EXPECT_EQ(std::ranges::count(replies, '\n'), each ? 2 : 1) << output;
        EXPECT_TRUE(!each || replies.substr(replies.find('\n') + 1).starts_with(c.reply)) << output;
      }
    }
  }
}

}  // namespace
}  // namespace veredus::doors::smtp
