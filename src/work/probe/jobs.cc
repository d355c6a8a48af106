#include "work/probe/jobs.h"

#include <memory>
#include <utility>

#include "io/net/reactor.h"
#include "work/probe/presentation.h"

namespace veredus::work::probe {

namespace {

using ProbeJob = shelf::Job<JobView>;
using Shared = std::shared_ptr<ProbeJob>;

void fail(ProbeJob& job) {
  job.tell([](JobView& view) { view.state = JobState::kFailed; });
}

/// A job whose coroutine ends in any other way than by its report has failed.
class Ending {
 public:
  explicit Ending(Shared job) : job_(std::move(job)) {}
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;
  ~Ending() { fail(*job_); }

 private:
  Shared job_;
};

OnProgress teller(const Shared& job) {
  return [job](Progress progress) { job->tell([&](JobView& view) { view.progress = std::move(progress); }); };
}

void finish(ProbeJob& job, std::string report_json) {
  job.tell([&](JobView& view) {
    view.state = JobState::kDone;
    view.report_json = std::move(report_json);
  });
}

}  // namespace

std::string_view to_string(JobError error) {
  switch (error) {
    case JobError::kTooMany:
      return "too many probes are running";
  }
  return "unknown error";
}

Jobs::Jobs(io::net::Reactors* reactors, io::dns::Resolver* resolver, const Clock* clock, Guard guard, Limits limits)
    : reactors_(reactors), resolver_(resolver), clock_(clock), guard_(std::move(guard)), jobs_(limits) {}

std::expected<Jobs::Shared, JobError> Jobs::open(std::string target) {
  auto job =
      jobs_.open({.id = {}, .target = std::move(target), .begun = clock_->now(), .progress = {}, .report_json = {}});
  if (!job) return std::unexpected(JobError::kTooMany);
  return job;
}

std::expected<std::string, JobError> Jobs::probe_server(Target target, Options options) {
  auto job = open(target.host + " port " + std::to_string(target.port));
  if (!job) return std::unexpected(job.error());
  auto id = (*job)->id();
  options.guard = guard_;
  auto& reactor = reactors_->next();
  const Surroundings surroundings{.reactor = &reactor, .resolver = resolver_, .clock = clock_};
  if (!reactor.tasks().spawn(run_server(*job, surroundings, std::move(target), std::move(options)))) fail(**job);
  return id;
}

std::expected<std::string, JobError> Jobs::probe_domain(std::string domain, Options options) {
  auto job = open(domain);
  if (!job) return std::unexpected(job.error());
  auto id = (*job)->id();
  options.guard = guard_;
  auto& reactor = reactors_->next();
  const Surroundings surroundings{.reactor = &reactor, .resolver = resolver_, .clock = clock_};
  if (!reactor.tasks().spawn(run_domain(*job, surroundings, std::move(domain), std::move(options)))) fail(**job);
  return id;
}

asio::awaitable<void> Jobs::run_server(Shared job, Surroundings surroundings, Target target, Options options) {
  const Ending ending(job);
  OnProgress tell = teller(job);
  const auto report =
      co_await probe::probe_server(surroundings, std::move(target), std::move(options), std::move(tell));
  finish(*job, json_of(report));
}

asio::awaitable<void> Jobs::run_domain(Shared job, Surroundings surroundings, std::string domain, Options options) {
  const Ending ending(job);
  OnProgress tell = teller(job);
  const auto report =
      co_await probe::probe_domain(surroundings, std::move(domain), std::move(options), std::move(tell));
  finish(*job, json_of(report));
}

std::optional<JobView> Jobs::find(std::string_view id) const { return jobs_.look(id); }

std::vector<JobView> Jobs::list() const {
  auto all = jobs_.list();
  for (auto& view : all) view.report_json.clear();
  return all;
}

}  // namespace veredus::work::probe
