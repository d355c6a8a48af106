#include "state/search/searcher.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "state/mailbox/message_table.h"
#include "state/search/body_pass.h"
#include "state/search/indexes.h"
#include "state/search/items_pass.h"
#include "state/search/memory_return.h"
#include "state/search/program.h"
#include "state/search/row_pass.h"
#include "state/search/search_memory.h"
#include "state/search/sort_columns.h"
#include "state/search/summary_pass.h"
#include "state/search/turns.h"

namespace veredus::state::search {
namespace {

using mailbox::Message;
using mailbox::MessageTable;

constexpr std::size_t kInPlace = 20'000;                   // rows looked at without a thread of the pool
constexpr std::size_t kInPlaceAsked = 100'000;             // rows times conditions, likewise
constexpr std::size_t kManyMessages = 200'000;             // so many leave memory behind that is worth giving back
constexpr std::size_t kOpenAtOnce = std::size_t{8} << 20;  // octets for messages that are looked into together
constexpr std::size_t kOpenMessages = 1024;                // so many at least
constexpr std::chrono::seconds kMemoryWait{10};            // for other searches to end
constexpr std::size_t kRowOctets = sizeof(Rows::value_type);

std::size_t turns_at_once(const Options& options) {
  if (options.turns != 0) return options.turns;
  return std::max<std::size_t>(options.lanes, std::thread::hardware_concurrency() + 1);
}

std::size_t octets_of(const IndexAnswer& answer) {
  std::size_t octets = 0;
  for (const auto& leaf : answer.leaves)
    if (leaf) octets += leaf->documents.capacity() / 8;
  return octets;
}

}  // namespace

/// One search under way.
class Searcher::Run {
 public:
  Run(const Searcher& searcher, AccountId account, std::shared_ptr<Progress> progress)
      : searcher_(searcher),
        scene_{searcher.mailboxes_, searcher.pool_, searcher.turns_.get(), account, progress},
        memory_(searcher.budget_, account, std::move(progress)) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  /// The last of a search that goes.
  ~Run() {
    if (messages_ >= kManyMessages) return_memory(*scene_.pool);
  }

  /// The messages found, by ascending UIDs. Good as long as this.
  Result<Rows> find(MailboxId mailbox, Query query);
  /// Goes over what is stored about messages.
  asio::awaitable<Pieces::Outcome> go(Pieces* pieces, std::size_t messages);
  /// Runs `job()` on a thread of the pool, in its turn.
  template <class Job>
  Result<std::invoke_result_t<Job>> compute(Job job);
  asio::awaitable<Pieces::Outcome> wait_for_memory(std::size_t octets) { return memory_.wait_for(octets, kMemoryWait); }
  asio::awaitable<Pieces::Outcome> read_columns(SortTable* table);
  [[nodiscard]] const Scene& scene() const { return scene_; }
  [[nodiscard]] SearchMemory& memory() { return memory_; }

 private:
  asio::awaitable<Pieces::Outcome> ask_index();
  asio::awaitable<Pieces::Outcome> decide_rows(Rows* found, Rows* open);
  asio::awaitable<Pieces::Outcome> decide_open(Rows open, Rows* found);
  asio::awaitable<Pieces::Outcome> decide_some(Rows some, Rows* found);
  void note_scanned(const std::vector<OpenBody>& open);

  const Searcher& searcher_;
  Scene scene_;
  SearchMemory memory_;
  std::shared_ptr<const MessageTable> table_;
  std::unique_ptr<Program> program_;
  std::shared_ptr<const IndexAnswer> index_;
  std::size_t messages_ = 0;  // gone over, some twice
  std::size_t scanned_ = 0;   // messages that are in no index
};

asio::awaitable<Pieces::Outcome> Searcher::Run::go(Pieces* pieces, std::size_t messages) {
  const std::size_t lanes = messages > 64 ? searcher_.options_.lanes : 1;
  messages_ += messages;
  co_return co_await run_lanes(pieces, lanes);
}

template <class Job>
Searcher::Result<std::invoke_result_t<Job>> Searcher::Run::compute(Job job) {
  const auto turn = co_await scene_.turn();
  if (scene_.stopped()) co_return std::unexpected(SearchError::kStopped);
  auto done = co_await scene_.pool->run(std::move(job));
  if (!done) co_return std::unexpected(SearchError::kBusy);
  if (scene_.stopped()) co_return std::unexpected(SearchError::kStopped);
  co_return *std::move(done);
}

asio::awaitable<Pieces::Outcome> Searcher::Run::decide_rows(Rows* found, Rows* open) {
  if (scene_.stopped()) co_return std::unexpected(SearchError::kStopped);
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(table_->size(), program_->bounds().size()));
  const std::size_t before = memory_.octets();
  VEREDUS_CO_TRY(co_await wait_for_memory(size * RowPass::kMessageOctets));
  RowPass pass(scene_, *program_, index_.get(), table_);
  const bool in_place = table_->size() <= kInPlace && table_->size() * program_->leaves().size() <= kInPlaceAsked;
  for (bool more = true; more;) {
    auto job = [&pass] { return pass.go_on(); };
    if (in_place) {
      more = job();
    } else {
      VEREDUS_CO_TRY(more, co_await compute(std::move(job)));
    }
  }
  *found = pass.take_found();
  *open = pass.take_open();
  memory_.shrink_to(before + (found->size() + 2 * open->size()) * kRowOctets);  // what is open may be found
  co_return Pieces::Outcome();
}

