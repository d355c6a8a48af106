#include "state/search/indexes.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "base/observe/log.h"
#include "base/observe/metrics.h"
#include "io/net/deadline.h"
#include "io/net/worker_pool.h"
#include "state/mailbox/mailboxes.h"
#include "state/search/fold.h"
#include "state/search/index_feed.h"
#include "state/search/index_shelf.h"

namespace veredus::state::search {
namespace {

constexpr std::chrono::milliseconds kTick{500};  // how often somebody looks whether there is anything to do
constexpr std::size_t kTail = 64;                // messages not in an index yet that are worth not waiting for its turn
constexpr std::uint32_t kAccountsAtOnce = 200;
constexpr int kLowPriority = 10;

/// The accounts that have a folder.
std::vector<AccountId> indexed_accounts(const std::filesystem::path& folder) {
  std::vector<AccountId> accounts;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const auto name = entry.path().filename().string();
    std::uint64_t id = 0;
    const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (failed == std::errc() && end == name.data() + name.size()) accounts.emplace_back(id);
  }
  std::ranges::sort(accounts);
  return accounts;
}

}  // namespace

class Indexes::Impl {
 public:
  Impl(mailbox::Mailboxes& mailboxes_in, base::observe::Logger& log_in, base::observe::Metrics& metrics,
       IndexesOptions options_in)
      : mailboxes(mailboxes_in),
        log(log_in),
        options(std::move(options_in)),
        shelf(options.folder, options.open),
        messages(metrics.counter("veredus_search_indexed_messages_total", "Messages put into a search index.")),
        failures(metrics.counter("veredus_search_index_failures_total", "Times a search index could not be written.")),
        rebuilds(metrics.counter("veredus_search_index_rebuilds_total", "Search indexes dropped and made anew.")) {
    metrics.sampled_gauge("veredus_search_indexes", "Accounts that have a search index.",
                          [this] { return static_cast<double>(count.load(std::memory_order_relaxed)); });
    metrics.sampled_gauge("veredus_search_index_queue", "Accounts whose search index waits for its turn or has it.",
                          [this] { return static_cast<double>(under_way()); });
  }

  void want(AccountId account) {
    const std::scoped_lock lock(mutex);
    if (queued.insert(account).second) queue.push_back(account);
  }
  std::optional<AccountId> take() {
    const std::scoped_lock lock(mutex);
    if (queue.empty()) return std::nullopt;
    const auto account = queue.front();
    queue.pop_front();
    queued.erase(account);
    has_turn = true;
    return account;
  }
  void end_turn() {
    const std::scoped_lock lock(mutex);
    has_turn = false;
  }
  std::size_t under_way() const {
    const std::scoped_lock lock(mutex);
    return queue.size() + (has_turn ? 1 : 0);
  }
  /// Asks for the folder's removal, by the thread that writes.
  void want_dropped(AccountId account) {
    const std::scoped_lock lock(mutex);
    dropped.insert(account);
  }
  void drop(AccountId account) {
    shelf.forget(account);
    std::error_code error;
    std::filesystem::remove_all(shelf.path_of(account), error);
    positions.erase(account);
    if (error) log.warning("search.index_not_removed", {{"account", account.value}, {"why", error.message()}});
  }
  void drop_wanted() {
    std::set<AccountId> some;
    {
      const std::scoped_lock lock(mutex);
      some.swap(dropped);
    }
    for (const auto account : some) drop(account);
  }

  asio::awaitable<void> update(AccountId account);
  asio::awaitable<void> work_off();
  asio::awaitable<void> look_for_stale();
  asio::awaitable<void> look_for_new();
  asio::awaitable<bool> is_there(AccountId account);

  mailbox::Mailboxes& mailboxes;
  base::observe::Logger& log;
  const IndexesOptions options;
  IndexShelf shelf;
  base::observe::Counter& messages;
  base::observe::Counter& failures;
  base::observe::Counter& rebuilds;
  std::atomic<std::size_t> count{0};
  std::map<AccountId, ModSeq> positions;  // that indexes were brought up to by this program; work()'s own

  mutable std::mutex mutex;
  std::deque<AccountId> queue;
  std::set<AccountId> queued;
  bool has_turn = false;  // an account's index is being written
  std::set<AccountId> dropped;
  io::net::WorkerPool thread{{.threads = 1, .niceness = kLowPriority, .name = "search"}};  // stops first
};

/// An account that was erased must not come to life again by being asked about.
asio::awaitable<bool> Indexes::Impl::is_there(AccountId account) {
  const auto next = co_await mailboxes.accounts(account, 1);
  co_return next && !next->empty() && next->front() == account;
}

