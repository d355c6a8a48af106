#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <set>

#include "base/observe/events.h"
#include "base/observe/log.h"
#include "base/observe/metrics.h"
#include "io/engine/memory_engine.h"
#include "io/net/deadline.h"
#include "rules/verp/verp.h"
#include "state/directory/directory.h"
#include "state/directory/snapshot.h"
#include "state/spool/spooled_message.h"
#include "support/run.h"
#include "work/delivery/queue_id.h"
#include "work/delivery/routes.h"
#include "work/queue/carrier.h"
#include "work/queue/queue.h"

namespace veredus::work::queue {

using namespace std::chrono_literals;
using smtpclient::RecipientOutcome;
using smtpclient::TransactionResult;
using state::spool::Enqueue;
using state::spool::QueueChange;
using state::spool::QueueEntry;
using state::spool::QueueQuery;
using state::spool::QueueShards;
using wire::smtp::make_reply;

const SystemTime kStart{std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};

/// What the world outside does, as a test says.
struct World {
  std::map<std::string, smtpclient::SiteError> no_sites;
  std::map<std::string, wire::smtp::Reply> replies;  // by recipient; others are taken
  std::set<std::string> closed_hosts;
  bool breaks_at_final_dot = false;
  bool hangs = false;
  std::size_t max_recipients = 1000;    // of one transaction; the others are left untried
  std::set<std::string> lacking_hosts;  // refuse what they cannot, without asking
  unsigned stale_links = 0;             // so many links were used before, and are dead by now
  std::vector<std::string> delivered;   // "recipient: first line of the message"
  std::vector<std::size_t> transaction_sizes;
  std::vector<std::string> connections;
  std::vector<bool> policies_ignored;  // by connection
  std::vector<std::string> senders;    // on the way
  unsigned marks_asked = 0;
};

class FakeLink final : public Link {
 public:
  FakeLink(World& world, const smtpclient::Peer& peer) : world_(world) {
    details_.host_name = peer.host_name;
    details_.address = peer.address;
    if (world_.stale_links > 0) {
      --world_.stale_links;
      stale_ = true;
      messages_ = 1;
    }
  }
  asio::awaitable<TransactionResult> send(std::shared_ptr<const smtpclient::Outgoing> message,
                                          std::shared_ptr<const smtpclient::Outgoing> /*next*/) override {
    ++messages_;
    TransactionResult result;
    if (stale_) {
      result.recipients.resize(message->recipients.size());
      result.broken = smtpclient::ConnectionError::kLost;
      co_return result;
    }
    const auto body = co_await message->body->chunk(0);
    if (!body) {
      result.recipients.resize(message->recipients.size());
      result.broken = smtpclient::ConnectionError::kBody;
      co_return result;
    }
    if (world_.hangs) co_await io::net::pause(1h);
    const bool may = message->gate == nullptr || co_await message->gate->before_final_dot();
    ++world_.marks_asked;
    world_.transaction_sizes.push_back(message->recipients.size());
    world_.senders.push_back(message->sender ? to_string(*message->sender) : "<>");
    result.recipients.resize(message->recipients.size());
    if (!may || world_.breaks_at_final_dot || !body) {
      result.broken = may ? smtpclient::ConnectionError::kLost : smtpclient::ConnectionError::kGateClosed;
      result.uncertain = may;
      result.stage = smtpclient::Stage::kFinal;
      co_return result;
    }
    if (world_.lacking_hosts.contains(details_.host_name)) {
      result.lack = smtpclient::Lack::kSmtpUtf8;
      for (auto& outcome : result.recipients) {
        outcome.kind = RecipientOutcome::Kind::kRefused;
        outcome.reply = make_reply(553, 6, 7, "needs SMTPUTF8");
      }
      co_return result;
    }
    for (std::size_t i = 0; i < message->recipients.size() && i < world_.max_recipients; ++i) {
      const std::string address = to_string(message->recipients[i].address);
      auto& outcome = result.recipients[i];
      outcome.said_by = details_.host_name;
      const auto reply = world_.replies.find(address);
      outcome.reply = reply == world_.replies.end() ? make_reply(250, 0, 0, "taken") : reply->second;
      outcome.kind = outcome.reply.code < 400   ? RecipientOutcome::Kind::kDelivered
                     : outcome.reply.code < 500 ? RecipientOutcome::Kind::kDeferred
                                                : RecipientOutcome::Kind::kRefused;
      if (outcome.kind == RecipientOutcome::Kind::kDelivered)
        world_.delivered.push_back(address + ": " + body->substr(0, body->find('\r')));
    }
    co_return result;
  }
  [[nodiscard]] bool reusable() const override { return true; }
  [[nodiscard]] std::uint32_t messages() const override { return messages_; }
  [[nodiscard]] const smtpclient::PeerDetails& details() const override { return details_; }

