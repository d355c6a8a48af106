#include "state/search/searcher.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "state/mailbox/message_table.h"
#include "state/search/body_pass.h"
#include "state/search/indexes.h"
#include "state/search/items_pass.h"
#include "state/search/memory_return.h"
#include "state/search/program.h"
#include "state/search/sort_columns.h"
#include "state/search/summary_pass.h"
#include "state/search/thread_memory.h"

namespace veredus::state::search {
namespace {

using mailbox::Message;
using mailbox::MessageTable;

constexpr std::size_t kInPlace = 20'000;         // rows looked at without a thread of the pool
constexpr std::size_t kInPlaceAsked = 100'000;   // rows times conditions, likewise
constexpr std::size_t kLookEvery = 4096;         // rows
constexpr std::size_t kManyMessages = 200'000;   // so many leave memory behind that is worth giving back
constexpr std::chrono::seconds kMemoryWait{10};  // for others' THREADs to end

/// Messages decided by their rows, and those that are not.
struct Rows {
  std::vector<Message> found;
  std::vector<Message> open;
};

/// What of them was decided when it was stopped is of no use.
Rows decide_rows(const Program& program, const std::shared_ptr<const MessageTable>& table, const IndexAnswer* index,
                 const Scene& scene) {
  Rows rows;
  mailbox::TableWalk walk(table, program.bounds());
  std::size_t seen = 0;
  while (const Message* message = walk.next()) {
    if (++seen % kLookEvery == 0 && scene.stopped()) break;
    Verdict verdict = program.decide_by_row(*message);
    if (verdict == Verdict::kUnknown && index != nullptr) verdict = decide_by_index(program, *message, index);
    if (verdict == Verdict::kYes) rows.found.push_back(*message);
    if (verdict == Verdict::kUnknown) rows.open.push_back(*message);
  }
  return rows;
}

}  // namespace

/// One search under way.
class Searcher::Run {
 public:
  Run(const Searcher& searcher, AccountId account, std::shared_ptr<Progress> progress)
      : searcher_(searcher), scene_{searcher.mailboxes_, searcher.pool_, account, std::move(progress)} {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  /// The last of a search that goes.
  ~Run() {
    if (messages_ >= kManyMessages) return_memory(*scene_.pool);
  }

  /// The messages found, by ascending UIDs.
  Result<std::vector<Message>> find(MailboxId mailbox, Query query);
  /// Goes over what is stored about messages.
  asio::awaitable<Pieces::Outcome> go(Pieces* pieces, std::size_t messages);
  [[nodiscard]] const Scene& scene() const { return scene_; }

 private:
  asio::awaitable<Pieces::Outcome> ask_index();
  asio::awaitable<Pieces::Outcome> decide_open(std::vector<Message> open, std::vector<Message>* found);
  void note_scanned(const std::vector<OpenBody>& open) const;
  Result<Rows> rows(std::shared_ptr<const MessageTable> table);

  const Searcher& searcher_;
  Scene scene_;
  std::unique_ptr<Program> program_;
  std::shared_ptr<const IndexAnswer> index_;
  std::size_t messages_ = 0;  // gone over, some twice
};

asio::awaitable<Pieces::Outcome> Searcher::Run::go(Pieces* pieces, std::size_t messages) {
  const std::size_t lanes = messages > 64 ? searcher_.options_.lanes : 1;
  messages_ += messages;
  co_return co_await run_lanes(pieces, lanes);
}

Searcher::Result<Rows> Searcher::Run::rows(std::shared_ptr<const MessageTable> table) {
  if (scene_.stopped()) co_return std::unexpected(SearchError::kStopped);
  const bool in_place = table->size() <= kInPlace && table->size() * program_->leaves().size() <= kInPlaceAsked;
  if (in_place) co_return decide_rows(*program_, table, index_.get(), scene_);
  auto job = [this, table = std::move(table)] { return decide_rows(*program_, table, index_.get(), scene_); };
  auto rows = co_await scene_.pool->run(std::move(job));
  if (!rows) co_return std::unexpected(SearchError::kBusy);
  if (scene_.stopped()) co_return std::unexpected(SearchError::kStopped);
  co_return *std::move(rows);
}

asio::awaitable<Pieces::Outcome> Searcher::Run::ask_index() {
  if (searcher_.indexes_ == nullptr || !Indexes::can_help(*program_)) co_return Pieces::Outcome();
  auto job = [this] { return searcher_.indexes_->ask(scene_.account, *program_); };
  auto answer = co_await scene_.pool->run(std::move(job));
  if (!answer) co_return std::unexpected(SearchError::kBusy);
  index_ = *std::move(answer);
  co_return Pieces::Outcome();
}

/// Bodies that an index would have spared us.
void Searcher::Run::note_scanned(const std::vector<OpenBody>& open) const {
  if (searcher_.indexes_ == nullptr || !Indexes::can_help(*program_)) return;
  const auto unknown = std::ranges::count_if(
      open, [this](const OpenBody& one) { return index_ == nullptr || !index_->document(one.message.body.email); });
  if (unknown > 0) searcher_.indexes_->note_scanned(scene_.account, static_cast<std::size_t>(unknown));
}

Searcher::Result<std::vector<Message>> Searcher::Run::find(MailboxId mailbox, Query query) {
  if (size_of(query) > searcher_.options_.conditions) co_return std::unexpected(SearchError::kTooComplex);
  const auto status = co_await scene_.mailboxes->status(scene_.account, mailbox);
  if (!status) co_return std::unexpected(from_mailbox(status.error()));
  auto table = co_await scene_.mailboxes->table(scene_.account, mailbox);
  if (!table) co_return std::unexpected(from_mailbox(table.error()));
  program_ = std::make_unique<Program>(query, status->keywords);
  VEREDUS_CO_TRY(co_await ask_index());
  VEREDUS_CO_TRY(auto rows, co_await this->rows(*std::move(table)));
  auto found = std::move(rows.found);
  if (!rows.open.empty()) {
    VEREDUS_CO_TRY(co_await decide_open(std::move(rows.open), &found));
    std::ranges::sort(found, {}, &Message::uid);
  }
  co_return found;
}

asio::awaitable<Pieces::Outcome> Searcher::Run::decide_open(std::vector<Message> open, std::vector<Message>* found) {
  if (scene_.progress) scene_.progress->total.store(static_cast<std::uint32_t>(open.size()));
  sort_for_reading(open);
  SummaryPass summaries(scene_, *program_, index_.get(), std::move(open));
  VEREDUS_CO_TRY(co_await go(&summaries, summaries.messages().size()));
  for (std::size_t i = 0; i < summaries.messages().size(); ++i)
    if (summaries.found(i)) found->push_back(summaries.messages()[i]);
  auto undecided = summaries.take_open();
  if (undecided.empty()) co_return Pieces::Outcome();
  note_scanned(undecided);
  scene_.note_done(summaries.messages().size() - undecided.size());
  BodyPass bodies(scene_, *program_, std::move(undecided));
  VEREDUS_CO_TRY(co_await go(&bodies, bodies.open().size()));
  for (std::size_t i = 0; i < bodies.open().size(); ++i)
    if (bodies.found(i)) found->push_back(bodies.open()[i].message);
  co_return Pieces::Outcome();
}

Searcher::Searcher(mailbox::Mailboxes& mailboxes, io::net::WorkerPool& pool, Indexes* indexes, Options options)
    : mailboxes_(&mailboxes),
      pool_(&pool),
      indexes_(indexes),
      options_(options),
      columns_(std::make_unique<SortColumns>(options.sort_octets)),
      thread_budget_(options.thread_octets) {}
Searcher::~Searcher() = default;

std::vector<std::shared_ptr<const SortColumn>> Searcher::known_columns(AccountId account,
                                                                       const std::vector<SortBy>& wanted) const {
  std::vector<std::shared_ptr<const SortColumn>> columns;
  columns.reserve(wanted.size());
  for (const auto by : wanted) columns.push_back(columns_->get(account, by));
  return columns;
}

Searcher::Result<Matches> Searcher::search(AccountId account, MailboxId mailbox, Query query,
                                           std::shared_ptr<Progress> progress) {
  Run run(*this, account, std::move(progress));
  VEREDUS_CO_TRY(const auto found, co_await run.find(mailbox, std::move(query)));
  Matches matches;
  matches.uids.reserve(found.size());
  for (const auto& message : found) {
    matches.uids.push_back(message.uid);
    matches.highest_modseq = std::max(matches.highest_modseq, message.modseq);
  }
  co_return matches;
}

Searcher::Result<Matches> Searcher::sort(AccountId account, MailboxId mailbox, Query query, std::vector<SortKey> keys,
                                         std::shared_ptr<Progress> progress) {
  Run run(*this, account, std::move(progress));
  VEREDUS_CO_TRY(auto found, co_await run.find(mailbox, std::move(query)));
  sort_for_reading(found);
  const auto table = std::make_shared<SortTable>(std::move(keys), std::move(found));
  auto columns = known_columns(account, table->wanted());
  auto missing = table->set_columns(columns);
  if (!missing.empty()) {
    const std::size_t messages = missing.size();
    SortPass pass(run.scene(), table->wanted(), std::move(missing));
    VEREDUS_CO_TRY(co_await run.go(&pass, messages));
    for (std::size_t i = 0; i < columns.size(); ++i)
      columns[i] = columns_->add(account, table->wanted()[i], columns[i], pass.take(i));
    (void)table->set_columns(columns);
  }
  auto job = [table, &run] { return table->sorted(run.scene()); };
  const auto sorted = co_await pool_->run(std::move(job));
  if (!sorted) co_return std::unexpected(SearchError::kBusy);
  if (run.scene().stopped()) co_return std::unexpected(SearchError::kStopped);
  Matches matches;
  matches.uids.reserve(sorted->size());
  for (const auto& item : *sorted) {
    matches.uids.push_back(item.uid);
    matches.highest_modseq = std::max(matches.highest_modseq, item.modseq);
  }
  co_return matches;
}

Searcher::Result<Threads> Searcher::thread(AccountId account, MailboxId mailbox, Query query, ThreadBy by,
                                           std::shared_ptr<Progress> progress) {
  ThreadMemory memory(thread_budget_, progress);
  const ThreadPermit permit = [&memory](std::size_t octets) { return memory.take(octets); };
  const auto status = co_await mailboxes_->status(account, mailbox);
  if (!status) co_return std::unexpected(from_mailbox(status.error()));
  VEREDUS_CO_TRY(co_await memory.begin(status->counts.messages * kThreadMessageOctets, kMemoryWait));
  Run run(*this, account, std::move(progress));
  VEREDUS_CO_TRY(auto found, co_await run.find(mailbox, std::move(query)));
  VEREDUS_CO_TRY(memory.settle(found.size() * kThreadMessageOctets));
  sort_for_reading(found);
  ThreadPass pass(run.scene(), by, permit, std::move(found));
  VEREDUS_CO_TRY(co_await run.go(&pass, pass.messages().size()));
  auto job = [by, &pass, &permit] { return make_threads(pass.take_items(), by, permit); };
  auto threads = co_await pool_->run(std::move(job));
  if (!threads) co_return std::unexpected(SearchError::kBusy);
  co_return *std::move(threads);
}

}  // namespace veredus::state::search
