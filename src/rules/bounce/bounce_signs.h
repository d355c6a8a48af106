#pragma once

#include "rules/bounce/report_parts.h"

namespace veredus::rules::bounce {

/// Whether a message without fields for programs is a bounce: by its sender, return path, subject and what it says.
[[nodiscard]] bool looks_like_bounce(const ReportParts& parts);

}  // namespace veredus::rules::bounce
