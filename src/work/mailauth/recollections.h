#pragma once

#include <vector>

#include "rules/dmarc/evaluation.h"
#include "work/mailauth/findings.h"
#include "work/mailauth/recent.h"

namespace veredus::work::mailauth {

struct InspectionOptions;

/// What DNS and the rules say of a client as whom it brings mail, whatever the message: one's own share of Findings.
struct ClientFindings {
  rules::spf::Verdict mail_from;
  rules::spf::Verdict helo;
  ReverseVerdict reverse;
  std::vector<Listed> listed;
  std::shared_ptr<const InspectionOptions> options;  // that it was looked at by
};

/// What was found out about the last messages, for those that come from the same places. One for the process.
struct Recollections {
  Recent<ClientFindings> clients;
  Recent<rules::dmarc::Verdict> policies;  // by the author's domain, and what was authenticated
};

}  // namespace veredus::work::mailauth
