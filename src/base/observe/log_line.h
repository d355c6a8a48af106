#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/observe/log.h"

namespace veredus::base::observe {

/// Appends one log line, LF included, to `line`. Pure but for a per-thread memory of the last second's text.
void append_log_line(std::string& line, const LogOptions& options, SystemTime now, Level level, std::string_view event,
                     std::initializer_list<Field> fields);

}  // namespace veredus::base::observe
