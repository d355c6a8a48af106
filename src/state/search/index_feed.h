#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/types/ids.h"
#include "io/net/asio.h"
#include "io/net/worker_pool.h"
#include "state/mailbox/mailboxes.h"
#include "state/search/index.h"
#include "state/search/index_shelf.h"

namespace veredus::state::search {

/// Brings one account's index up to its change log. Lives as long as that takes.
class IndexFeed {
 public:
  enum class Outcome : std::uint8_t {
    kUpToDate,
    kStartAnew,  // most of what the index holds is gone: drop it, and feed it again
    kFailed,     // not now
  };

  /// `thread` has one thread; all must outlive it.
  IndexFeed(mailbox::Mailboxes& mailboxes, io::net::WorkerPool& thread, IndexShelf& shelf, AccountId account);

  asio::awaitable<Outcome> run();
  [[nodiscard]] std::size_t indexed() const { return indexed_; }
  /// Why it failed, for people.
  [[nodiscard]] std::string_view why() const { return why_; }

 private:
  using Done = std::expected<void, std::string_view>;

  asio::awaitable<Done> open();
  asio::awaitable<Done> fill();
  asio::awaitable<Done> follow(ModSeq position);
  asio::awaitable<std::expected<std::vector<EmailId>, std::string_view>> all_emails();
  asio::awaitable<Done> add(std::vector<EmailId> emails);
  asio::awaitable<Done> add_some(const std::vector<mailbox::StoredEmail>* emails, std::vector<EmailId> ids);
  asio::awaitable<Done> add_one(mailbox::StoredBody body, std::string part_table, std::string first);
  asio::awaitable<Done> commit(std::optional<ModSeq> position);

  mailbox::Mailboxes& mailboxes_;
  io::net::WorkerPool& thread_;
  IndexShelf& shelf_;
  AccountId account_;
  std::unique_ptr<IndexWriter> writer_;  // used on the thread alone
  MessageTrigrams trigrams_;             // so
  std::uint64_t destroyed_ = 0;
  std::size_t indexed_ = 0;
  std::uint64_t uncommitted_octets_ = 0;
  std::string_view why_;
};

}  // namespace veredus::state::search
