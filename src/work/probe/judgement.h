#pragma once

#include "work/probe/report.h"

namespace veredus::work::probe {

/// Fills findings, grade and summary from what was seen. A: nothing but notes. B: something minor. C: one thing that
/// is major; D: several. F: something critical: mail does not arrive, or the server serves everybody's.
void judge(Report& report);

}  // namespace veredus::work::probe
