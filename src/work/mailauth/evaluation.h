#pragma once

#include <string>
#include <vector>

#include "base/codec/ip_address.h"
#include "base/types/clock.h"
#include "work/mailauth/findings.h"

namespace veredus::work::mailauth {

/// One message held against a published DMARC policy: all that a row of an aggregate report needs (RFC 9990 s3.1), and
/// a failure report's occasion (RFC 9991).
struct Evaluation {
  SystemTime at;
  base::codec::IpAddress source;                    // the client; an IPv4-mapped one as IPv4
  std::string header_from;                          // the author's domain, A-labels, lower case
  std::string envelope_from;                        // domain of MAIL FROM; empty: the null sender
  std::vector<std::string> envelope_to;             // domains of the recipients, each once
  rules::dmarc::Verdict dmarc;                      // policy_domain is never empty; the record as published
  Disposition disposition = Disposition::kDeliver;  // what was done
  std::vector<Override> overrides;                  // why it was not what the policy asks for
  std::vector<rules::dkim::Verdict> dkim;           // all signatures, aligned or not
  rules::spf::Verdict spf;                          // of `spf_domain`
  std::string spf_domain;                           // of MAIL FROM, or the HELO name for the null sender
  rules::spf::Identity spf_scope = rules::spf::Identity::kMailFrom;
  bool is_report = false;  // the message is an aggregate or TLS report itself
};

/// Told of each evaluation, also of those that passed. Never of messages whose author's domain publishes no policy, or
/// one that asks for no reports.
class EvaluationSink {
 public:
  virtual ~EvaluationSink() = default;
  /// Called on reactors, by several threads at once; must not wait.
  virtual void record(Evaluation evaluation) = 0;
};

}  // namespace veredus::work::mailauth
