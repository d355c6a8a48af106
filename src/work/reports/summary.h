#pragma once

#include "rules/reportmail/arrived.h"
#include "state/reports/rows.h"

namespace veredus::work::reports {

/// What is kept at hand of a report that came.
[[nodiscard]] state::reports::Summary summary_of(const rules::reportmail::Arrived& arrived);

}  // namespace veredus::work::reports
