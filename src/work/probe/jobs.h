#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "work/probe/probe.h"
#include "work/shelf/job_shelf.h"

namespace veredus::io::net {
class Reactors;
}

namespace veredus::work::probe {

using shelf::JobState;

/// One probe that runs, or has run, for somebody who looks now and then.
struct JobView {
  std::string id;
  std::string target;
  SystemTime begun{};
  JobState state = JobState::kRunning;
  Progress progress;
  std::string report_json;  // empty until it is done
};

enum class JobError : std::uint8_t {
  kTooMany,  // as many probes run as may
};
[[nodiscard]] std::string_view to_string(JobError error);

/// Probes for others than the machine's own administrator: run on the server's reactors, some at a time, always behind
/// a guard. Thread-safe; all that it is given outlives it, and it outlives the reactors' tasks.
class Jobs {
 public:
  using Limits = shelf::JobShelf<JobView>::Limits;

  Jobs(io::net::Reactors* reactors, io::dns::Resolver* resolver, const Clock* clock, Guard guard,
       Limits limits = {.running = 4});
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  [[nodiscard]] const Guard& guard() const { return guard_; }
  /// Begin a probe; answer its id. The options' own guard is replaced.
  std::expected<std::string, JobError> probe_server(Target target, Options options);
  std::expected<std::string, JobError> probe_domain(std::string domain, Options options);

  [[nodiscard]] std::optional<JobView> find(std::string_view id) const;
  /// The latest first, without their reports.
  [[nodiscard]] std::vector<JobView> list() const;

 private:
  using Shared = shelf::JobShelf<JobView>::Shared;
  std::expected<Shared, JobError> open(std::string target);
  static asio::awaitable<void> run_server(Shared job, Surroundings surroundings, Target target, Options options);
  static asio::awaitable<void> run_domain(Shared job, Surroundings surroundings, std::string domain, Options options);

  io::net::Reactors* reactors_;
  io::dns::Resolver* resolver_;
  const Clock* clock_;
  Guard guard_;
  shelf::JobShelf<JobView> jobs_;
};

}  // namespace veredus::work::probe
