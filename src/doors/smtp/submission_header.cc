#include "doors/smtp/submission_header.h"

#include <optional>
#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/date.h"
#include "wire/mime/address.h"

namespace veredus::doors::smtp {
namespace {

using base::codec::iequals_ascii;

/// One field: its first line and the lines folded under it.
struct HeaderField {
  std::string_view name;
  std::string_view value;  // folded as it was, with its last CRLF
  std::string_view whole;
};

/// The field at the front of `rest`, taken off; nullopt: the header ends here.
std::optional<HeaderField> take_field(std::string_view& rest) {
  const auto colon = rest.find_first_of(":\r\n");
  if (colon == std::string_view::npos || rest[colon] != ':' || colon == 0) return std::nullopt;
  // RFC 5322 s2.2: a name is printable ASCII; s4.5.3: old ones may have white space before the colon.
  const auto name = base::codec::trim_ascii(rest.substr(0, colon), " \t");
  for (const char c : name) {
    if (c <= 32 || c >= 127) return std::nullopt;
  }
  if (name.empty() || rest.front() == ' ' || rest.front() == '\t') return std::nullopt;
  std::size_t end = colon;
  do {
    const auto newline = rest.find('\n', end);
    end = newline == std::string_view::npos ? rest.size() : newline + 1;
  } while (end < rest.size() && (rest[end] == ' ' || rest[end] == '\t'));
  const HeaderField field{name, rest.substr(colon + 1, end - colon - 1), rest.substr(0, end)};
  rest.remove_prefix(end);
  return field;
}

/// What a header was found to have.
struct Findings {
  bool date = false;
  bool message_id = false;
  bool from = false;
};

std::expected<std::vector<wire::smtp::Address>, HeaderError> read_from(std::string_view value) {
  std::vector<wire::smtp::Address> from;
  for (auto& address : wire::mime::parse_address_list(value, kMaxFromAddresses + 1)) {
    if (address.kind != wire::mime::AddressKind::kMailbox || address.local_part.empty()) continue;
    from.push_back({std::move(address.local_part), std::move(address.domain)});
  }
  if (from.size() > kMaxFromAddresses) return std::unexpected(HeaderError::kTooManyFroms);
  if (from.empty()) return std::unexpected(HeaderError::kFromSyntax);
  return from;
}

/// Header lines end with CRLF, also the last one of a message that is all header.
void append_field(std::string& out, std::string_view whole) {
  out.append(whole);
  if (!whole.ends_with("\r\n")) out.append("\r\n");
}

void add_missing(SubmissionHeader& header, const Findings& found, const SubmissionFacts& facts) {
  if (!found.date) header.octets += "Date: " + base::codec::format_rfc5322_date(facts.now) + "\r\n";
  if (!found.message_id) header.octets += "Message-ID: <" + facts.message_id + ">\r\n";
  if (!found.from && !facts.from.empty()) header.octets += "From: <" + facts.from + ">\r\n";
}

}  // namespace

std::string_view to_string(HeaderError error) {
  switch (error) {
    case HeaderError::kFromSyntax:
      return "From names no address";
    case HeaderError::kSeveralFroms:
      return "several From fields";
    case HeaderError::kTooManyFroms:
      return "over 100 addresses in From";
  }
  return "unknown";
}

std::expected<SubmissionHeader, HeaderError> complete_header(std::string_view header, const SubmissionFacts& facts) {
  SubmissionHeader completed;
  completed.octets.reserve(header.size() + 256);
  Findings found;
  auto rest = header;
  while (const auto field = take_field(rest)) {
    const auto& name = field->name;
    const bool dropped =
        iequals_ascii(name, "Bcc") || iequals_ascii(name, "Resent-Bcc") || iequals_ascii(name, "Return-Path");
    if (dropped) continue;
    found.date = found.date || iequals_ascii(name, "Date");
    found.message_id = found.message_id || iequals_ascii(name, "Message-ID");
    if (iequals_ascii(name, "From")) {
      if (found.from) return std::unexpected(HeaderError::kSeveralFroms);
      found.from = true;
      auto from = read_from(field->value);
      if (!from) return std::unexpected(from.error());
      completed.from = *std::move(from);
    }
    append_field(completed.octets, field->whole);
  }
  add_missing(completed, found, facts);
  // The empty line, and what was no header after all.
  if (!rest.starts_with("\r\n")) completed.octets += "\r\n";
  completed.octets += rest;
  return completed;
}

}  // namespace veredus::doors::smtp
