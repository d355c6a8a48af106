#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace veredus::app::config {

/// One thing that is wrong with the configuration file, for the person who wrote it.
struct ConfigError {
  std::string file;
  unsigned line = 0;  // 0: the file as a whole
  std::string text;   // a sentence without a full stop

  friend bool operator==(const ConfigError&, const ConfigError&) = default;
};

/// "veredus.toml:12: unknown key 'hostnam', did you mean 'hostname'?"
[[nodiscard]] std::string to_string(const ConfigError& error);
/// All of them, a line each.
[[nodiscard]] std::string to_string(const std::vector<ConfigError>& errors);

}  // namespace veredus::app::config
