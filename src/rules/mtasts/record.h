#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace veredus::rules::mtasts {

/// The record at `_mta-sts.` and the domain: that there is a policy, and which version of it.
struct Record {
  std::string id;  // 1..32 letters and digits
  friend bool operator==(const Record&, const Record&) = default;
};

enum class RecordError : std::uint8_t {
  kNone,     // no record begins with "v=STSv1"
  kSeveral,  // more than one does
  kSyntax,   // it is no list of fields
  kId,       // there is no id, or none of its form
};
[[nodiscard]] std::string_view to_string(RecordError error);

/// One record's text, its strings joined. Source: RFC 8461 s3.1.
[[nodiscard]] std::expected<Record, RecordError> parse_record(std::string_view text);

/// The one record among all that were found: with none, several or a broken one the domain has no policy.
[[nodiscard]] std::expected<Record, RecordError> choose_record(std::span<const std::string> texts);

/// "_mta-sts.example.org" and "mta-sts.example.org".
[[nodiscard]] std::string record_name(std::string_view domain);
[[nodiscard]] std::string policy_host(std::string_view domain);
/// The path on that host. Source: RFC 8461 s3.3.
inline constexpr std::string_view kPolicyPath = "/.well-known/mta-sts.txt";

}  // namespace veredus::rules::mtasts
