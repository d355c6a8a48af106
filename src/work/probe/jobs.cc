#include "work/probe/jobs.h"

#include <algorithm>
#include <utility>

#include "base/codec/hex.h"
#include "base/crypto/random.h"
#include "io/net/reactor.h"
#include "work/probe/presentation.h"

namespace veredus::work::probe {

struct Jobs::Job {
  mutable std::mutex mutex;
  JobView view;

  [[nodiscard]] JobView look() const {
    const std::lock_guard lock(mutex);
    return view;
  }
  [[nodiscard]] JobState state() const {
    const std::lock_guard lock(mutex);
    return view.state;
  }
  void tell(Progress progress) {
    const std::lock_guard lock(mutex);
    view.progress = std::move(progress);
  }
  void end(JobState state, std::string report_json) {
    const std::lock_guard lock(mutex);
    if (view.state != JobState::kRunning) return;
    view.state = state;
    view.report_json = std::move(report_json);
  }
};

namespace {

/// A job whose coroutine ends in any other way than by its report has failed.
template <class Job>
class Ending {
 public:
  explicit Ending(std::shared_ptr<Job> job) : job_(std::move(job)) {}
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;
  ~Ending() { job_->end(JobState::kFailed, {}); }

 private:
  std::shared_ptr<Job> job_;
};

}  // namespace

std::string_view to_string(JobState state) {
  switch (state) {
    case JobState::kRunning:
      return "running";
    case JobState::kDone:
      return "done";
    case JobState::kFailed:
      return "failed";
  }
  return "unknown";
}

std::string_view to_string(JobError error) {
  switch (error) {
    case JobError::kTooMany:
      return "too many probes are running";
  }
  return "unknown error";
}

Jobs::Jobs(io::net::Reactors* reactors, io::dns::Resolver* resolver, const Clock* clock, Guard guard)
    : Jobs(reactors, resolver, clock, std::move(guard), Limits{}) {}

Jobs::Jobs(io::net::Reactors* reactors, io::dns::Resolver* resolver, const Clock* clock, Guard guard, Limits limits)
    : reactors_(reactors), resolver_(resolver), clock_(clock), guard_(std::move(guard)), limits_(limits) {}

std::expected<Jobs::Shared, JobError> Jobs::open(std::string target) {
  const std::lock_guard lock(mutex_);
  const auto is_running = [](const Shared& job) { return job->state() == JobState::kRunning; };
  if (std::cmp_greater_equal(std::ranges::count_if(jobs_, is_running), limits_.running))
    return std::unexpected(JobError::kTooMany);
  while (jobs_.size() >= limits_.kept) {
    const auto oldest = std::ranges::find_if_not(jobs_, is_running);
    if (oldest == jobs_.end()) break;
    jobs_.erase(oldest);
  }
  auto job = std::make_shared<Job>();
  job->view.id = base::codec::hex_encode(base::crypto::random_octets(8));
  job->view.target = std::move(target);
  job->view.begun = clock_->now();
  jobs_.push_back(job);
  return job;
}

std::expected<std::string, JobError> Jobs::probe_server(Target target, Options options) {
  auto job = open(target.host + " port " + std::to_string(target.port));
  if (!job) return std::unexpected(job.error());
  auto id = (*job)->view.id;
  options.guard = guard_;
  auto& reactor = reactors_->next();
  const Surroundings surroundings{.reactor = &reactor, .resolver = resolver_, .clock = clock_};
  if (!reactor.tasks().spawn(run_server(*job, surroundings, std::move(target), std::move(options))))
    (*job)->end(JobState::kFailed, {});
  return id;
}

std::expected<std::string, JobError> Jobs::probe_domain(std::string domain, Options options) {
  auto job = open(domain);
  if (!job) return std::unexpected(job.error());
  auto id = (*job)->view.id;
  options.guard = guard_;
  auto& reactor = reactors_->next();
  const Surroundings surroundings{.reactor = &reactor, .resolver = resolver_, .clock = clock_};
  if (!reactor.tasks().spawn(run_domain(*job, surroundings, std::move(domain), std::move(options))))
    (*job)->end(JobState::kFailed, {});
  return id;
}

asio::awaitable<void> Jobs::run_server(Shared job, Surroundings surroundings, Target target, Options options) {
  const Ending ending(job);
  OnProgress tell = [job](Progress progress) { job->tell(std::move(progress)); };
  const auto report =
      co_await probe::probe_server(surroundings, std::move(target), std::move(options), std::move(tell));
  job->end(JobState::kDone, json_of(report));
}

asio::awaitable<void> Jobs::run_domain(Shared job, Surroundings surroundings, std::string domain, Options options) {
  const Ending ending(job);
  OnProgress tell = [job](Progress progress) { job->tell(std::move(progress)); };
  const auto report =
      co_await probe::probe_domain(surroundings, std::move(domain), std::move(options), std::move(tell));
  job->end(JobState::kDone, json_of(report));
}

std::optional<JobView> Jobs::find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find_if(jobs_, [id](const Shared& job) { return job->view.id == id; });
  if (found == jobs_.end()) return std::nullopt;
  return (*found)->look();
}

std::vector<JobView> Jobs::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<JobView> all;
  for (auto job = jobs_.rbegin(); job != jobs_.rend(); ++job) {
    all.push_back((*job)->look());
    all.back().report_json.clear();
  }
  return all;
}

}  // namespace veredus::work::probe
