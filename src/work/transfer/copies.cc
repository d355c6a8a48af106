#include "work/transfer/copies.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/codec/hex.h"
#include "base/crypto/random.h"
#include "base/observe/log.h"
#include "io/net/reactor.h"
#include "io/net/tls_context.h"
#include "work/transfer/copy_run.h"

namespace veredus::work::transfer {

struct Copies::Job {
  mutable std::mutex mutex;
  CopyView view;
  AccountId account;
  std::atomic<bool> stopping = false;

  [[nodiscard]] CopyView look() const {
    const std::scoped_lock lock(mutex);
    return view;
  }
  [[nodiscard]] bool running() const {
    const std::scoped_lock lock(mutex);
    return view.state == CopyState::kRunning;
  }
  void tell(const CopyProgress& progress) {
    const std::scoped_lock lock(mutex);
    view.progress = progress;
  }
  void end(CopyState state, std::string failure) {
    const std::scoped_lock lock(mutex);
    if (view.state != CopyState::kRunning) return;
    view.state = state;
    view.failure = std::move(failure);
  }
};

namespace {

/// A job whose coroutine ends in any other way than by its result has failed.
template <class Job>
class Ending {
 public:
  explicit Ending(std::shared_ptr<Job> job) : job_(std::move(job)) {}
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;
  ~Ending() { job_->end(CopyState::kFailed, std::string(to_string(TransferError::kStopped))); }

 private:
  std::shared_ptr<Job> job_;
};

std::shared_ptr<io::net::TlsContext> tls_for(CopyOrder::Verify verify) {
  io::net::TlsContext::ClientOptions options;
  options.verify = verify == CopyOrder::Verify::kCertificate ? io::net::TlsContext::Verify::kPeer
                                                             : io::net::TlsContext::Verify::kRecord;
  auto made = io::net::TlsContext::client(std::move(options));
  return made ? *std::move(made) : nullptr;
}

}  // namespace

std::string_view to_string(CopyState state) {
  switch (state) {
    case CopyState::kRunning:
      return "running";
    case CopyState::kDone:
      return "done";
    case CopyState::kFailed:
      return "failed";
  }
  return "unknown";
}

std::string_view to_string(CopyError error) {
  switch (error) {
    case CopyError::kTooMany:
      return "too many copies are running";
    case CopyError::kAlreadyRunning:
      return "something is being copied into this account already";
  }
  return "unknown error";
}

Copies::Copies(io::net::Reactors* reactors, io::dns::Resolver* resolver, state::mailbox::Mailboxes* mailboxes,
               const Clock* clock, base::observe::Logger* log)
    : reactors_(reactors), resolver_(resolver), mailboxes_(mailboxes), clock_(clock), log_(log) {}

Copies::~Copies() = default;

std::expected<Copies::Shared, CopyError> Copies::open(const CopyOrder& order) {
  const std::scoped_lock lock(mutex_);
  const auto runs = [](const Shared& job) { return job->running(); };
  if (std::ranges::any_of(jobs_, [&](const Shared& job) { return runs(job) && job->account == order.account; }))
    return std::unexpected(CopyError::kAlreadyRunning);
  if (std::cmp_greater_equal(std::ranges::count_if(jobs_, runs), limits_.running))
    return std::unexpected(CopyError::kTooMany);
  while (jobs_.size() >= limits_.kept) {
    const auto oldest = std::ranges::find_if_not(jobs_, runs);
    if (oldest == jobs_.end()) break;
    jobs_.erase(oldest);
  }
  auto job = std::make_shared<Job>();
  job->account = order.account;
  job->view.id = base::codec::hex_encode(base::crypto::random_octets(8));
  job->view.account = order.address;
  job->view.source = order.source.user + " at " + order.source.host;
  job->view.begun = clock_->now();
  jobs_.push_back(job);
  return job;
}

std::expected<std::string, CopyError> Copies::begin(CopyOrder order) {
  auto job = open(order);
  if (!job) return std::unexpected(job.error());
  auto id = (*job)->view.id;
  auto& reactor = reactors_->next();
  if (!reactor.tasks().spawn(run(*job, std::move(order), &reactor)))
    (*job)->end(CopyState::kFailed, std::string(to_string(TransferError::kStopped)));
  return id;
}

asio::awaitable<void> Copies::run(Shared job, CopyOrder order, io::net::Reactor* reactor) {
  const Ending ending(job);
  Options options;
  options.tls = tls_for(order.verify);
  CopySurroundings with;
  with.connect = [this, reactor](const Source* source, const Options* of) {
    return connect_to(reactor, resolver_, source, of);
  };
  with.mailboxes = mailboxes_;
  with.clock = clock_;
  CopyRun copy(std::move(with), order.account, order.limits, std::move(order.source), std::move(options),
               [job](const CopyProgress& progress) {
                 job->tell(progress);
                 return !job->stopping;
               });
  const auto done = co_await copy.run();
  const auto& progress = copy.progress();
  job->tell(progress);
  log_->info("transfer.copied", {{"account", order.address},
                                 {"copied", progress.copied},
                                 {"already_there", progress.already_there},
                                 {"skipped", progress.skipped},
                                 {"failure", done ? std::string() : done.error().text()}});
  job->end(done ? CopyState::kDone : CopyState::kFailed, done ? std::string() : done.error().text());
}

std::optional<CopyView> Copies::find(std::string_view id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = std::ranges::find_if(jobs_, [id](const Shared& job) { return job->view.id == id; });
  if (found == jobs_.end()) return std::nullopt;
  return (*found)->look();
}

std::vector<CopyView> Copies::list() const {
  const std::scoped_lock lock(mutex_);
  std::vector<CopyView> all;
  for (auto job = jobs_.rbegin(); job != jobs_.rend(); ++job) {
    all.push_back((*job)->look());
    all.back().progress.complaints.clear();
  }
  return all;
}

bool Copies::stop(std::string_view id) {
  const std::scoped_lock lock(mutex_);
  for (const auto& job : jobs_) {
    if (job->view.id != id || !job->running()) continue;
    job->stopping = true;
    return true;
  }
  return false;
}

}  // namespace veredus::work::transfer
