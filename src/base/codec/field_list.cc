#include "base/codec/field_list.h"

#include <algorithm>
#include <cstddef>

#include "base/codec/ascii.h"

namespace veredus::base::codec {
namespace {

constexpr std::size_t kMaxName = 32;

}  // namespace

bool is_field_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxName) return false;
  const auto is_first = [](char c) { return is_alpha(c) || is_digit(c); };
  return is_first(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return is_first(c) || c == '_' || c == '-' || c == '.'; });
}

bool is_extension_value(std::string_view value) {
  return !value.empty() &&
         std::ranges::all_of(value, [](char c) { return c > ' ' && c < 127 && c != '=' && c != ';'; });
}

bool is_record_of(std::string_view text, std::string_view version) {
  return text.starts_with(version) && trim_ascii(text.substr(version.size()), " \t").starts_with(';');
}

std::expected<std::string_view, RecordChoice> only_record(std::span<const std::string> texts,
                                                          std::string_view version) {
  const std::string* found = nullptr;
  for (const auto& text : texts) {
    if (!is_record_of(text, version)) continue;
    if (found != nullptr) return std::unexpected(RecordChoice::kSeveral);
    found = &text;
  }
  if (found == nullptr) return std::unexpected(RecordChoice::kNone);
  return *found;
}

std::optional<std::vector<std::pair<std::string_view, std::string_view>>> read_field_list(std::string_view text,
                                                                                          std::string_view version) {
  if (!text.starts_with(version)) return std::nullopt;
  std::vector<std::pair<std::string_view, std::string_view>> fields;
  std::string_view rest = trim_ascii(text.substr(version.size()), " \t");
  if (!rest.starts_with(';')) return std::nullopt;
  while (rest.starts_with(';')) {
    const auto end = rest.find(';', 1);
    const auto field = trim_ascii(rest.substr(1, end == std::string_view::npos ? end : end - 1), " \t");
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
    if (field.empty() && rest.empty()) break;  // the ";" at the end
    const auto equals = field.find('=');
    if (equals == std::string_view::npos || !is_field_name(field.substr(0, equals))) return std::nullopt;
    const auto value = field.substr(equals + 1);
    if (value.empty()) return std::nullopt;
    fields.emplace_back(field.substr(0, equals), value);
  }
  if (fields.empty()) return std::nullopt;
  return fields;
}

}  // namespace veredus::base::codec
