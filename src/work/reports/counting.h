#pragma once

#include <string>

#include "rules/aggregate/report.h"
#include "state/reports/rows.h"
#include "state/reports/tally.h"
#include "work/mailauth/evaluation.h"
#include "work/reports/options.h"
#include "work/smtpclient/tls_outcome.h"

namespace veredus::work::reports {

/// A message evaluated, as a record of a report; its count is left out. Source: RFC 9990 s3.1.1.7.
[[nodiscard]] rules::aggregate::Record record_of(const mailauth::Evaluation& evaluation);

/// What its author's domain asks for.
[[nodiscard]] state::reports::AskedFor policy_of(const mailauth::Evaluation& evaluation);

/// A session's outcome, as it is counted. Source: RFC 8460 s4.
[[nodiscard]] state::reports::SessionRow session_of(const smtpclient::TlsOutcome& outcome);

/// Counts evaluations and outcomes for the reports of their day. Any thread; never waits. The tally must outlive it.
class Counting final : public mailauth::EvaluationSink, public smtpclient::TlsOutcomeSink {
 public:
  Counting(state::reports::Tally& tally, const Options& options)
      : tally_(tally),
        dmarc_(!options.contact.empty() && options.send_dmarc),
        tls_(!options.contact.empty() && options.send_tls) {}

  /// Only of domains that ask for reports.
  void record(mailauth::Evaluation evaluation) override;
  /// Of all: whether a domain asks for reports is looked up when its day is over.
  void record(smtpclient::TlsOutcome outcome) override;

 private:
  state::reports::Tally& tally_;
  bool dmarc_;
  bool tls_;
};

}  // namespace veredus::work::reports