 private:
  World& world_;
  smtpclient::PeerDetails details_;
  std::uint32_t messages_ = 0;
  bool stale_ = false;
};

class FakeCarrier final : public Carrier {
 public:
  explicit FakeCarrier(World& world) : world_(world) {}
  asio::awaitable<Found> find(std::string domain, delivery::NextHop /*hop*/) override {
    if (const auto none = world_.no_sites.find(domain); none != world_.no_sites.end())
      co_return std::unexpected(none->second);
    smtpclient::Site site;
    site.key = "mx1,mx2";
    site.ttl = 300s;
    for (const char* name : {"mx1", "mx2"}) {
      smtpclient::MailHost host;
      host.name = name;
      host.addresses.push_back(io::net::Endpoint::ip(*io::net::IpAddress::parse("192.0.2.1"), 25));
      site.hosts.push_back(std::move(host));
    }
    co_return site;
  }
  asio::awaitable<Opened> open(std::size_t /*reactor*/, smtpclient::Peer peer) override {
    if (world_.closed_hosts.contains(peer.host_name)) {
      smtpclient::ConnectFailure failure;
      failure.error = smtpclient::ConnectionError::kRefused;
      co_return std::unexpected(std::move(failure));
    }
    world_.connections.push_back(peer.host_name);
    world_.policies_ignored.push_back(peer.published.ignored);
    co_return std::make_unique<FakeLink>(world_, peer);
  }
  void give_back(std::size_t /*reactor*/, std::unique_ptr<Link> link) override { link.reset(); }

 private:
  World& world_;
};

class Events final : public base::observe::EventSink {
 public:
  void record(base::observe::JournalEvent event) override { all.push_back(std::move(event)); }
  [[nodiscard]] std::size_t count(std::string_view kind) const {
    return static_cast<std::size_t>(std::ranges::count(all, kind, &base::observe::JournalEvent::kind));
  }
  std::vector<base::observe::JournalEvent> all;
};

/// One run of the program: another one over the same engine is the program after a restart.
struct Program {
  Program(io::engine::Engine& engine, const Clock& clock, World& world, Events& events, QueueOptions options)
      : shards(engine, clock, {}),
        directory(*test::run(io, state::directory::Directory::open(&engine, nullptr, &clock, {}))),
        routes(*directory),
        carrier(world),
        ids(clock),
        queue({.clock = clock,
               .engine = engine,
               .shards = shards,
               .routes = routes,
               .directory = *directory,
               .carrier = carrier,
               .ids = ids,
               .journal = events,
               .journeys = nullptr,
               .log = log,
               .metrics = metrics,
               .executors = {io.get_executor()}},
              std::move(options)) {}

