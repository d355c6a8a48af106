#include "rules/tlsrpt/record.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/codec/field_list.h"

namespace veredus::rules::tlsrpt {
namespace {

using namespace base::codec;

constexpr std::string_view kVersion = "v=TLSRPTv1";

/// RFC 3986 s3: a scheme, ":", and something in the octets a URI has; "," ";" and "!" stand percent-encoded (RFC 8460
/// s3).
bool is_uri(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size() || !is_alpha(text.front()))
    return false;
  const auto scheme = text.substr(0, colon);
  const bool good_scheme = std::ranges::all_of(
      scheme, [](char c) { return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
  constexpr std::string_view kNever = "\"<>\\^`{|},;!";
  return good_scheme && std::ranges::all_of(text, [&](char c) { return c > ' ' && c < 127 && !kNever.contains(c); });
}

/// rua = uri *(*WSP "," *WSP uri)
bool read_uris(std::string_view list, std::vector<std::string>& to) {
  while (true) {
    const auto comma = list.find(',');
    const auto uri = trim_ascii(list.substr(0, comma), " \t");
    if (!is_uri(uri)) return false;
    to.emplace_back(uri);
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

std::string_view to_string(RecordError error) {
  switch (error) {
    case RecordError::kNone:
      return "there is no TLS reporting record";
    case RecordError::kSeveral:
      return "there are several TLS reporting records";
    case RecordError::kSyntax:
      return "the TLS reporting record is malformed";
    case RecordError::kRua:
      return "the TLS reporting record has no rua with URIs";
  }
  return "unknown";
}

std::expected<Record, RecordError> parse_record(std::string_view text) {
  if (!is_record_of(text, kVersion)) return std::unexpected(RecordError::kNone);
  const auto fields = read_field_list(text, kVersion);
  if (!fields) {
    const bool only_version = trim_ascii(text.substr(kVersion.size()), " \t") == ";";
    return std::unexpected(only_version ? RecordError::kRua : RecordError::kSyntax);
  }
  Record record;
  for (const auto& [name, value] : *fields) {
    if (name == "rua") {
      if (!read_uris(value, record.rua)) return std::unexpected(RecordError::kRua);
    } else if (!is_extension_value(value)) {
      return std::unexpected(RecordError::kSyntax);
    }
  }
  if (record.rua.empty()) return std::unexpected(RecordError::kRua);
  return record;
}

std::expected<Record, RecordError> choose_record(std::span<const std::string> texts) {
  const auto found = only_record(texts, kVersion);
  if (found) return parse_record(*found);
  return std::unexpected(found.error() == RecordChoice::kNone ? RecordError::kNone : RecordError::kSeveral);
}

std::string record_name(std::string_view domain) { return "_smtp._tls." + std::string(domain); }

}  // namespace veredus::rules::tlsrpt
