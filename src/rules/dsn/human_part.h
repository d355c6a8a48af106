#pragma once

#include <string>
#include <string_view>

#include "rules/dsn/report.h"

namespace veredus::rules::dsn {

/// The part for people: what happened to whom, why, and what to do. UTF-8, LF line ends.
[[nodiscard]] std::string human_part(const Report& report, std::string_view original_header);

/// The subject, which says the worst that happened: "Not delivered: Minutes of May". UTF-8.
[[nodiscard]] std::string subject_line(const Report& report, std::string_view original_header);

}  // namespace veredus::rules::dsn
