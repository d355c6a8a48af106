#include "rules/mtasts/record.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/codec/field_list.h"

namespace veredus::rules::mtasts {
namespace {

using namespace base::codec;

constexpr std::string_view kVersion = "v=STSv1";
constexpr std::size_t kMaxId = 32;

bool is_id(std::string_view value) {
  return value.size() <= kMaxId && std::ranges::all_of(value, [](char c) { return is_alpha(c) || is_digit(c); });
}

}  // namespace

std::string_view to_string(RecordError error) {
  switch (error) {
    case RecordError::kNone:
      return "there is no MTA-STS record";
    case RecordError::kSeveral:
      return "there are several MTA-STS records";
    case RecordError::kSyntax:
      return "the MTA-STS record is malformed";
    case RecordError::kId:
      return "the MTA-STS record has no id of letters and digits";
  }
  return "unknown";
}

std::expected<Record, RecordError> parse_record(std::string_view text) {
  if (!is_record_of(text, kVersion)) return std::unexpected(RecordError::kNone);
  const auto fields = read_field_list(text, kVersion);
  if (!fields) return std::unexpected(RecordError::kSyntax);
  Record record;
  for (const auto& [name, value] : *fields) {
    if (name == "id") {
      if (!is_id(value)) return std::unexpected(RecordError::kId);
      if (record.id.empty()) record.id = value;
    } else if (!is_extension_value(value)) {
      return std::unexpected(RecordError::kSyntax);
    }
  }
  if (record.id.empty()) return std::unexpected(RecordError::kId);
  return record;
}

std::expected<Record, RecordError> choose_record(std::span<const std::string> texts) {
  const auto found = only_record(texts, kVersion);
  if (found) return parse_record(*found);
  return std::unexpected(found.error() == RecordChoice::kNone ? RecordError::kNone : RecordError::kSeveral);
}

std::string record_name(std::string_view domain) { return "_mta-sts." + std::string(domain); }
std::string policy_host(std::string_view domain) { return "mta-sts." + std::string(domain); }

}  // namespace veredus::rules::mtasts
