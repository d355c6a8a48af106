#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/config_error.h"
#include "app/config/toml.h"

namespace veredus::app::config {

/// Reads one TOML table key by key and reports every mistake with its line; keys nobody asked for are mistakes too.
/// Each `read` leaves its target (which holds the default) as it is when the key is absent or wrong.
class TableReader {
 public:
  /// `prefix` is how the keys are called in messages and in docs/configuration.md: "smtp." or "". `errors` and `table`
  /// must outlive the reader; a null table reads as an empty one.
  TableReader(const toml::table* table, std::string prefix, std::string file, std::vector<ConfigError>& errors)
      : table_(table), prefix_(std::move(prefix)), file_(std::move(file)), errors_(errors) {}

  /// Takes the node of a key, by its full name: key("smtp.max_message_size").
  const toml::node* key(std::string_view full_name);

  void read(const toml::node* node, std::string& target);
  void read(const toml::node* node, bool& target);
  void read(const toml::node* node, std::vector<std::string>& target);

  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  void read(const toml::node* node, T& target, std::uint64_t low = 0,
            std::uint64_t high = std::numeric_limits<T>::max()) {
    if (const auto value = integer(node, low, high)) target = static_cast<T>(*value);
  }
  /// "250ms", "30s", "5m", "1h", "30d".
  template <class Rep, class Period>
  void read(const toml::node* node, std::chrono::duration<Rep, Period>& target) {
    if (const auto value = duration(node))
      target = std::chrono::duration_cast<std::chrono::duration<Rep, Period>>(*value);
  }
  /// Octets: 1048576, "64KiB", "25MiB", "2GiB".
  void read_size(const toml::node* node, std::uint64_t& target);
  /// One of the words given; answers its place.
  std::optional<std::size_t> read_choice(const toml::node* node, const std::vector<std::string_view>& words);

  void fail(const toml::node* node, std::string text);
  /// Reports the keys nobody took. Call last.
  void finish();

 private:
  std::optional<std::uint64_t> integer(const toml::node* node, std::uint64_t low, std::uint64_t high);
  std::optional<std::chrono::milliseconds> duration(const toml::node* node);

  const toml::table* table_;
  std::string prefix_;
  std::string file_;
  std::vector<ConfigError>& errors_;
  std::set<std::string, std::less<>> known_;
};

/// "64KiB" -> 65536; nullopt for anything else or over 64 bits.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);
/// "5m" -> 300,000 ms.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace veredus::app::config
