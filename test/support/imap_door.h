#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/observe/log.h"
#include "base/observe/metrics.h"
#include "doors/imap/serve.h"
#include "io/engine/memory_engine.h"
#include "io/net/line_stream.h"
#include "io/net/reactor.h"
#include "io/net/worker_pool.h"
#include "state/directory/auth_throttle.h"
#include "state/directory/directory.h"
#include "state/mailbox/mailboxes.h"
#include "state/search/searcher.h"
#include "support/run.h"
#include "support/scripted_transport.h"

namespace veredus::test {

/// An IMAP door on the real directory and mailboxes, over an engine in memory and scripted peers on loopback: alice,
/// bob and carol of demo.test, whose password is "correct horse".
class ImapDoorTest : public testing::Test {
 protected:
  ImapDoorTest() {
    directory = run(state::directory::Directory::open(&engine, &pool, &clock, {})).value();
    EXPECT_TRUE(run(directory->create_domain({.name = "demo.test"})));
    alice = add_account("alice@demo.test");
    bob = add_account("bob@demo.test");
    carol = add_account("carol@demo.test");
    options.session.plain_auth = doors::imap::PlainAuth::kLocalMachine;
    options.session.hostname = "mail.demo.test";
  }

  template <class T>
  T run(asio::awaitable<T> work) {
    return test::run(reactor.context(), std::move(work));
  }

  AccountId add_account(std::string address) {
    state::directory::NewAccount request{.address = std::move(address), .display_name = {}, .password = {}};
    request.password = base::crypto::Secret(std::string_view("correct horse"));
    return run(directory->create_account(std::move(request))).value().id;
  }
  void deliver(AccountId account, std::string octets, MailboxId mailbox = state::mailbox::kInbox) {
    state::mailbox::NewMessage message;
    message.mailbox = mailbox;
    message.octets = std::move(octets);
    EXPECT_TRUE(run(mailboxes.append(account, std::move(message), {})));
  }

  /// Says all of `input` at once, without a login, and answers all that the door said.
  std::string say(std::string_view input) {
    script = std::make_shared<Script>();
    script->peer = peer;
    script->then(input);
    doors::imap::Door door({clock, *directory, throttle, mailboxes, searcher, pool, account_sessions, log, metrics},
                           options);
    io::net::Connection connection{.stream = io::net::LineStream(reactor, std::make_unique<ScriptedTransport>(script)),
                                   .admission = io::net::Admission()};
    EXPECT_TRUE(run(serve_one(&door, std::move(connection))));
    return script->output;
  }
  /// Logs `user` of demo.test in, says `input` and answers what was said after the login.
  std::string say_as(std::string_view user, std::string_view input) {
    const auto said = say("login LOGIN " + std::string(user) + "@demo.test \"correct horse\"\r\n" + std::string(input));
    const auto in = said.find("login OK");
    if (in == std::string::npos) return said;
    return said.substr(said.find("\r\n", in) + 2);
  }

  io::net::Reactor reactor;
  FixedClock clock{SystemTime(std::chrono::milliseconds(1'767'225'600'000))};  // 2026-01-01
  io::engine::MemoryEngine engine{{.clock = &clock, .commits_inline = true}};
  io::net::WorkerPool pool{{.threads = 1}};
  std::unique_ptr<state::directory::Directory> directory;
  state::mailbox::Mailboxes mailboxes{engine, clock, {}};
  state::search::Searcher searcher{mailboxes, pool, nullptr, {}};
  state::directory::AuthThrottle throttle{&clock, {}};
  doors::imap::AccountSessions account_sessions{{}};
  base::observe::Logger log;
  base::observe::Metrics metrics;
  doors::imap::Door::Options options;
  AccountId alice;
  AccountId bob;
  AccountId carol;
  io::net::Endpoint peer = io::net::Endpoint::ip(io::net::IpAddress::v4({127, 0, 0, 1}), 4000);
  std::shared_ptr<Script> script;

 private:
  static asio::awaitable<bool> serve_one(doors::imap::Door* door, io::net::Connection connection) {
    co_await door->serve(std::move(connection));
    co_return true;
  }
};

}  // namespace veredus::test
