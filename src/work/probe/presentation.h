#pragma once

#include <string>

#include "work/probe/report.h"

namespace veredus::work::probe {

enum class Detail : std::uint8_t { kSummary, kDialogue };

/// For people at a terminal.
[[nodiscard]] std::string text_of(const Report& report, Detail detail);
/// For programs: one object, as docs/openapi.yaml has it.
[[nodiscard]] std::string json_of(const Report& report);

}  // namespace veredus::work::probe
