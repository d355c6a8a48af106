#pragma once

#include <string>
#include <string_view>

#include "work/mailauth/findings.h"
#include "work/mailauth/inspection.h"
#include "work/mailauth/options.h"

namespace veredus::work::mailauth {

/// The value of our Authentication-Results. Source: RFC 8601 s2.7, RFC 9989 s9.4, RFC 8617 s10.1.
[[nodiscard]] std::string results_text(const InspectionOptions& options, const Occasion& occasion,
                                       const Findings& findings);
/// The value of Received-SPF. Source: RFC 7208 s9.1.
[[nodiscard]] std::string received_spf_text(const InspectionOptions& options, const Occasion& occasion,
                                            const Findings& findings);
/// What was found out and decided, for the journal: few words each.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> decisions_of(const Findings& findings);

/// What was done with a message, in DMARC's words: none, quarantine, reject.
[[nodiscard]] std::string_view word_of_dmarc(Disposition disposition);

}  // namespace veredus::work::mailauth
