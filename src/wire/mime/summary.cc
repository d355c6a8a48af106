#include "wire/mime/summary.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/codec/date.h"
#include "base/codec/utf8.h"
#include "wire/mime/encoded_word.h"
#include "wire/mime/header_block.h"
#include "wire/mime/message_id.h"
#include "wire/mime/part_table.h"
#include "wire/mime/preview.h"

namespace veredus::wire::mime {
namespace {

using base::codec::iequals_ascii;

constexpr std::size_t kUsualFields = 8;

bool is_summary_field(std::string_view name) {
  return std::ranges::any_of(kSummaryFields, [&](std::string_view wanted) { return iequals_ascii(name, wanted); });
}

/// What the reader would save rather than see: not the text, not the pictures inside it, not signatures.
bool is_attachment(const Part& part) {
  if (part.kind == PartKind::kMultipart || part.implied) return false;
  if (part.disposition.kind == "attachment") return true;
  const std::string& type = part.content_type.type;
  if (part.kind == PartKind::kMessage) return part.parent != kNoPart;
  if (type == "text" || (type == "message" && !part.opaque)) return !filename(part).empty();
  const bool is_signature = type == "application" && part.content_type.subtype.ends_with("signature");
  const bool is_picture_of_text = type == "image" && !part.id.empty();
  return !is_signature && !is_picture_of_text;
}

void take_field(Summary& out, const Field& field) {
  if (!is_summary_field(field.name)) return;
  out.fields.push_back({std::string(field.name), std::string(field.value)});
  // BODY[HEADER.FIELDS] is octet for octet (RFC 3501 s6.4.5): "Subject : x" (RFC 5322 s4.5.8) cannot be kept.
  if (!field.whole.substr(field.name.size()).starts_with(':')) out.fields_complete = false;
  if (iequals_ascii(field.name, "subject")) {
    out.subject_utf8 = decode_header(field.value);
  } else if (iequals_ascii(field.name, "date")) {
    const auto date = base::codec::parse_rfc5322_date(field.value);
    out.date = date ? std::optional(date->time) : std::nullopt;
  } else if (iequals_ascii(field.name, "message-id")) {
    auto ids = parse_message_ids(field.value, 1);
    out.message_id = ids.empty() ? std::string() : std::move(ids.front());
  } else if (iequals_ascii(field.name, "in-reply-to")) {
    out.in_reply_to = parse_bracketed_ids(field.value);
  } else if (iequals_ascii(field.name, "references")) {
    out.references = parse_message_ids(field.value);
  }
}

}  // namespace

Summary summarize(const Structure& structure) {
  Summary out;
  const Part& root = structure.root();
  out.fields.reserve(kUsualFields);
  FieldReader reader(root.header);
  while (const auto field = reader.next()) take_field(out, *field);
  if (root.header_truncated) out.fields_complete = false;
  out.utf8_header = !base::codec::is_ascii(root.header);
  out.unended = structure.unended;
  out.envelope = envelope(root.header);
  out.bodystructure = body_structure(structure, BodyForm::kBodyStructure);
  out.body = body_structure(structure, BodyForm::kBody);
  out.part_table = encode_part_table(structure);
  out.preview = preview(structure);
  out.has_attachment = std::ranges::any_of(structure.parts, is_attachment);
  return out;
}

}  // namespace veredus::wire::mime