asio::awaitable<void> Indexes::Impl::update(AccountId account) {
  const bool there = co_await is_there(account);
  if (!there) {
    drop(account);
    co_return;
  }
  const auto reached = co_await mailboxes.highest_modseq(account);
  IndexFeed feed(mailboxes, thread, shelf, account);
  const auto outcome = co_await feed.run();
  messages.add(feed.indexed());
  shelf.note_commit(account);
  if (outcome == IndexFeed::Outcome::kFailed) {
    failures.add();
    log.warning("search.index_failed", {{"account", account.value}, {"why", feed.why()}});
    co_return;
  }
  if (reached) positions[account] = *reached;
  if (feed.indexed() > 0) log.debug("search.indexed", {{"account", account.value}, {"messages", feed.indexed()}});
  if (outcome != IndexFeed::Outcome::kStartAnew) co_return;
  rebuilds.add();
  drop(account);
  want(account);
}

asio::awaitable<void> Indexes::Impl::work_off() {
  drop_wanted();
  while (const auto account = take()) {
    drop_wanted();
    co_await update(*account);
    end_turn();
    count = indexed_accounts(options.folder).size();
  }
}

asio::awaitable<void> Indexes::Impl::look_for_stale() {
  const auto accounts = indexed_accounts(options.folder);
  count = accounts.size();
  for (const auto account : accounts) {
    const bool there = co_await is_there(account);
    if (!there) {
      drop(account);
      continue;
    }
    const auto now = co_await mailboxes.highest_modseq(account);
    const auto known = positions.find(account);
    if (now && (known == positions.end() || known->second < *now)) want(account);
  }
}

asio::awaitable<void> Indexes::Impl::look_for_new() {
  const auto indexed = indexed_accounts(options.folder);
  for (AccountId from{0};;) {
    const auto accounts = co_await mailboxes.accounts(from, kAccountsAtOnce);
    if (!accounts || accounts->empty()) co_return;
    for (const auto account : *accounts)
      if (!std::ranges::binary_search(indexed, account)) want(account);
    from = AccountId(accounts->back().value + 1);
  }
}

Indexes::Indexes(mailbox::Mailboxes& mailboxes, base::observe::Logger& log, base::observe::Metrics& metrics,
                 IndexesOptions options)
    : impl_(std::make_unique<Impl>(mailboxes, log, metrics, std::move(options))) {}
Indexes::~Indexes() = default;

bool Indexes::can_help(const Program& program) {
  return std::ranges::any_of(program.leaves(), [](const Leaf& leaf) {
    const bool text = std::holds_alternative<HeaderHas>(leaf.is) || std::holds_alternative<BodyHas>(leaf.is) ||
                      std::holds_alternative<TextHas>(leaf.is);
    return text && code_points(leaf.needle.folded()) >= 3;
  });
}

std::shared_ptr<const IndexAnswer> Indexes::ask(AccountId account, const Program& program) {
  if (impl_->options.indexing == Indexing::kOff) return nullptr;
  auto answer = impl_->shelf.ask(account, program);
  if (answer) return std::make_shared<IndexAnswer>(*std::move(answer));
  if (answer.error() == IndexError::kMissing) return nullptr;
  impl_->log.warning("search.index_dropped", {{"account", account.value}, {"why", to_string(answer.error())}});
  rebuild(account);
  return nullptr;
}

void Indexes::note_scanned(AccountId account, std::size_t messages) {
  if (impl_->options.indexing == Indexing::kOff) return;
  std::error_code error;
  const bool indexed = std::filesystem::exists(impl_->shelf.path_of(account), error);
  if (messages >= (indexed ? kTail : impl_->options.min_messages)) impl_->want(account);
}

bool Indexes::rebuild(AccountId account) {
  if (impl_->options.indexing == Indexing::kOff) return false;
  impl_->rebuilds.add();
  impl_->want_dropped(account);
  impl_->want(account);
  return true;
}

void Indexes::erase(AccountId account) {
  if (impl_->options.indexing == Indexing::kOff)  // nobody writes, and work() does nothing
    impl_->drop(account);
  else
    impl_->want_dropped(account);
}

asio::awaitable<void> Indexes::work() {
  if (impl_->options.indexing == Indexing::kOff) co_return;
  std::chrono::milliseconds since_look = impl_->options.update_every;  // the first look is at once
  while (true) {
    if (since_look >= impl_->options.update_every) {
      co_await impl_->look_for_stale();
      if (impl_->options.indexing == Indexing::kAlways) co_await impl_->look_for_new();
      since_look = {};
    }
    co_await impl_->work_off();
    co_await io::net::pause(kTick);
    since_look += kTick;
  }
}

asio::awaitable<void> Indexes::work_off() { co_await impl_->work_off(); }

}  // namespace veredus::state::search
