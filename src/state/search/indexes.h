#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/types/ids.h"
#include "io/net/asio.h"
#include "state/search/index_answer.h"
#include "state/search/program.h"

namespace veredus::base::observe {
class Logger;
class Metrics;
}  // namespace veredus::base::observe
namespace veredus::state::mailbox {
class Mailboxes;
}

namespace veredus::state::search {

/// Which accounts get an index.
enum class Indexing : std::uint8_t {
  kOff,
  kOnDemand,  // those whose bodies were searched, and had `min_messages` messages to read for it
  kAlways,
};

struct IndexesOptions {
  std::filesystem::path folder;  // "<data>/search": one folder in it for each account, named by its id
  Indexing indexing = Indexing::kOnDemand;
  std::uint32_t min_messages = 1000;
  std::chrono::seconds update_every{60};  // how soon new mail gets into the index
  std::uint32_t open = 100;               // indexes kept open for reading, the longest unused out first
};

/// The indexes of all accounts, and the one that keeps them up: a background coroutine follows the change logs, and
/// reads and indexes messages on a thread of its own, of low priority. What is not in an index yet is scanned, so
/// searches are exact whatever it is doing. Everything but work() may be called from any thread.
class Indexes {
 public:
  /// All must outlive it.
  Indexes(mailbox::Mailboxes& mailboxes, base::observe::Logger& log, base::observe::Metrics& metrics,
          IndexesOptions options);
  ~Indexes();
  Indexes(const Indexes&) = delete;
  Indexes& operator=(const Indexes&) = delete;

  /// Whether any index could say anything to it.
  [[nodiscard]] static bool can_help(const Program& program);
  /// What the account's index says; null: nothing. Waits for the disk.
  [[nodiscard]] std::shared_ptr<const IndexAnswer> ask(AccountId account, const Program& program);
  /// A search of bodies had to read so many messages that are not in the index.
  void note_scanned(AccountId account, std::size_t messages);

  /// Drops the account's index and makes it anew, whatever `indexing` says but kOff. False: it is kOff.
  bool rebuild(AccountId account);
  /// The account is no more.
  void erase(AccountId account);

  /// Keeps the indexes up until it is cancelled. Once.
  asio::awaitable<void> work();
  /// Indexes what has been asked for so far, and answers when it is in. For commands and tests, instead of work().
  asio::awaitable<void> work_off();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace veredus::state::search
