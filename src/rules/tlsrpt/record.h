#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace veredus::rules::tlsrpt {

/// The record at `_smtp._tls.` and the domain: where reports on TLS are wanted.
struct Record {
  std::vector<std::string> rua;  // "mailto:…" and "https://…" URIs, as written; never empty
  friend bool operator==(const Record&, const Record&) = default;
};

enum class RecordError : std::uint8_t {
  kNone,     // no record begins with "v=TLSRPTv1"
  kSeveral,  // more than one does
  kSyntax,   // it is no list of fields
  kRua,      // there is no rua, or something in it that is no URI
};
[[nodiscard]] std::string_view to_string(RecordError error);

/// One record's text, its strings joined. URIs of other schemes than `mailto` and `https` are kept: it is the sender of
/// reports who cannot serve them. Source: RFC 8460 s3.
[[nodiscard]] std::expected<Record, RecordError> parse_record(std::string_view text);

/// The one record among all that were found: with none, several or a broken one no reports are wanted.
[[nodiscard]] std::expected<Record, RecordError> choose_record(std::span<const std::string> texts);

/// "_smtp._tls.example.org".
[[nodiscard]] std::string record_name(std::string_view domain);

}  // namespace veredus::rules::tlsrpt