asio::awaitable<Pieces::Outcome> Searcher::Run::ask_index() {
  if (searcher_.indexes_ == nullptr || !Indexes::can_help(*program_)) co_return Pieces::Outcome();
  auto job = [this] { return searcher_.indexes_->ask(scene_.account, *program_); };
  VEREDUS_CO_TRY(index_, co_await compute(std::move(job)));
  co_return index_ == nullptr ? Pieces::Outcome() : memory_.take(octets_of(*index_));
}

/// Bodies that an index would have spared us.
void Searcher::Run::note_scanned(const std::vector<OpenBody>& open) {
  if (searcher_.indexes_ == nullptr || !Indexes::can_help(*program_)) return;
  const auto unknown = std::ranges::count_if(
      open, [this](const OpenBody& one) { return index_ == nullptr || !index_->document(one.message->body.email); });
  scanned_ += static_cast<std::size_t>(unknown);
  if (unknown > 0) searcher_.indexes_->note_scanned(scene_.account, scanned_);
}

Searcher::Result<Rows> Searcher::Run::find(MailboxId mailbox, Query query) {
  if (size_of(query) > searcher_.options_.conditions) co_return std::unexpected(SearchError::kTooComplex);
  const auto status = co_await scene_.mailboxes->status(scene_.account, mailbox);
  if (!status) co_return std::unexpected(from_mailbox(status.error()));
  auto table = co_await scene_.mailboxes->table(scene_.account, mailbox);
  if (!table) co_return std::unexpected(from_mailbox(table.error()));
  table_ = *std::move(table);
  program_ = std::make_unique<Program>(query, status->keywords);
  VEREDUS_CO_TRY(co_await ask_index());
  Rows found;
  Rows open;
  VEREDUS_CO_TRY(co_await decide_rows(&found, &open));
  if (!open.empty()) {
    VEREDUS_CO_TRY(co_await decide_open(std::move(open), &found));
    std::ranges::sort(found, {}, &Message::uid);
  }
  index_.reset();
  memory_.shrink_to(found.size() * kRowOctets);
  co_return found;
}

/// Some after the others, so that the memory is bounded however many there are.
asio::awaitable<Pieces::Outcome> Searcher::Run::decide_open(Rows open, Rows* found) {
  if (scene_.progress) scene_.progress->total.store(static_cast<std::uint32_t>(open.size()));
  sort_for_reading(open);
  const std::size_t octets_each = kOpenOctets + program_->leaves().size();
  const std::size_t at_once = std::min(open.size(), std::max(kOpenAtOnce / octets_each, kOpenMessages));
  VEREDUS_CO_TRY(co_await wait_for_memory(at_once * octets_each));
  const std::size_t granted = memory_.octets();
  for (auto at = open.cbegin(); at != open.cend();) {
    const auto end = at + std::min(static_cast<std::ptrdiff_t>(at_once), open.cend() - at);
    auto some = Rows(at, end);
    at = end;
    VEREDUS_CO_TRY(co_await decide_some(std::move(some), found));
    memory_.shrink_to(granted);
  }
  co_return Pieces::Outcome();
}

asio::awaitable<Pieces::Outcome> Searcher::Run::decide_some(Rows some, Rows* found) {
  SummaryPass summaries(scene_, *program_, index_.get(), memory_, std::move(some));
  VEREDUS_CO_TRY(co_await go(&summaries, summaries.messages().size()));
  for (std::size_t i = 0; i < summaries.messages().size(); ++i)
    if (summaries.found(i)) found->push_back(summaries.messages()[i]);
  auto undecided = summaries.take_open();
  scene_.note_done(summaries.messages().size() - undecided.size());
  if (undecided.empty()) co_return Pieces::Outcome();
  note_scanned(undecided);
  BodyPass bodies(scene_, *program_, std::move(undecided));
  VEREDUS_CO_TRY(co_await go(&bodies, bodies.open().size()));
  for (std::size_t i = 0; i < bodies.open().size(); ++i)
    if (bodies.found(i)) found->push_back(bodies.open()[i].message);
  co_return Pieces::Outcome();
}

