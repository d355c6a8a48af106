#pragma once

#include "work/mailauth/findings.h"
#include "work/mailauth/options.h"

namespace veredus::work::mailauth {

/// What becomes of a message by what was found out about it: sets `disposition`, `detail`, `reason` and `overrides`.
/// Pure. Source: RFC 9989 s5.4 and s7.4, RFC 7208 s8, RFC 5782 s2.
void decide(const InspectionOptions& options, Findings& findings);

/// Whether `domain` is one of `domains` or below one.
[[nodiscard]] bool is_among(std::string_view domain, const std::vector<std::string>& domains);

}  // namespace veredus::work::mailauth
