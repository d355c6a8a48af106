#include "work/queue/queue.h"

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
#include "state/directory/directory.h"
#include "state/spool/spooled_message.h"
#include "support/run.h"
#include "work/delivery/queue_id.h"
#include "work/delivery/routes.h"
#include "work/queue/carrier.h"

namespace veredus::work::queue {
namespace {

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
  asio::awaitable<TransactionResult> send(std::shared_ptr<const smtpclient::Outgoing> message) override {
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
               .carrier = carrier,
               .ids = ids,
               .journal = events,
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
    made.accepted_at = clock_.now();
    made.due_at = clock_.now();
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
    program_->queue.arrived(enqueue(std::move(made)));
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

TEST_F(QueueTest, SendsWhatArrivesAndLeavesNothingBehind) {
  begin();
  send(entry({"bob@example.org"}, "example.org"));
  EXPECT_EQ(world_.delivered, std::vector<std::string>{"bob@example.org: Subject: hello"});
  EXPECT_EQ(rows(), 0U);
  EXPECT_EQ(program_->queue.size(), 0U);
  EXPECT_EQ(events_.count("sent"), 1U);
  EXPECT_TRUE(reports_.empty());
  stop();
}

TEST_F(QueueTest, AllRecipientsAtASiteGoInOneTransaction) {
  begin();
  auto a = entry({"a@one.test", "b@one.test"}, "one.test");
  auto b = a;
  b.id = EntryId::make(message_, "two.test", "");
  b.domain = "two.test";
  b.recipients = {a.recipients[0]};
  b.recipients[0].address = "c@two.test";
  auto stored = enqueue(a);
  for (auto& more : enqueue(b)) stored.push_back(more);
  world_.closed_hosts = {"mx1", "mx2"};  // so that both are ready before either is tried
  program_->queue.arrived(stored);
  settle();
  world_.closed_hosts.clear();
  pass(1h);
  ASSERT_FALSE(world_.transaction_sizes.empty());
  EXPECT_EQ(world_.delivered.size(), 3U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, TriesTheNextHostWhenTheFirstIsDown) {
  world_.closed_hosts = {"mx1"};
  begin();
  send(entry({"bob@example.org"}, "example.org"));
  EXPECT_EQ(world_.connections, std::vector<std::string>{"mx2"});
  EXPECT_EQ(world_.delivered.size(), 1U);
  stop();
}

TEST_F(QueueTest, RetriesWhatWasPutOff) {
  world_.replies["bob@example.org"] = make_reply(451, 7, 1, "greylisted");
  begin();
  send(entry({"bob@example.org"}, "example.org"));
  EXPECT_TRUE(world_.delivered.empty());
  EXPECT_EQ(events_.count("deferred"), 1U);
  EXPECT_EQ(rows(), 1U);
  world_.replies.clear();
  pass(4min);
  EXPECT_TRUE(world_.delivered.empty());
  pass(2min);
  EXPECT_EQ(world_.delivered.size(), 1U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, ARefusalIsReportedToTheSender) {
  world_.replies["bob@example.org"] = make_reply(550, 1, 1, "no such user");
  begin();
  send(entry({"bob@example.org", "eve@example.org"}, "example.org"));
  EXPECT_EQ(world_.delivered.size(), 1U);
  EXPECT_EQ(rows(), 0U);
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_EQ(reports_[0].recipient, "alice@demo.test");
  EXPECT_NE(reports_[0].message.find("Action: failed"), std::string::npos);
  EXPECT_NE(reports_[0].message.find("Subject: hello"), std::string::npos);
  EXPECT_EQ(events_.count("bounced"), 1U);
  stop();
}

TEST_F(QueueTest, ABounceIsNeverBounced) {
  world_.replies["bob@example.org"] = make_reply(550, 1, 1, "no such user");
  begin();
  auto made = entry({"bob@example.org"}, "example.org");
  made.sender.reset();
  send(made);
  EXPECT_TRUE(reports_.empty());
  EXPECT_EQ(events_.count("report_dropped"), 1U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, ADomainThatTakesNoMailBouncesAtOnce) {
  world_.no_sites["null.test"] = smtpclient::SiteError::kNullMx;
  begin();
  send(entry({"bob@null.test"}, "null.test"));
  EXPECT_EQ(reports_.size(), 1U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, TellsOfADelayOnceAndGivesUpAtTheEnd) {
  world_.closed_hosts = {"mx1", "mx2"};
  begin();
  send(entry({"bob@example.org"}, "example.org"));
  for (int hour = 0; hour < 5; ++hour) pass(1h);
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_NE(reports_[0].message.find("Action: delayed"), std::string::npos);
  pass(60h);
  pass(60h);
  ASSERT_EQ(reports_.size(), 2U);
  EXPECT_NE(reports_[1].message.find("Action: failed"), std::string::npos);
  EXPECT_EQ(events_.count("expired"), 1U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, ARestartTakesUpWhatWasThere) {
  world_.closed_hosts = {"mx1", "mx2"};
  begin();
  for (int i = 0; i < 20; ++i) send(entry({"bob@example.org"}, "d" + std::to_string(i) + ".test"));
  stop();
  kill();
  world_.closed_hosts.clear();
  begin();
  pass(10min);
  EXPECT_EQ(world_.delivered.size(), 20U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, WhatWasCutOffIsUncertainAfterARestart) {
  begin();
  world_.breaks_at_final_dot = false;
  auto made = entry({"bob@example.org"}, "example.org");
  const auto stored = enqueue(made);
  std::vector<state::spool::AttemptMark> marks;
  marks.push_back({.id = made.id, .at = clock_.now(), .host = "mx1", .epoch = 0});
  ASSERT_TRUE(test::run(program_->io, program_->shards.mark(state::spool::shard_of("example.org"), marks)));
  stop();
  kill();
  begin();
  EXPECT_EQ(events_.count("uncertain"), 1U);
  EXPECT_TRUE(world_.delivered.empty());
  pass(11min);
  EXPECT_EQ(world_.delivered.size(), 1U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, AReplyThatNeverCameIsUncertain) {
  world_.breaks_at_final_dot = true;
  begin();
  send(entry({"bob@example.org"}, "example.org"));
  EXPECT_EQ(events_.count("uncertain"), 1U);
  EXPECT_EQ(rows(), 1U);
  world_.breaks_at_final_dot = false;
  pass(11min);
  EXPECT_EQ(world_.delivered.size(), 1U);
  stop();
}

TEST_F(QueueTest, AStopCutsOffWhoTakesTooLong) {
  world_.hangs = true;
  begin();
  send(entry({"bob@example.org"}, "example.org"));
  stop();
  kill();
  world_.hangs = false;
  begin();
  pass(11min);
  EXPECT_EQ(world_.delivered.size(), 1U);
  stop();
}

TEST_F(QueueTest, ReportsLeftInTheOutboxAreSubmittedAfterARestart) {
  world_.replies["bob@example.org"] = make_reply(550, 1, 1, "no such user");
  program_ = std::make_unique<Program>(engine_, clock_, world_, events_, options_);
  auto never = [](state::spool::OutboxItem) -> asio::awaitable<bool> { co_return false; };
  ASSERT_TRUE(test::run(program_->io, program_->queue.start(never)));
  settle();
  send(entry({"bob@example.org"}, "example.org"));
  EXPECT_TRUE(reports_.empty());
  stop();
  kill();
  begin();
  settle();
  EXPECT_EQ(reports_.size(), 1U);
  stop();
}

TEST_F(QueueTest, APauseOutlivesARestart) {
  begin();
  state::spool::Pause pause;
  pause.of = state::spool::PauseOf::kDestination;
  pause.subject = "example.org";
  ASSERT_TRUE(test::run(program_->io, program_->queue.pause(pause)));
  send(entry({"bob@example.org"}, "example.org"));
  EXPECT_TRUE(world_.delivered.empty());
  stop();
  kill();
  begin();
  pass(10min);
  EXPECT_TRUE(world_.delivered.empty());
  EXPECT_EQ(program_->queue.pauses().size(), 1U);
  EXPECT_EQ(*test::run(program_->io, program_->queue.resume(pause.of, "example.org")), true);
  settle();
  EXPECT_EQ(world_.delivered.size(), 1U);
  stop();
}

TEST_F(QueueTest, APausedSenderWaits) {
  begin();
  state::spool::Pause pause;
  pause.of = state::spool::PauseOf::kSender;
  pause.subject = "alice@demo.test";
  ASSERT_TRUE(test::run(program_->io, program_->queue.pause(pause)));
  send(entry({"bob@example.org"}, "example.org"));
  auto other = entry({"bob@example.org"}, "example.org");
  other.sender = "carol@demo.test";
  send(other);
  EXPECT_EQ(world_.delivered.size(), 1U);
  EXPECT_TRUE(*test::run(program_->io, program_->queue.resume(pause.of, pause.subject)));
  settle();
  EXPECT_EQ(world_.delivered.size(), 2U);
  stop();
}

TEST_F(QueueTest, AnAdministratorHoldsReleasesAndDrops) {
  world_.closed_hosts = {"mx1", "mx2"};
  begin();
  send(entry({"bob@example.org"}, "example.org"));
  QueueQuery all;
  QueueChange hold;
  hold.kind = QueueChange::Kind::kHold;
  hold.reason = "looks odd";
  EXPECT_EQ(*test::run(program_->io, program_->queue.change(all, hold)), 1U);
  world_.closed_hosts.clear();
  pass(10h);
  EXPECT_TRUE(world_.delivered.empty());
  EXPECT_EQ(program_->queue.figures(5).parked, 1U);
  QueueChange release;
  release.kind = QueueChange::Kind::kRelease;
  release.due_at = clock_.now();
  EXPECT_EQ(*test::run(program_->io, program_->queue.change(all, release)), 1U);
  pass(1s);
  EXPECT_EQ(world_.delivered.size(), 1U);

  world_.closed_hosts = {"mx1", "mx2"};
  send(entry({"bob@example.org"}, "example.org"));
  QueueChange drop;
  drop.kind = QueueChange::Kind::kDrop;
  EXPECT_EQ(*test::run(program_->io, program_->queue.change(all, drop)), 1U);
  EXPECT_EQ(rows(), 0U);
  EXPECT_EQ(program_->queue.size(), 0U);
  EXPECT_EQ(events_.count("dropped"), 1U);
  stop();
}

TEST_F(QueueTest, AnAccountOverItsBrakeWaitsAndIsSeenToWait) {
  options_.brakes.messages_per_hour = 2;
  begin();
  for (int i = 0; i < 3; ++i) {
    auto made = entry({"bob@example.org"}, "example.org");
    made.submitter = AccountId{5};
    send(made);
  }
  EXPECT_EQ(world_.delivered.size(), 2U);
  const auto left =
      test::run(program_->io, program_->shards.load(state::spool::shard_of("example.org"), std::nullopt, 10));
  ASSERT_EQ(left->entries.size(), 1U);
  EXPECT_EQ(left->entries[0].entry.hold, state::spool::Hold::kBrake);
  EXPECT_EQ(left->entries[0].entry.hold_reason, "more than 2 messages per hour");
  EXPECT_EQ(test::run(program_->io, program_->queue.brakes(AccountId{5}))->messages_in_hour, 2U);
  pass(61min);
  settle();
  EXPECT_EQ(world_.delivered.size(), 3U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, LimitsOfAnAccountsOwnLetItsMailGo) {
  options_.brakes.messages_per_hour = 1;
  begin();
  for (int i = 0; i < 3; ++i) {
    auto made = entry({"bob@example.org"}, "example.org");
    made.submitter = AccountId{5};
    send(made);
  }
  EXPECT_EQ(world_.delivered.size(), 1U);
  BrakeLimits own;
  own.messages_per_hour = 100;
  ASSERT_TRUE(test::run(program_->io, program_->queue.set_brakes(AccountId{5}, own)));
  settle();
  EXPECT_EQ(world_.delivered.size(), 3U);
  stop();
}

TEST_F(QueueTest, NothingIsSentWhileTheStoreTakesNoWrites) {
  begin();
  const auto stored = enqueue(entry({"bob@example.org"}, "example.org"));
  engine_.report_health({.writable = false, .durable = true, .reason = "disk full"});
  pass(1s);
  program_->queue.arrived(stored);
  settle();
  EXPECT_TRUE(world_.delivered.empty());
  engine_.report_health({});
  pass(1s);
  EXPECT_EQ(world_.delivered.size(), 1U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, MailForLaterWaits) {  // RFC 4865
  begin();
  auto made = entry({"bob@example.org"}, "example.org");
  made.mail.hold_until = clock_.now() + 2h;
  send(made);
  EXPECT_TRUE(world_.delivered.empty());
  pass(1h);
  EXPECT_TRUE(world_.delivered.empty());
  pass(61min);
  EXPECT_EQ(world_.delivered.size(), 1U);
  stop();
}

TEST_F(QueueTest, ManyMessagesGoOverFewConnections) {
  begin();
  std::vector<state::spool::SharedEntry> all;
  for (int i = 0; i < 300; ++i)
    for (auto& one : enqueue(entry({"bob@example.org"}, "example.org"))) all.push_back(one);
  for (auto& one : all) program_->queue.arrived({one});
  settle();
  settle();
  EXPECT_EQ(world_.delivered.size(), 300U);
  EXPECT_LT(world_.connections.size(), 100U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, RecipientsOverAHostsLimitGoInFurtherTransactions) {
  world_.max_recipients = 2;
  begin();
  send(entry({"a@example.org", "b@example.org", "c@example.org", "d@example.org", "e@example.org"}, "example.org"));
  EXPECT_EQ(world_.delivered.size(), 5U);
  EXPECT_EQ(world_.transaction_sizes, (std::vector<std::size_t>{5, 3, 1}));
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, WhatOneHostCannotAnotherOfTheSiteMay) {
  world_.lacking_hosts = {"mx1"};
  begin();
  send(entry({"bob@example.org"}, "example.org"));
  EXPECT_EQ(world_.connections, (std::vector<std::string>{"mx1", "mx2"}));
  EXPECT_EQ(world_.delivered.size(), 1U);
  world_.lacking_hosts = {"mx1", "mx2"};
  send(entry({"bob@example.org"}, "example.org"));
  EXPECT_EQ(world_.delivered.size(), 1U);
  EXPECT_EQ(reports_.size(), 1U);
  EXPECT_EQ(rows(), 0U);
  stop();
}

TEST_F(QueueTest, AConnectionThatWentStaleIsReplacedAtOnce) {
  world_.stale_links = 1;
  begin();
  send(entry({"bob@example.org"}, "example.org"));
  EXPECT_EQ(world_.connections.size(), 2U);
  EXPECT_EQ(world_.delivered.size(), 1U);
  EXPECT_EQ(events_.count("deferred"), 0U);
  stop();
}

TEST_F(QueueTest, AMessageWhoseOctetsAreGoneStaysToBeSeen) {
  begin();
  auto made = entry({"bob@example.org"}, "example.org");
  made.chunks = 2;  // there is but one
  made.octets = state::spool::kChunkOctets + 1;
  const auto shard = state::spool::shard_of(made.domain);
  const auto stored = std::make_shared<const QueueEntry>(made);
  Enqueue step;
  auto as_stored = made;
  as_stored.chunks = 1;
  step.entries.push_back(as_stored);
  step.last_chunk = "x";
  ASSERT_TRUE(test::run(program_->io, program_->shards.enqueue(shard, std::move(step))));
  io::engine::Batch batch;
  batch.erase(state::spool::queue_keys::chunk(message_, 0));
  ASSERT_TRUE(test::run(program_->io, engine_.commit({io::engine::Kind::kQueue, shard}, std::move(batch),
                                                     io::engine::Durability::kSynced)));
  program_->queue.arrived({stored});
  settle();
  EXPECT_TRUE(world_.delivered.empty());
  const auto left = test::run(program_->io, program_->shards.load(shard, std::nullopt, 10));
  ASSERT_EQ(left->entries.size(), 1U);
  EXPECT_EQ(left->entries[0].entry.recipients[0].last_reply, "the message's octets could not be read");
  stop();
}

/// Whatever operation of the store fails, once: everything is sent in the end and nothing is lost.
TEST_F(QueueTest, NoFailureOfTheStoreLosesMail) {
  for (std::uint64_t n = 1; n <= 30; ++n) {
    SCOPED_TRACE(n);
    begin();
    world_.delivered.clear();
    const auto stored = enqueue(entry({"bob@example.org"}, "example.org"));
    engine_.plan_faults({.fail_at = engine_.operations() + n, .error = io::engine::StoreError::kUnavailable});
    program_->queue.arrived(stored);
    settle();
    pass(30s);
    pass(15min);
    pass(15min);
    engine_.plan_faults({});
    if (rows() != 0) {
      pass(1h);
      settle();
    }
    EXPECT_GE(world_.delivered.size(), 1U);
    EXPECT_EQ(rows(), 0U);
    stop();
    kill();
  }
}

}  // namespace
}  // namespace veredus::work::queue
