#include "io/dns/figures.h"

namespace veredus::io::dns {
namespace {

base::observe::Counter& questions(base::observe::Metrics& metrics, const char* result) {
  return metrics.counter("veredus_dns_questions_total", "Questions to DNS", {{"result", result}});
}

}  // namespace

Figures::Figures(base::observe::Metrics& metrics)
    : open(metrics.gauge("veredus_dns_questions", "Questions to DNS without an answer yet")),
      answered_(questions(metrics, "answered")),
      none_(questions(metrics, "none")),
      no_such_name_(questions(metrics, "no-such-name")),
      bogus_(questions(metrics, "bogus")),
      timeout_(questions(metrics, "timeout")),
      failed_(questions(metrics, "failed")),
      seconds_(metrics.histogram("veredus_dns_question_seconds", "From a question to its answer",
                                 base::observe::latency_bounds())) {}

void Figures::count(std::optional<DnsError> error, bool any, std::chrono::duration<double> took) {
  of(error, any).add();
  seconds_.observe(took.count());
}

base::observe::Counter& Figures::of(std::optional<DnsError> error, bool any) {
  if (!error) return any ? answered_ : none_;
  switch (*error) {
    case DnsError::kNoSuchName:
      return no_such_name_;
    case DnsError::kBogus:
      return bogus_;
    case DnsError::kTimeout:
      return timeout_;
    default:
      return failed_;
  }
}

}  // namespace veredus::io::dns
