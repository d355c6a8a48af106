#include "rules/bounce/report_parts.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/codec/ascii.h"
#include "wire/mime/encoded_word.h"
#include "wire/mime/header_block.h"
#include "wire/mime/html_text.h"
#include "wire/mime/message.h"

namespace veredus::rules::bounce {
namespace {

using wire::mime::Part;
using wire::mime::PartKind;
using wire::mime::Structure;

constexpr std::size_t kMaxText = 256 * 1024;  // of what a report says

/// What stands above the returned message where it is no part of its own. Lower case; found anywhere in a short line.
constexpr std::array kMarkers = std::to_array<std::string_view>({
    "--- below this line is a copy of",
    "--- enclosed is a copy of",
    "this is a copy of the message",
    "this is a copy of your message",
    "this is a copy of the headers",
    "original message follows",
    "original message headers",
    "original message header",
    "-- original message --",
    "- original message -",
    "the header of the original message is following",
    "message headers follow",
    "message header follows",
    "unsent message follows",
    "included is a copy of the message",
    "below is a copy of the original message",
    "copy of the original message below",
    "- returned message -",
    "original mail info",
    "here is a copy of the message",
    "a copy of your message",
    "the text of the original message",
    "- message text follows",
    "bounced e-mail:",
    "original message:",
    "returned message follows",
    "undelivered message follows",
});

bool is_marker(std::string_view line) {
  if (line.size() > 100) return false;
  const std::string lower = base::codec::to_lower_ascii(line);
  return std::ranges::any_of(kMarkers, [&](std::string_view marker) { return lower.contains(marker); });
}

/// A line that only the header of a returned message has.
bool starts_header(std::string_view line) {
  using base::codec::istarts_with_ascii;
  return istarts_with_ascii(line, "Received: ") || istarts_with_ascii(line, "Return-Path: ") ||
         istarts_with_ascii(line, "DKIM-Signature: ");
}

std::string with_lf(std::string_view text) {
  std::string out;
  out.reserve(std::min(text.size(), kMaxText));
  for (std::size_t i = 0; i < text.size() && out.size() < kMaxText; ++i) {
    if (text[i] == '\r') {
      if (i + 1 < text.size() && text[i + 1] == '\n') continue;
      out.push_back('\n');
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

/// Where the returned message begins in `text`; text.size(): nowhere. A report inside (a bounce that was handed on as
/// text) is no returned message.
std::size_t find_returned(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    if (is_marker(line)) return at;
    if (starts_header(line)) {
      const auto rest = text.substr(at);
      if (!rest.contains("Final-Recipient:") && !rest.contains("multipart/report")) return at;
    }
    at = end + 1;
  }
  return text.size();
}

/// Whether a part stands inside a message inside the message.
bool is_inside_message(const Structure& structure, const Part& part) {
  for (auto parent = part.parent; parent != wire::mime::kNoPart; parent = structure.parts[parent].parent)
    if (structure.parts[parent].kind == PartKind::kMessage) return true;
  return false;
}

bool is_status_part(const Part& part) {
  return part.is_type("message", "delivery-status") || part.is_type("message", "global-delivery-status");
}

bool is_headers_part(const Part& part) {
  return part.is_type("text", "rfc822-headers") || part.is_type("message", "global-headers") ||
         part.is_type("text", "rfc822-header") || part.is_type("message", "rfc822-headers");
}

/// What a leaf says to people; empty: nothing.
std::string leaf_text(const Part& part, std::string_view message) {
  if (part.is_type("text", "html")) return wire::mime::html_to_text(wire::mime::decoded_text(part, message));
  const bool readable = part.content_type.type == "text" || part.content_type.type.empty() || part.implied ||
                        part.content_type.type == "multipart" || part.is_type("message", "feedback-report");
  if (!readable || part.disposition.kind == "attachment") return {};
  return wire::mime::decoded_text(part, message);
}

void add_leaf(ReportParts& out, const Part& part, std::string_view message, bool& has_plain) {
  if (part.is_type("message", "disposition-notification")) {
    out.is_receipt = true;
  } else if (is_status_part(part)) {
    out.status.push_back(with_lf(wire::mime::decoded_body(part, message)));
  } else if (is_headers_part(part)) {
    if (out.original.empty()) out.original = with_lf(wire::mime::decoded_body(part, message));
    out.has_original_part = true;
  } else {
    const bool html = part.is_type("text", "html");
    if (html && has_plain) return;
    const std::string text = leaf_text(part, message);
    if (!html && text.find_first_not_of(" \t\r\n") != std::string::npos) has_plain = true;
    if (out.uncut_text.size() < kMaxText) out.uncut_text.append(with_lf(text)).push_back('\n');
  }
}

}  // namespace

ReportParts take_apart(std::string_view message) {
  const Structure structure = wire::mime::parse(message);
  ReportParts out;
  out.header = std::string(header_of(structure.root(), message));
  out.type = structure.root().content_type.type + '/' + structure.root().content_type.subtype;
  bool has_plain = false;
  for (const Part& part : structure.parts) {
    if (is_inside_message(structure, part)) continue;
    if (part.kind == PartKind::kMessage) {
      if (out.original.empty()) out.original = with_lf(body_of(part, message));
      out.has_original_part = true;
    } else if (part.kind == PartKind::kLeaf || part.opaque) {
      add_leaf(out, part, message, has_plain);
    }
  }
  const auto cut = find_returned(out.uncut_text);
  out.text = out.uncut_text.substr(0, cut);
  if (out.original.empty()) out.original = out.uncut_text.substr(cut);
  return out;
}

std::string field_value(std::string_view header, std::string_view name) {
  const auto field = wire::mime::find_field(header, name);
  return field ? wire::mime::decode_header(field->value) : std::string();
}

}  // namespace veredus::rules::bounce
