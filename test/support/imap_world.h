#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
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
#include "support/live_transport.h"
#include "support/run.h"
#include "wire/mime/structure_parser.h"

namespace veredus::test {

/// An IMAP door on the real directory and mailboxes, over engines in memory: alice and bob of demo.test. For tests
/// only.
class ImapWorld {
 public:
  explicit ImapWorld(io::engine::MemoryEngine::Options engine_options = {.commits_inline = true},
                     std::unique_ptr<base::observe::LogSink> lines = nullptr)
      : engine(with_clock(engine_options, &clock)) {
    if (lines) log = std::make_unique<base::observe::Logger>(base::observe::LogOptions{}, std::move(lines), clock);
    directory = run(state::directory::Directory::open(&names, &workers, &clock, {})).value();
    EXPECT_TRUE(run(directory->create_domain({.name = "demo.test"})));
    alice = add_account("alice@demo.test");
    bob = add_account("bob@demo.test");
    options.session.plain_auth = work::login::PlainAuth::kLocalMachine;
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

  /// As the delivery of a message does it.
  Uid deliver(AccountId account, std::string octets, MailboxId mailbox = state::mailbox::kInbox) {
    state::mailbox::NewMessage message;
    wire::mime::StructureParser parser;
    parser.feed(octets);
    message.content = wire::mime::summarize(parser.finish());
    message.mailbox = mailbox;
    message.internal_date = clock.now();
    message.octets = std::move(octets);
    return run(mailboxes.append(account, std::move(message), {})).value().at.uid;
  }

  doors::imap::Door& door() {
    if (!door_) door_ = std::make_unique<doors::imap::Door>(services(), options);
    return *door_;
  }

  /// Lets everything go on until nothing can without the client.
  void settle() {
    reactor.context().restart();
    while (reactor.context().poll() != 0) {
    }
  }

  FixedClock clock{SystemTime(std::chrono::seconds(1'795'318'800))};  // 2026-11-22
  io::engine::MemoryEngine engine;
  io::engine::MemoryEngine names;
  io::net::Reactor reactor;
  io::net::WorkerPool workers{{.threads = 1}};
  std::unique_ptr<state::directory::Directory> directory;
  state::mailbox::Mailboxes mailboxes{engine, clock, {}};
  state::search::Searcher searcher{mailboxes, workers, nullptr, {}};
  state::search::Searcher* search_with = nullptr;  // before the first client: another one
  state::directory::AuthThrottle throttle{&clock, {}};
  doors::imap::AccountSessions account_sessions{{}};
  std::unique_ptr<base::observe::Logger> log = std::make_unique<base::observe::Logger>();
  base::observe::Metrics metrics;
  doors::imap::Door::Options options;
  AccountId alice;
  AccountId bob;

 private:
  static io::engine::MemoryEngine::Options with_clock(io::engine::MemoryEngine::Options options, const Clock* clock) {
    options.clock = clock;
    return options;
  }
  doors::imap::Services services() {
    return {.clock = clock,
            .directory = *directory,
            .throttle = throttle,
            .mailboxes = mailboxes,
            .searcher = search_with != nullptr ? *search_with : searcher,
            .workers = workers,
            .account_sessions = account_sessions,
            .log = *log,
            .metrics = metrics};
  }
  std::unique_ptr<doors::imap::Door> door_;
};

/// One client of an ImapWorld.
class ImapClient {
 public:
  explicit ImapClient(ImapWorld& world) : world_(world), peer_(std::make_shared<LivePeer>(world.reactor.executor())) {
    io::net::LineStream stream(world.reactor, std::make_unique<LiveTransport>(peer_));
    io::net::Connection connection{std::move(stream), {}, false};
    asio::co_spawn(world.reactor.context(), serve(&world.door(), std::move(connection), done_), asio::detached);
    greeting = receive();
  }
  /// Already logged in.
  ImapClient(ImapWorld& world, std::string_view user) : ImapClient(world) {
    const auto reply = command("LOGIN " + std::string(user) + " \"correct horse\"");
    EXPECT_TRUE(reply.starts_with("OK ")) << reply;
  }
  ~ImapClient() {
    peer_->hang_up();
    world_.settle();
    for (int tries = 0; tries < 2000 && !*done_; ++tries) go_on();  // what was open is put away first
    EXPECT_TRUE(*done_) << "the session did not end";
  }
  ImapClient(const ImapClient&) = delete;
  ImapClient& operator=(const ImapClient&) = delete;

  /// Says it as it is; answers what comes back at once.
  std::string say(std::string_view octets) {
    peer_->say(octets);
    return receive();
  }
  /// A command with a tag of its own; answers everything up to its tagged reply, of which the tag is cut off.
  std::string command(std::string_view text) {
    const auto tag = "t" + std::to_string(++tags_);
    peer_->say(tag + " " + std::string(text) + "\r\n");
    return finish(tag);
  }
  /// The rest of a command that was begun by say().
  std::string finish(const std::string& tag) {
    std::string all;
    const auto ended = [&] { return all.starts_with(tag + " ") || all.contains("\r\n" + tag + " "); };
    world_.settle();
    all += std::exchange(peer_->output, {});
    for (int tries = 0; tries < 2000 && !ended() && !peer_->closed; ++tries) {
      go_on();
      all += std::exchange(peer_->output, {});
    }
    world_.settle();  // the session waits for the next command then
    const auto at = all.starts_with(tag + " ") ? 0 : all.find("\r\n" + tag + " ") + 2;
    if (ended()) all.erase(at, tag.size() + 1);
    return all;
  }
  /// What came since.
  std::string receive() {
    world_.settle();
    return std::exchange(peer_->output, {});
  }
  [[nodiscard]] bool closed() const { return peer_->closed; }
  [[nodiscard]] LivePeer& peer() { return *peer_; }

  std::string greeting;

 private:
  /// For a while: threads may be at work.
  void go_on() {
    world_.reactor.context().restart();
    world_.reactor.context().run_for(std::chrono::milliseconds(5));
  }
  static asio::awaitable<void> serve(doors::imap::Door* door, io::net::Connection connection,
                                     std::shared_ptr<bool> done) {
    co_await door->serve(std::move(connection));
    *done = true;
  }

  ImapWorld& world_;
  std::shared_ptr<LivePeer> peer_;
  std::shared_ptr<bool> done_ = std::make_shared<bool>(false);
  int tags_ = 0;
};

}  // namespace veredus::test
