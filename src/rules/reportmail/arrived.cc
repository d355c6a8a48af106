#include "rules/reportmail/arrived.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/codec/ascii.h"
#include "base/types/result.h"
#include "wire/archive/unpack.h"
#include "wire/mime/encoded_word.h"
#include "wire/mime/header_block.h"
#include "wire/mime/message.h"

namespace veredus::rules::reportmail {

namespace archive = wire::archive;
namespace mime = wire::mime;
using base::codec::iequals_ascii;
using base::codec::istarts_with_ascii;

namespace {

using Read = std::expected<Arrived, Problem>;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

Read failed(ReadError error, std::string_view why) { return std::unexpected(Problem{.error = error, .why = why}); }

std::string_view without_mark(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return base::codec::trim_ascii(text);
}

/// What an unpacked file is, by its first character.
Read read_document(std::string document) {
  const auto text = without_mark(document);
  if (text.starts_with('<')) {
    auto report = aggregate::read_xml(text);
    if (!report) return failed(ReadError::kContent, to_string(report.error()));
    return Arrived{.content = *std::move(report), .document = std::move(document)};
  }
  if (text.starts_with('{')) {
    auto report = tlsrpt::read_json(text);
    if (!report) return failed(ReadError::kContent, to_string(report.error()));
    return Arrived{.content = *std::move(report), .document = std::move(document)};
  }
  return failed(ReadError::kNoReport, "neither XML nor JSON");
}

Read read_file(std::string octets) {
  if (archive::packing_of(octets) == archive::Packing::kNone) return read_document(std::move(octets));
  auto unpacked = archive::unpack(octets);
  if (!unpacked) return failed(ReadError::kPacked, to_string(unpacked.error()));
  return read_document(*std::move(unpacked));
}

/// RFC 9990 s3.5.2, RFC 8460 s6.4, s6.5; and what others call the same.
constexpr auto kTypes = std::to_array<std::string_view>(
    {"application/gzip", "application/x-gzip", "application/zip", "application/x-zip-compressed", "application/xml",
     "text/xml", "application/tlsrpt+gzip", "application/tlsrpt+json", "application/json"});
constexpr auto kExtensions = std::to_array<std::string_view>({".xml", ".gz", ".zip", ".json"});

bool may_be_report(const mime::Part& part) {
  if (part.kind != mime::PartKind::kLeaf) return false;
  const std::string type = part.content_type.type + '/' + part.content_type.subtype;
  if (std::ranges::find(kTypes, type) != kTypes.end()) return true;
  if (type != "application/octet-stream" && part.disposition.kind != "attachment") return false;
  const std::string name = base::codec::to_lower_ascii(mime::filename(part));
  return std::ranges::any_of(kExtensions, [&name](std::string_view end) { return name.ends_with(end); });
}

bool is_forwarded(const mime::Structure& structure, const mime::Part& part) {
  for (auto parent = part.parent; parent != mime::kNoPart; parent = structure.parts[parent].parent)
    if (structure.parts[parent].kind == mime::PartKind::kMessage) return true;
  return false;
}

Read read_failure(std::string_view message, const Limits& limits) {
  auto feedback = arf::parse_feedback(message);
  if (!feedback) return failed(ReadError::kNoReport, to_string(feedback.error()));
  return Arrived{.content = *std::move(feedback), .document = std::string(message.substr(0, limits.failure_octets))};
}

Read read_message(std::string_view message, const Limits& limits) {
  const auto structure = mime::parse(message);
  std::optional<Problem> first;
  std::size_t files = 0;
  for (const auto& part : structure.parts) {
    if (!may_be_report(part) || is_forwarded(structure, part)) continue;
    if (++files > limits.files) break;
    auto read = read_file(mime::decoded_body(part, message));
    if (read) return read;
    if (!first || first->error == ReadError::kNoReport) first = read.error();
  }
  auto failure = read_failure(message, limits);
  if (failure) return failure;
  return first ? Read(std::unexpected(*first)) : failed(ReadError::kNoReport, "no report in the message");
}

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::kAggregate:
      return "dmarc";
    case Kind::kTls:
      return "tls";
    case Kind::kFailure:
      return "failure";
  }
  return "";
}

std::expected<Arrived, Problem> read_report(std::string_view octets, const Limits& limits) {
  if (archive::packing_of(octets) != archive::Packing::kNone) return read_file(std::string(octets));
  const auto text = without_mark(octets);
  if (text.starts_with('<') || text.starts_with('{')) return read_document(std::string(octets));
  return read_message(octets, limits);
}

bool is_called_report(std::string_view header) {
  const auto subject = mime::find_field(header, "subject");
  return subject && istarts_with_ascii(base::codec::trim_ascii(mime::unfold(subject->value)), "report domain:");
}

}  // namespace veredus::rules::reportmail
