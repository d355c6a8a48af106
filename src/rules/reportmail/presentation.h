#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "rules/reportmail/arrived.h"

namespace veredus::rules::reportmail {

/// All that a report says, under "kind" and names of our own: docs/openapi.yaml, Report.
[[nodiscard]] boost::json::object json_of(const Arrived& arrived);

/// The same for people.
[[nodiscard]] std::string text_of(const Arrived& arrived);

/// What `check report` answers for octets that hold no report: {"error":…,"why":…}.
[[nodiscard]] boost::json::object json_of(const Problem& problem);
[[nodiscard]] std::string_view to_string(ReadError error);

}  // namespace veredus::rules::reportmail
