#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <string>

#include "app/cli/commands.h"

namespace veredus::app::cli {

/// How the queue stands, as lines to print: the answer of /v1/queue/stats. With the answer of `passed` ago (else null)
/// also how fast things go.
[[nodiscard]] std::string queue_screen(const boost::json::value& now, const boost::json::value* before,
                                       std::chrono::milliseconds passed);

/// Shows it again and again until interrupted; with `once`, or when standard output is no terminal, a single time.
int watch_queue(const Invocation& invocation, std::chrono::milliseconds every, bool once);

}  // namespace veredus::app::cli