  asio::io_context io;
  base::observe::Logger log;
  base::observe::Metrics metrics;
  QueueShards shards;
  std::unique_ptr<state::directory::Directory> directory;
  delivery::Routes routes;
  FakeCarrier carrier;
  delivery::MessageIds ids;
  Queue queue;
};

class QueueTest : public testing::Test {
 protected:
  void begin() {
    program_ = std::make_unique<Program>(engine_, clock_, world_, events_, options_);
    auto submit = [this](state::spool::OutboxItem item) { return submit_report(&reports_, std::move(item)); };
    ASSERT_TRUE(test::run(program_->io, program_->queue.start(submit)));
    settle();
  }
  static asio::awaitable<bool> submit_report(std::vector<state::spool::OutboxItem>* to, state::spool::OutboxItem item) {
    to->push_back(std::move(item));
    co_return true;
  }
  /// Lets the keeper look at the clock several times, then goes on while anything is under way. No time is waited for:
  /// the keeper's own timer, every 2 ms, is what runs.
  void settle() {
    program_->io.restart();
    for (int steps = 0; steps < 15; ++steps) program_->io.run_one_for(1s);
    for (int steps = 0; steps < 20'000 && busy(); ++steps) program_->io.run_one_for(1s);
    for (int steps = 0; steps < 15; ++steps) program_->io.run_one_for(1s);
  }
  bool busy() {
    const auto figures = program_->queue.figures(0);
    return !world_.hangs && (figures.taken > 0 || figures.connections > 0 || figures.searching > 0) &&
           figures.lanes_resting == 0 && !figures.suspended;
  }
  void pass(std::chrono::milliseconds time) {
    clock_.advance(time);
    settle();
  }
  void stop(std::chrono::milliseconds drain = 0ms) { test::run(program_->io, stop_queue(&program_->queue, drain)); }
  static asio::awaitable<bool> stop_queue(Queue* queue, std::chrono::milliseconds drain) {
    co_await queue->stop(drain);
    co_return true;
  }
  /// The program ends where it is.
  void kill() { program_.reset(); }

  QueueEntry entry(std::vector<std::string> addresses, std::string domain) {
    QueueEntry made;
    message_ = delivery::QueueId::make(++stamp_, 7);
    made.id = EntryId::make(message_, domain, "");
    made.domain = std::move(domain);
    made.sender = "alice@demo.test";
    for (auto& address : addresses) {
      state::spool::QueuedRecipient recipient;
      recipient.address = std::move(address);
      made.recipients.push_back(std::move(recipient));
    }
    made.accepted_at = made.due_at = clock_.now();
    made.expires_at = clock_.now() + 120h;
    made.delay_notice_at = clock_.now() + 4h;
    made.octets = 40;
    made.chunks = 1;
    made.trace = "Received: from here\r\n";
    return made;
  }
  std::vector<state::spool::SharedEntry> enqueue(QueueEntry made) {
    const auto shard = state::spool::shard_of(made.domain);
    Enqueue step;
    step.entries.push_back(std::move(made));
    step.last_chunk = "Subject: hello\r\n\r\nThis is the text.\r\n";
    auto stored = test::run(program_->io, program_->shards.enqueue(shard, std::move(step)));
    EXPECT_TRUE(stored);
    return *stored;
  }
  void send(QueueEntry made) {
    program_->queue.arrived(enqueue(std::move(made)), nullptr);
    settle();
  }
  /// The rows there are, whatever the queue thinks.
  std::size_t rows() {
    std::size_t count = 0;
    for (state::spool::Shard shard = 0; shard < state::spool::kShards; ++shard)
      count += test::run(program_->io, program_->shards.load(shard, std::nullopt, 1000))->entries.size();
    return count;
  }

  FixedClock clock_{kStart};
  io::engine::MemoryEngine engine_{{}};  // leases by the machine's clock: hours pass here in a moment
  World world_;
  Events events_;
  QueueOptions options_ = [] {
    QueueOptions options;
    options.hostname = "mx.demo.test";
    options.retries = {.reply = {5min}, .connect = {2min}, .dns = {1min}, .uncertain = 10min, .jitter = 0};
    options.schedule.concurrency.jitter = 0;
    options.tick = 2ms;
    options.try_again = 1ms;
    return options;
  }();
  std::vector<state::spool::OutboxItem> reports_;
  std::unique_ptr<Program> program_;
  delivery::QueueId message_;
  std::uint64_t stamp_ = 0;
};

}  // namespace veredus::work::queue
