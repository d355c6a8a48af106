#include "app/config/table_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace veredus::app::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

/// A whole number, then one of the units, nothing between.
std::optional<std::uint64_t> parse_with_unit(std::string_view text, std::span<const Unit> units) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const auto& [name, factor] : units) {
    if (unit != name) continue;
    if (number > std::numeric_limits<std::uint64_t>::max() / factor) return std::nullopt;
    return number * factor;
  }
  return std::nullopt;
}

/// How many letters must change to make one the other (Levenshtein); for "did you mean".
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, change}));
    }
  }
  return row[b.size()];
}

}  // namespace

std::string to_string(const ConfigError& error) {
  if (error.line == 0) return fmt::format("{}: {}", error.file, error.text);
  return fmt::format("{}:{}: {}", error.file, error.line, error.text);
}

std::string to_string(const std::vector<ConfigError>& errors) {
  std::string text;
  for (const auto& error : errors) text += to_string(error) + "\n";
  return text;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  static constexpr std::array<Unit, 5> kUnits{
      {{"", 1}, {"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}, {"TiB", 1ULL << 40}}};
  return parse_with_unit(text, kUnits);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  static constexpr std::array<Unit, 5> kUnits{
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
  const auto value = parse_with_unit(text, kUnits);
  constexpr std::uint64_t kLongest = 86'400'000ULL * 36'500;
  if (!value || *value > kLongest) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*value));
}

const toml::node* TableReader::key(std::string_view full_name) {
  full_name.remove_prefix(prefix_.size());
  known_.emplace(full_name);
  return table_ == nullptr ? nullptr : table_->get(full_name);
}

void TableReader::read(const toml::node* node, std::string& target) {
  if (node == nullptr) return;
  if (const auto value = node->value_exact<std::string>())
    target = *value;
  else
    fail(node, "wants a string in quotes");
}

void TableReader::read(const toml::node* node, bool& target) {
  if (node == nullptr) return;
  if (const auto value = node->value_exact<bool>())
    target = *value;
  else
    fail(node, "wants true or false");
}

void TableReader::read(const toml::node* node, std::vector<std::string>& target) {
  if (node == nullptr) return;
  const toml::array* array = node->as_array();
  if (array == nullptr) return fail(node, "wants a list of strings: [\"a\", \"b\"]");
  std::vector<std::string> values;
  for (const auto& element : *array) {
    const auto value = element.value_exact<std::string>();
    if (!value) return fail(&element, "wants a list of strings: [\"a\", \"b\"]");
    values.push_back(*value);
  }
  target = std::move(values);
}

std::optional<std::uint64_t> TableReader::integer(const toml::node* node, std::uint64_t low, std::uint64_t high) {
  if (node == nullptr) return std::nullopt;
  const auto value = node->value_exact<std::int64_t>();
  if (value && *value >= 0 && static_cast<std::uint64_t>(*value) >= low && static_cast<std::uint64_t>(*value) <= high)
    return static_cast<std::uint64_t>(*value);
  fail(node, fmt::format("wants a whole number from {} to {}", low, high));
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> TableReader::duration(const toml::node* node) {
  if (node == nullptr) return std::nullopt;
  if (const auto text = node->value_exact<std::string>())
    if (const auto value = parse_duration(*text)) return value;
  fail(node, "wants a length of time in quotes, such as \"500ms\", \"30s\", \"5m\", \"1h\" or \"30d\"");
  return std::nullopt;
}

void TableReader::read_size(const toml::node* node, std::uint64_t& target) {
  if (node == nullptr) return;
  if (const auto number = node->value_exact<std::int64_t>(); number && *number >= 0) {
    target = static_cast<std::uint64_t>(*number);
    return;
  }
  const auto text = node->value_exact<std::string>();
  const auto value = text ? parse_size(*text) : std::nullopt;
  if (value)
    target = *value;
  else
    fail(node, "wants a size in octets, or in quotes with KiB, MiB, GiB or TiB");
}

std::optional<std::size_t> TableReader::read_choice(const toml::node* node,
                                                    const std::vector<std::string_view>& words) {
  if (node == nullptr) return std::nullopt;
  if (const auto value = node->value_exact<std::string>()) {
    const auto at = std::find(words.begin(), words.end(), *value);
    if (at != words.end()) return static_cast<std::size_t>(at - words.begin());
  }
  fail(node, fmt::format("wants one of \"{}\"", fmt::join(words, "\", \"")));
  return std::nullopt;
}

void TableReader::fail(const toml::node* node, std::string text) {
  std::string name;
  if (table_ != nullptr && node != nullptr)
    for (const auto& [key, value] : *table_)
      if (&value == node) name = fmt::format("'{}{}' ", prefix_, key.str());
  errors_.push_back({file_, node == nullptr ? 0U : node->source().begin.line, name + std::move(text)});
}

void TableReader::finish() {
  if (table_ == nullptr) return;
  for (const auto& [key, value] : *table_) {
    if (known_.contains(key.str())) continue;
    std::string hint;
    std::size_t best = 3;  // more letters than that apart is no typing mistake
    for (const auto& name : known_)
      if (const auto d = distance(key.str(), name); d < best) {
        best = d;
        hint = fmt::format(", did you mean '{}{}'?", prefix_, name);
      }
    errors_.push_back({file_, key.source().begin.line, fmt::format("unknown key '{}{}'{}", prefix_, key.str(), hint)});
  }
}

}  // namespace veredus::app::config
