#pragma once

#include <string>
#include <vector>

#include "app/config/config_error.h"
#include "app/config/configuration.h"

namespace veredus::app::cli {

/// What would keep a server from starting with this configuration on this machine, though the file reads well:
/// certificates that cannot be used, a user who does not exist. Reads the files it names.
[[nodiscard]] std::vector<config::ConfigError> errors_on_this_machine(const config::Configuration& configuration,
                                                                      const std::string& file);

}  // namespace veredus::app::cli
