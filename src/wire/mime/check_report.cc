#include "wire/mime/check_report.h"

#include <vector>

#include "base/codec/ascii.h"
#include "base/codec/date.h"
#include "base/codec/hex.h"
#include "base/codec/utf8.h"
#include "base/crypto/digest.h"
#include "wire/mime/address.h"
#include "wire/mime/address_syntax.h"
#include "wire/mime/header_block.h"
#include "wire/mime/json_text.h"
#include "wire/mime/message.h"

namespace veredus::wire::mime {
namespace {

constexpr Undeclared kAsSent = Undeclared::kReplace;

void append_addresses(std::string& out, std::string_view header, std::string_view name) {
  const auto field = find_field(header, name);
  if (!field) {
    out += "null";
    return;
  }
  out.push_back('[');
  bool first = true;
  for (const Address& address : parse_address_list(field->value)) {
    if (address.kind != AddressKind::kMailbox) continue;
    std::string shown = display_name(address, kAsSent);
    std::string text = base::codec::replace_invalid_utf8(address_text(address));
    if (shown.empty() && !address.bracketed && address.domain.empty()) shown.swap(text);  // a word alone: a name
    if (!first) out.push_back(',');
    first = false;
    out.push_back('[');
    append_json_string_or_null(out, shown);
    out.push_back(',');
    append_json_string_or_null(out, text);
    out.push_back(']');
  }
  out.push_back(']');
}

void append_field(std::string& out, std::string_view name, std::string_view text_utf8) {
  out.append(",\"").append(name).append("\":");
  append_json_string_or_null(out, text_utf8);
}

/// Text leaves, and others whose octets are text as they stand.
bool is_readable(const Part& part, std::string_view octets, std::string_view message) {
  if (part.content_type.type == "text" && !part.opaque) return true;
  return part.kind == PartKind::kLeaf && octets == body_of(part, message) && base::codec::is_valid_utf8(octets) &&
         !octets.contains('\0');
}

void append_leaf(std::string& out, const Structure& structure, const Part& part, std::string_view message) {
  // A multipart without parts is reported as what it says it is.
  const Part& declared = part.implied ? structure.parts[part.parent] : part;
  const std::string octets = decoded_body(part, message);
  out += "{\"type\":";
  append_json_string(out, declared.content_type.type + '/' + declared.content_type.subtype);
  append_field(out, "filename", filename(part, kAsSent));
  append_field(out, "disposition", base::codec::replace_invalid_utf8(part.disposition.kind));
  append_field(out, "cid", base::codec::replace_invalid_utf8(base::codec::trim_ascii(part.id, "<> \t")));
  const auto charset = part.type_declared ? text_charset(part, octets) : std::string();
  append_field(out, "charset", base::codec::replace_invalid_utf8(charset));
  out.append(",\"size\":").append(std::to_string(octets.size()));
  append_field(out, "sha256", base::codec::hex_encode(base::crypto::sha256(octets)));
  out += ",\"text\":";
  if (is_readable(part, octets, message)) {
    append_json_string(out, to_utf8(octets, text_charset(part, octets), kAsSent));
  } else {
    out += "null";
  }
  out.push_back('}');
}

void append_leaves(std::string& out, const Structure& structure, std::string_view message) {
  std::vector<bool> inside(structure.parts.size(), false);  // of a message that is a leaf here
  bool first = true;
  for (std::size_t i = 0; i < structure.parts.size(); ++i) {
    const Part& part = structure.parts[i];
    if (part.parent != kNoPart)
      inside[i] = inside[part.parent] || structure.parts[part.parent].kind == PartKind::kMessage;
    if (inside[i] || part.kind == PartKind::kMultipart) continue;
    if (!first) out.push_back(',');
    first = false;
    append_leaf(out, structure, part, message);
  }
}

}  // namespace

std::string check_report_json(std::string_view message) {
  const Structure structure = parse(message);
  const std::string& header = structure.root().header;
  std::string out = "{\"subject\":";
  if (const auto subject = find_field(header, "Subject")) {
    append_json_string(out, decode_header(subject->value, kAsSent));
  } else {
    out += "null";
  }
  out += ",\"from\":";
  append_addresses(out, header, "From");
  out += ",\"to\":";
  append_addresses(out, header, "To");
  out += ",\"date\":";
  const auto date_field = find_field(header, "Date");
  const auto date = date_field ? base::codec::parse_rfc5322_date(date_field->value) : std::nullopt;
  append_json_string_or_null(out, date ? base::codec::format_rfc3339(date->time, date->offset) : std::string());
  out += ",\"leaves\":[";
  append_leaves(out, structure, message);
  out += "]}";
  return out;
}

std::string check_address_json(std::string_view address) {
  const AddressDiagnosis diagnosis = diagnose_address(address);
  std::string out = "{\"address\":";
  append_json_string(out, address);
  append_field(out, "category", to_string(category(diagnosis)));
  append_field(out, "diagnosis", to_string(diagnosis));
  append_field(out, "explanation", explain(diagnosis));
  out.push_back('}');
  return out;
}

}  // namespace veredus::wire::mime
