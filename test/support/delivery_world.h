#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/crypto/secret.h"
#include "base/observe/log.h"
#include "base/types/clock.h"
#include "io/engine/memory_engine.h"
#include "io/net/memory_budget.h"
#include "io/net/task_group.h"
#include "state/directory/directory.h"
#include "state/journal/journal.h"
#include "state/mailbox/mailboxes.h"
#include "state/spool/queue_shards.h"
#include "state/spool/spool.h"
#include "support/run.h"
#include "work/delivery/fan_out.h"
#include "work/delivery/queue_id.h"
#include "work/delivery/queue_sink.h"
#include "work/delivery/reception.h"
#include "work/delivery/router.h"
#include "work/delivery/submission.h"

namespace veredus::test {

/// A queue that only remembers what came.
class QueueListener final : public work::delivery::QueueSink {
 public:
  void arrived(std::vector<std::shared_ptr<const state::spool::QueueEntry>> more,
               std::shared_ptr<const std::string> /*octets*/) override {
    entries.insert(entries.end(), more.begin(), more.end());
  }
  void came_back(work::delivery::CameBack mail) override { back.push_back(std::move(mail)); }
  [[nodiscard]] bool full() const override { return is_full; }

  std::vector<std::shared_ptr<const state::spool::QueueEntry>> entries;
  std::vector<work::delivery::CameBack> back;
  bool is_full = false;
};

/// Everything delivery works with, over engines that outlive it: made a second time over the same engines it is the
/// program after a crash. For tests only.
class DeliveryWorld {
 public:
  struct Settings {
    std::size_t budget_octets = std::size_t{64} << 20;
    work::delivery::FanOut::Options fan_out = {};
    work::delivery::Receptions::Options receptions = {.max_octets = 100U << 20, .budget_wait = std::chrono::seconds(0)};
  };

  DeliveryWorld(io::engine::Engine& mail, io::engine::Engine& names, const Clock& clock)
      : DeliveryWorld(mail, names, clock, Settings{}) {}
  DeliveryWorld(io::engine::Engine& mail, io::engine::Engine& names, const Clock& clock, const Settings& settings)
      : mailboxes(mail, clock, {}),
        spool(mail, clock, {}),
        shards(mail, clock, {}),
        journal(mail, clock, {}),
        ids(clock),
        budget(settings.budget_octets),
        tasks(io.get_executor()),
        directory(*run(io, state::directory::Directory::open(&names, nullptr, &clock, directory_options()))),
        fan_out({.clock = clock,
                 .directory = *directory,
                 .mailboxes = mailboxes,
                 .spool = spool,
                 .shards = shards,
                 .queue = queue,
                 .journal = journal,
                 .log = log,
                 .executors = {io.get_executor()}},
                settings.fan_out),
        router(*directory, mailboxes, clock, {}),
        receptions({.clock = clock,
                    .engine = mail,
                    .ids = ids,
                    .mailboxes = mailboxes,
                    .spool = spool,
                    .shards = shards,
                    .fan_out = fan_out,
                    .queue = queue,
                    .journal = journal,
                    .budget = budget,
                    .tasks = tasks},
                   settings.receptions) {}

  static state::directory::Directory::Options directory_options() {
    state::directory::Directory::Options options;
    options.sealing_key = base::crypto::Secret(std::string(32, 'k'));
    return options;
  }

  template <class T>
  T await(asio::awaitable<T> work) {
    return run(io, std::move(work));
  }

  /// Lets everything in the background go on until it has nothing more to do.
  void settle() {
    io.restart();
    io.poll();
  }

  AccountId add_account(std::string address, state::directory::Quota quota = {}) {
    state::directory::NewAccount account{.address = std::move(address), .quota = quota};
    return await(directory->create_account(std::move(account)))->id;
  }

  void add_alias(std::string address, std::vector<std::string> targets) {
    state::directory::NewAlias alias{.address = std::move(address), .targets = std::move(targets)};
    await(directory->put_alias(std::move(alias)));
  }

  /// The messages in an account's INBOX, whole.
  std::vector<std::string> inbox(AccountId account) {
    using state::mailbox::kInbox;
    std::vector<std::string> octets;
    const auto page = await(mailboxes.messages(account, kInbox, Uid(1), Uid(0xFFFFFFFF), 1000));
    for (const auto& message : page->messages) octets.push_back(read(account, message.body));
    return octets;
  }

  std::string read(AccountId account, state::mailbox::StoredBody body) {
    std::string octets;
    while (octets.size() < body.octets) {
      const auto piece = await(mailboxes.read_body(account, body, octets.size(), 1U << 20));
      if (!piece || piece->empty()) return "torn";
      octets += *piece;
    }
    return octets;
  }

  asio::io_context io;
  base::observe::Logger log;
  state::mailbox::Mailboxes mailboxes;
  state::spool::Spool spool;
  state::spool::QueueShards shards;
  QueueListener queue;
  state::journal::Journal journal;
  work::delivery::MessageIds ids;
  io::net::MemoryBudget budget;
  io::net::TaskGroup tasks;
  std::unique_ptr<state::directory::Directory> directory;
  work::delivery::FanOut fan_out;
  work::delivery::Router router;
  work::delivery::Receptions receptions;
};

}  // namespace veredus::test
