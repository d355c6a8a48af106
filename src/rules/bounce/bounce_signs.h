#pragma once

#include <cstdint>

#include "rules/bounce/report_parts.h"

namespace veredus::rules::bounce {

enum class Likeness : std::uint8_t {
  kNone,
  kWords,  // a machine wrote it, in words of bounces: one if it gives a reason too
  kSure,
};

/// How much a message without fields for programs looks like a bounce: by its sender, return path, subject and what it
/// says.
[[nodiscard]] Likeness likeness_to_bounce(const ReportParts& parts);

}  // namespace veredus::rules::bounce
