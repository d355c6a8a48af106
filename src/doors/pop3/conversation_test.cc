#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/codec/base64.h"
#include "base/observe/log.h"
#include "base/observe/metrics.h"
#include "doors/pop3/serve.h"
#include "io/engine/memory_engine.h"
#include "io/net/reactor.h"
#include "io/net/self_signed.h"
#include "io/net/worker_pool.h"
#include "state/directory/auth_throttle.h"
#include "state/directory/directory.h"
#include "state/mailbox/mailboxes.h"
#include "support/run.h"
#include "support/scripted_transport.h"

namespace veredus::doors::pop3 {
namespace {

using namespace std::chrono_literals;
using base::crypto::Secret;
using state::directory::AuthThrottle;
using state::directory::Directory;
using state::mailbox::kInbox;

asio::awaitable<bool> serve_one(Door* door, io::net::Connection connection) {
  co_await door->serve(std::move(connection));
  co_return true;
}

std::shared_ptr<io::net::TlsContext> tls_context() {
  const auto made =
      io::net::make_self_signed({"mail.demo.test"}, SystemTime{1'000'000s}, std::chrono::days(30)).value();
  io::net::TlsContext::ServerOptions options;
  options.certificates.push_back({.chain_pem = made.certificate_pem, .key_pem = made.key_pem});
  return io::net::TlsContext::server(std::move(options)).value();
}

/// A door on the real directory and mailboxes, over an engine in memory and a scripted peer on loopback.
class ConversationTest : public testing::Test {
 protected:
  ConversationTest() {
    directory = run(Directory::open(&engine, &pool, &clock, {})).value();
    EXPECT_TRUE(run(directory->create_domain({.name = "demo.test"})));
    state::directory::NewAccount request{.address = "alice@demo.test", .display_name = {}, .password = {}};
    request.password = Secret(std::string_view("correct horse"));
    alice = run(directory->create_account(std::move(request))).value().id;
    options.session.plain_auth = PlainAuth::kLocalMachine;
    options.session.hostname = "mail.demo.test";
  }

  template <class T>
  T run(asio::awaitable<T> work) {
    return test::run(reactor.context(), std::move(work));
  }

  void deliver(std::string octets) {
    state::mailbox::NewMessage message;
    message.octets = std::move(octets);
    EXPECT_TRUE(run(mailboxes.append(alice, std::move(message), {})));
  }
  std::uint32_t inbox_count() { return run(mailboxes.status(alice, kInbox))->counts.messages; }

  static std::string login() {
    const std::string nul(1, '\0');
    return "AUTH PLAIN " + base::codec::base64_encode(nul + "alice@demo.test" + nul + "correct horse") + "\r\n";
  }

  /// Says all of `input` at once and answers what the door said.
  std::string talk(std::string_view input) {
    script = std::make_shared<test::Script>();
    script->peer = peer;
    script->then(input);
    return talk();
  }
  std::string talk() {
    Door door({clock, *directory, throttle, mailboxes, gate, log, metrics}, options);
    io::net::Connection connection{
        .stream = io::net::LineStream(reactor, std::make_unique<test::ScriptedTransport>(script)),
        .admission = io::net::Admission()};
    EXPECT_TRUE(run(serve_one(&door, std::move(connection))));
    EXPECT_EQ(gate.sessions(), 0U);
    return script->output;
  }
  /// Deletes the only message; `happens` before it says QUIT.
  template <class Happens>
  std::string delete_one_while(Happens happens) {
    deliver("A: 1\r\n\r\none\r\n");
    script = std::make_shared<test::Script>();
    script->peer = peer;
    for (const auto& piece : {login(), std::string("DELE 1\r\n"), std::string("QUIT\r\n")}) script->then(piece);
    script->reading = [happens](std::string_view piece) {
      if (piece == "QUIT\r\n") happens();
    };
    return talk();
  }

