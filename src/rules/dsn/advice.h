#pragma once

#include <string_view>

#include "rules/dsn/report.h"

namespace veredus::rules::dsn {

/// One sentence for people: what happened to a recipient that failed or is late, where the report has no explanation.
[[nodiscard]] std::string_view what_happened(const ReportedRecipient& recipient);

/// One sentence for people: what the sender can do about a recipient that failed. Nobody is told to try again what
/// cannot succeed.
[[nodiscard]] std::string_view what_to_do(const ReportedRecipient& recipient);

}  // namespace veredus::rules::dsn
