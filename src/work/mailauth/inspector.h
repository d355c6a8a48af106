#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "work/mailauth/answers.h"
#include "work/mailauth/inspection.h"
#include "work/mailauth/recollections.h"

namespace veredus::base::observe {
class Metrics;
}
namespace veredus::io::net {
class TaskGroup;
}
namespace veredus::state::senders {
class Senders;
}

namespace veredus::work::mailauth {

class EvaluationSink;

/// Looks at the messages of strangers. One for the process. Thread-safe.
class Inspector {
 public:
  struct Parts {
    io::dns::Resolver& resolver;
    const Clock& clock;
    base::observe::Metrics& metrics;
    EvaluationSink* evaluations = nullptr;  // null: nobody wants to know
    io::net::TaskGroup* tasks = nullptr;    // asks ahead of time; null: nothing is asked before the end of a message
    state::senders::Senders* senders = nullptr;  // null: nobody is remembered, nobody is put off
  };
  /// All parts must outlive this; the tasks are stopped before the resolver ends.
  Inspector(Parts parts, InspectionOptions options);
  ~Inspector();

  /// For messages that begin from now on.
  void change(InspectionOptions options);

  /// nullptr: the checks are off, or the client is trusted, or has no address (a UNIX socket).
  [[nodiscard]] std::unique_ptr<Inspection> begin(Occasion occasion);
  /// Ends an inspection that the caller owns: counts it, and tells of its evaluation.
  asio::awaitable<Findings> conclude(Inspection* inspection);

  /// `header` without the fields that claim to be our Authentication-Results; nullopt: there are none. The header with
  /// its empty line or without. Source: RFC 8601 s5.
  [[nodiscard]] std::optional<std::string> without_forged_results(std::string_view header) const;

  [[nodiscard]] Answers& answers() { return answers_; }

 private:
  struct Figures;

  [[nodiscard]] std::shared_ptr<const InspectionOptions> options() const;
  void ask_ahead(const InspectionOptions& options, const Occasion& occasion);
  asio::awaitable<void> weigh_sender(const Inspection* inspection, Findings* findings) const;
  void count(const Findings& findings) const;
  void report(const Occasion& occasion, const Findings& findings) const;

  Parts parts_;
  Answers answers_;
  Recollections recollections_;
  std::shared_ptr<std::atomic<std::size_t>> asking_ahead_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::unique_ptr<Figures> figures_;
  mutable std::mutex mutex_;
  std::shared_ptr<const InspectionOptions> options_;
};

}  // namespace veredus::work::mailauth