  io::net::Reactor reactor;
  FixedClock clock{SystemTime{1'000'000s}};
  io::engine::MemoryEngine engine;
  io::net::WorkerPool pool{{.threads = 1}};
  std::unique_ptr<Directory> directory;
  state::mailbox::Mailboxes mailboxes{engine, clock, {}};
  AuthThrottle throttle{&clock, {.first_delay = 0ms, .longest_delay = 0ms, .failures_to_ban_address = 3}};
  AccountGate gate{&clock, {}};
  base::observe::Logger log;
  base::observe::Metrics metrics;
  Door::Options options;
  AccountId alice;
  io::net::Endpoint peer = io::net::Endpoint::ip(io::net::IpAddress::v4({127, 0, 0, 1}), 4000);
  std::shared_ptr<test::Script> script;
};

TEST_F(ConversationTest, ServesAPipelinedSessionInAFewSends) {
  deliver("A: 1\r\n\r\n.one\r\n");
  deliver("A: 2\r\n\r\ntwo\r\n");
  const auto said = talk(login() + "STAT\r\nLIST\r\nRETR 1\r\nTOP 2 0\r\nDELE 1\r\nQUIT\r\n");
  EXPECT_EQ(said,
            "+OK mail.demo.test POP3 server ready\r\n"
            "+OK 2 messages, 27 octets\r\n"
            "+OK 2 27\r\n"
            "+OK 2 messages (27 octets)\r\n1 14\r\n2 13\r\n.\r\n"
            "+OK 14 octets\r\nA: 1\r\n\r\n..one\r\n.\r\n"
            "+OK Top of message follows\r\nA: 2\r\n\r\n.\r\n"
            "+OK Message 1 deleted\r\n"
            "+OK Bye, deleted messages are removed\r\n");
  EXPECT_LE(script->sends, 2U) << "the greeting, and all the rest together";
  EXPECT_TRUE(script->closed);
  EXPECT_EQ(inbox_count(), 1U);
}

TEST_F(ConversationTest, StreamsAMessageOfManyChunks) {
  const auto email = mailboxes.new_staged_email();
  std::string chunk(state::mailbox::kChunkOctets, 'x');
  for (std::size_t i = 0; i + 80 < chunk.size(); i += 80) chunk.replace(i, 3, "\r\n.");
  chunk.replace(chunk.size() - 2, 2, "\r\n");
  const std::string last = ".end of it\r\n";
  for (std::uint32_t i = 1; i <= 3; ++i)
    ASSERT_TRUE(run(mailboxes.stage_chunk(alice, email, i, i == 3 ? last : chunk, clock.now() + 1h)));
  state::mailbox::NewMessage message;
  message.octets = "Received: x\r\n";
  message.staged = {.email = email, .octets = 2 * chunk.size() + last.size()};
  ASSERT_TRUE(run(mailboxes.append(alice, std::move(message), {})));

  const std::string whole = "Received: x\r\n" + chunk + chunk + last;
  std::string stuffed;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (whole[i] == '.' && whole[i - 1] == '\n') stuffed.push_back('.');
    stuffed.push_back(whole[i]);
  }
  const auto said = talk(login() + "RETR 1\r\nQUIT\r\n");
  const auto begin = "+OK " + std::to_string(whole.size()) + " octets\r\n";
  const auto at = said.find(begin);
  ASSERT_NE(at, std::string::npos);
  EXPECT_TRUE(said.substr(at + begin.size()) == stuffed + ".\r\n+OK Bye\r\n");
  const auto top = talk(login() + "TOP 1 4294967295\r\nQUIT\r\n");  // no empty line: it is all header
  EXPECT_TRUE(top.ends_with("+OK Top of message follows\r\n" + stuffed + ".\r\n+OK Bye\r\n"));
}

TEST_F(ConversationTest, CountsFailedLoginsAndThenRefusesThePeer) {
  options.session.max_auth_failures = 100;
  const std::string wrong = "USER alice@demo.test\r\nPASS wrong horse\r\n";
  auto said = talk(wrong + wrong + wrong + login());
  EXPECT_TRUE(said.ends_with("-ERR [SYS/TEMP] Too many failed logins, try again later\r\n")) << said;
  said = talk(login());
  EXPECT_EQ(said, "-ERR [SYS/TEMP] Too many failed logins, try again later\r\n");
  peer = io::net::Endpoint::ip(io::net::IpAddress::v4({127, 0, 0, 2}), 4000);
  EXPECT_TRUE(talk(login()).contains("+OK 0 messages"));
}

TEST_F(ConversationTest, LetsOneSessionAtATimeIntoAnAccount) {
  const auto place = gate.enter(alice, 0s);
  script = std::make_shared<test::Script>();
  script->peer = peer;
  script->then(login() + "QUIT\r\n");
  Door door({clock, *directory, throttle, mailboxes, gate, log, metrics}, options);
  io::net::Connection connection{
      .stream = io::net::LineStream(reactor, std::make_unique<test::ScriptedTransport>(script)),
      .admission = io::net::Admission()};
  EXPECT_TRUE(run(serve_one(&door, std::move(connection))));
  EXPECT_TRUE(script->output.contains("-ERR [IN-USE]")) << script->output;
}

TEST_F(ConversationTest, EndsASessionWhoseAccountIsDeleted) {
  const auto said = delete_one_while([this] {
    asio::io_context other;
    EXPECT_TRUE(test::run(other, directory->delete_account(alice)));
    EXPECT_TRUE(test::run(other, mailboxes.erase_account(alice)));
  });
  EXPECT_TRUE(said.ends_with("+OK Message 1 deleted\r\n-ERR [SYS/PERM] The account is gone\r\n"));
  EXPECT_TRUE(run(mailboxes.accounts(AccountId(), 10)).value().empty()) << "it is not made anew";
}

TEST_F(ConversationTest, EndsASessionWhoseAccountIsDisabled) {
  const auto said = delete_one_while([this] {
    state::directory::AccountChange change;
    change.disabled = true;
    asio::io_context other;
    EXPECT_TRUE(test::run(other, directory->change_account(alice, std::move(change))));
  });
  EXPECT_TRUE(said.ends_with("+OK Message 1 deleted\r\n-ERR [SYS/PERM] The account is disabled\r\n"));
  EXPECT_EQ(inbox_count(), 1U) << "nothing is removed any more";
}

TEST_F(ConversationTest, DropsWhatWasSentInTheClearBehindStls) {
  options.session.plain_auth = PlainAuth::kNever;
  script = std::make_shared<test::Script>();
  script->peer = peer;
  script->then("STLS\r\n" + login());
  script->then("STAT\r\nQUIT\r\n");
  options.tls = tls_context();
  const auto said = talk();
  EXPECT_EQ(said,
            "+OK mail.demo.test POP3 server ready\r\n+OK Begin TLS negotiation\r\n-ERR Log in first\r\n+OK Bye\r\n");
}

TEST_F(ConversationTest, LosesNoMessageWhereverTheStoreFails) {
  deliver("A: 1\r\n\r\none\r\n");
  deliver("A: 2\r\n\r\ntwo\r\n");
  for (std::uint64_t at = 1;; ++at) {
    SCOPED_TRACE(at);
    ASSERT_LT(at, 60U);
    engine.plan_faults({.fail_at = engine.operations() + at, .then_all = true});
    const auto said = talk(login() + "RETR 2\r\nDELE 1\r\nQUIT\r\n");
    engine.plan_faults({});
    const bool removed = said.contains("+OK Bye, deleted");
    EXPECT_EQ(inbox_count(), removed ? 1U : 2U) << said;
    if (removed) break;
    EXPECT_TRUE(said.contains("-ERR")) << said;
  }
}

TEST_F(ConversationTest, LosesNoMessageWhereverTheConnectionBreaks) {
  deliver("A: 1\r\n\r\none\r\n");
  for (std::size_t at = 0;; ++at) {
    SCOPED_TRACE(at);
    ASSERT_LT(at, 60U);
    script = std::make_shared<test::Script>();
    script->peer = peer;
    script->fail_at = at;
    for (const std::string& line :
         {login(), std::string("RETR 1\r\n"), std::string("DELE 1\r\n"), std::string("QUIT\r\n")})
      script->then(line);
    const auto said = talk();
    const bool quit = script->input.empty();  // the door has read it: what was deleted may go
    if (!quit) EXPECT_EQ(inbox_count(), 1U) << said;
    if (said.contains("+OK Bye")) break;
    if (inbox_count() == 0) deliver("A: 1\r\n\r\none\r\n");
  }
  EXPECT_EQ(inbox_count(), 0U);
}

}  // namespace
}  // namespace veredus::doors::pop3
