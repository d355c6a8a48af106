#include "work/transfer/copies.h"

#include <memory>
#include <utility>

#include "base/observe/log.h"
#include "io/net/reactor.h"
#include "io/net/tls_context.h"
#include "work/transfer/copy_run.h"

namespace veredus::work::transfer {

using shelf::JobState;

namespace {

using CopyJob = shelf::Job<CopyView>;

void end(CopyJob& job, JobState state, std::string failure) {
  job.tell([&](CopyView& view) {
    view.state = state;
    view.failure = std::move(failure);
  });
}

/// A job whose coroutine ends in any other way than by its result has failed.
class Ending {
 public:
  explicit Ending(std::shared_ptr<CopyJob> job) : job_(std::move(job)) {}
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;
  ~Ending() { end(*job_, JobState::kFailed, std::string(to_string(TransferError::kStopped))); }

 private:
  std::shared_ptr<CopyJob> job_;
};

void tell(CopyJob& job, const CopyProgress& progress) {
  job.tell([&](CopyView& view) { view.progress = progress; });
}

std::shared_ptr<io::net::TlsContext> tls_for(CopyOrder::Verify verify) {
  io::net::TlsContext::ClientOptions options;
  options.verify = verify == CopyOrder::Verify::kCertificate ? io::net::TlsContext::Verify::kPeer
                                                             : io::net::TlsContext::Verify::kRecord;
  auto made = io::net::TlsContext::client(std::move(options));
  return made ? *std::move(made) : nullptr;
}

}  // namespace

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

std::expected<Copies::Shared, CopyError> Copies::open(const CopyOrder& order) {
  const std::scoped_lock lock(opening_);
  for (const auto& other : jobs_.list())
    if (other.state == JobState::kRunning && other.account == order.address)
      return std::unexpected(CopyError::kAlreadyRunning);
  auto job = jobs_.open({.id = {},
                         .account = order.address,
                         .source = order.source.user + " at " + order.source.host,
                         .begun = clock_->now(),
                         .failure = {},
                         .progress = {}});
  if (!job) return std::unexpected(CopyError::kTooMany);
  return job;
}

std::expected<std::string, CopyError> Copies::begin(CopyOrder order) {
  auto job = open(order);
  if (!job) return std::unexpected(job.error());
  auto id = (*job)->id();
  auto& reactor = reactors_->next();
  if (!reactor.tasks().spawn(run(*job, std::move(order), &reactor)))
    end(**job, JobState::kFailed, std::string(to_string(TransferError::kStopped)));
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
                 tell(*job, progress);
                 return !job->stopping();
               });
  const auto done = co_await copy.run();
  const auto& progress = copy.progress();
  tell(*job, progress);
  log_->info("transfer.copied", {{"account", order.address},
                                 {"copied", progress.copied},
                                 {"already_there", progress.already_there},
                                 {"skipped", progress.skipped},
                                 {"failure", done ? std::string() : done.error().text()}});
  end(*job, done ? JobState::kDone : JobState::kFailed, done ? std::string() : done.error().text());
}

std::optional<CopyView> Copies::find(std::string_view id) const { return jobs_.look(id); }

std::vector<CopyView> Copies::list() const {
  auto all = jobs_.list();
  for (auto& view : all) view.progress.complaints.clear();
  return all;
}

bool Copies::stop(std::string_view id) {
  const auto job = jobs_.find(id);
  if (!job || !job->runs()) return false;
  job->stop();
  return true;
}

}  // namespace veredus::work::transfer