/// Gives the table its columns: those that are known, with what is missing in them.
asio::awaitable<Pieces::Outcome> Searcher::Run::read_columns(SortTable* table) {
  const auto& wanted = table->wanted();
  std::vector<std::shared_ptr<const SortColumn>> columns;
  columns.reserve(wanted.size());
  for (const auto by : wanted) columns.push_back(searcher_.columns_->get(scene_.account, by));
  auto missing = table->set_columns(columns);
  if (missing.empty()) co_return Pieces::Outcome();
  std::size_t octets = missing.size() * wanted.size() * sizeof(SortValue);
  for (const auto& known : columns) octets += known ? known->octets() : 0;  // grown ones are new
  VEREDUS_CO_TRY(co_await wait_for_memory(octets));
  const std::size_t messages = missing.size();
  SortPass pass(scene_, wanted, memory_, std::move(missing));
  VEREDUS_CO_TRY(co_await go(&pass, messages));
  for (std::size_t i = 0; i < columns.size(); ++i)
    columns[i] = searcher_.columns_->add(scene_.account, wanted[i], columns[i], pass.take(i));
  (void)table->set_columns(std::move(columns));
  co_return Pieces::Outcome();
}

Searcher::Searcher(mailbox::Mailboxes& mailboxes, io::net::WorkerPool& pool, Indexes* indexes, Options options)
    : mailboxes_(&mailboxes),
      pool_(&pool),
      indexes_(indexes),
      options_(options),
      columns_(std::make_unique<SortColumns>(options.sort_octets)),
      budget_(std::make_shared<SearchBudget>(options.memory_octets)),
      turns_(std::make_unique<Turns>(turns_at_once(options))) {}
Searcher::~Searcher() = default;

Searcher::Result<Matches> Searcher::search(AccountId account, MailboxId mailbox, Query query,
                                           std::shared_ptr<Progress> progress) {
  Run run(*this, account, std::move(progress));
  VEREDUS_CO_TRY(const auto found, co_await run.find(mailbox, std::move(query)));
  Matches matches;
  matches.uids.reserve(found.size());
  for (const auto* message : found) {
    matches.uids.push_back(message->uid);
    matches.highest_modseq = std::max(matches.highest_modseq, message->modseq);
  }
  co_return matches;
}

Searcher::Result<Matches> Searcher::sort(AccountId account, MailboxId mailbox, Query query, std::vector<SortKey> keys,
                                         std::shared_ptr<Progress> progress) {
  Run run(*this, account, std::move(progress));
  VEREDUS_CO_TRY(auto found, co_await run.find(mailbox, std::move(query)));
  VEREDUS_CO_TRY(co_await run.wait_for_memory(found.size() * (kRowOctets + sizeof(SortItems::Item))));
  sort_for_reading(found);
  SortTable table(std::move(keys), std::move(found));
  VEREDUS_CO_TRY(co_await run.read_columns(&table));
  auto job = [&table, &run] { return table.sorted(run.memory()); };
  VEREDUS_CO_TRY(auto computed, co_await run.compute(std::move(job)));
  VEREDUS_CO_TRY(const auto sorted, std::move(computed));
  Matches matches;
  matches.uids.reserve(sorted.items().size());
  for (const auto& item : sorted.items()) {
    matches.uids.push_back(item.uid);
    matches.highest_modseq = std::max(matches.highest_modseq, item.modseq);
  }
  co_return matches;
}

Searcher::Result<Threads> Searcher::thread(AccountId account, MailboxId mailbox, Query query, ThreadBy by,
                                           std::shared_ptr<Progress> progress) {
  Run run(*this, account, std::move(progress));
  const ThreadPermit permit = [&run](std::size_t octets) { return run.memory().take(octets); };
  VEREDUS_CO_TRY(auto found, co_await run.find(mailbox, std::move(query)));
  VEREDUS_CO_TRY(co_await run.wait_for_memory(found.size() * kThreadMessageOctets));
  sort_for_reading(found);
  ThreadPass pass(run.scene(), by, permit, std::move(found));
  VEREDUS_CO_TRY(co_await run.go(&pass, pass.messages().size()));
  auto job = [by, &pass, &permit] { return make_threads(pass.take_items(), by, permit); };
  VEREDUS_CO_TRY(auto threads, co_await run.compute(std::move(job)));
  co_return threads;
}

}  // namespace veredus::state::search
