#include "wire/mime/message.h"

#include <algorithm>
#include <array>

#include "base/codec/ascii.h"
#include "base/codec/base64.h"
#include "base/codec/quoted_printable.h"
#include "base/codec/utf8.h"
#include "wire/mime/html_text.h"
#include "wire/mime/structure_parser.h"

namespace veredus::wire::mime {
namespace {

constexpr std::size_t kMetaOctets = 2048;  // where an HTML page must name its charset, and some

std::string_view slice(std::string_view message, std::uint64_t begin, std::uint64_t end) {
  begin = std::min<std::uint64_t>(begin, message.size());
  return message.substr(begin, std::min<std::uint64_t>(end, message.size()) - begin);
}

/// Whether a body that calls itself base64 is plain text that was never encoded: more than one octet in sixteen is
/// foreign to base64. RFC 2045 s6.8 would have them passed over, and nothing sensible left.
bool is_no_base64(std::string_view body) {
  const auto foreign = std::ranges::count_if(body, [](char c) {
    return !base::codec::is_alpha(c) && !base::codec::is_digit(c) && !std::string_view("+/= \t\r\n").contains(c);
  });
  return static_cast<std::size_t>(foreign) * 16 > body.size();
}

bool is_base64_symbol(char c) { return base::codec::is_alpha(c) || base::codec::is_digit(c) || c == '+' || c == '/'; }

/// How much of a body is base64: what stands behind its padding and cannot be another encoding, such as the footer of a
/// mailing list, is none. RFC 2045 s6.8: "=" may be taken as evidence that the end of the data has been reached.
std::string_view without_footer(std::string_view body) {
  std::size_t symbols = 0;  // of the encoding at hand, padding included
  std::size_t whole = 0;    // octets up to the end of the last line that completed one
  bool padded = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if ((c == '\r' || c == '\n') && padded && symbols % 4 == 0) whole = i;
    if (std::string_view(" \t\r\n").contains(c)) continue;
    if (padded && c != '=') {
      if (symbols % 4 != 0) break;
      symbols = 0;
      padded = false;
    }
    const bool fits = c == '=' ? symbols % 4 >= 2 : is_base64_symbol(c);
    if (!fits) return whole == 0 ? body : body.substr(0, whole);
    ++symbols;
    padded = c == '=';
  }
  return symbols % 4 == 0 || whole == 0 ? body : body.substr(0, whole);
}

std::string decode_base64(std::string_view body) {
  const auto decode = [](std::string_view text, std::string& out) {
    base::codec::Base64Decoder decoder;
    decoder.feed(text, out);
    decoder.finish(out);
    return !decoder.malformed();
  };
  std::string out;
  if (decode(body, out)) return out;
  if (const auto encoded = without_footer(body); encoded.size() != body.size()) {
    out.clear();
    decode(encoded, out);
    return out;
  }
  return is_no_base64(body) ? std::string(body) : out;
}

/// Whether this text is shown as the body, not kept beside it.
bool is_shown_text(const Part& part) {
  return part.kind == PartKind::kLeaf && !part.opaque && part.content_type.type == "text" &&
         part.disposition.kind != "attachment";
}

/// Of an alternative, the plain text where it has one; else its last part, the richest.
std::uint32_t best_alternative(const Structure& structure, const Part& alternative) {
  for (auto i = alternative.first_child; i != kNoPart; i = structure.parts[i].next_sibling)
    if (structure.parts[i].is_type("text", "plain")) return i;
  return alternative.last_child;
}

}  // namespace

Structure parse(std::string_view message, Limits limits) {
  StructureParser parser(limits);
  parser.feed(message);
  return parser.finish();
}

std::string_view header_of(const Part& part, std::string_view message) {
  return slice(message, part.header_begin, part.body_begin);
}

std::string_view body_of(const Part& part, std::string_view message) {
  return slice(message, part.body_begin, part.body_end);
}

std::string decode_transfer(std::string_view body, TransferEncoding encoding) {
  std::string out;
  switch (encoding) {
    case TransferEncoding::kBase64:
      return decode_base64(body);
    case TransferEncoding::kQuotedPrintable: {
      base::codec::QuotedPrintableDecoder decoder;
      decoder.feed(body, out);
      decoder.finish(out);
      return out;
    }
    case TransferEncoding::kIdentity:
      break;
  }
  return std::string(body);
}

std::string decoded_body(const Part& part, std::string_view message) {
  return decode_transfer(body_of(part, message), part.transfer_encoding);
}

std::string text_charset(const Part& part, std::string_view octets) {
  std::string charset(parameter(part.content_type.parameters, "charset"));
  if (charset.empty()) charset = parameter_utf8(part.content_type.parameters, "charset");
  if (!part.is_type("text", "html") || (part.type_declared && !charset.empty())) return charset;
  const std::string head = base::codec::to_lower_ascii(octets.substr(0, kMetaOctets));
  const auto at = head.find("charset=");
  if (at == std::string::npos || head.rfind("<meta", at) == std::string::npos) return charset;
  const auto begin = head.find_first_not_of("\"' ", at + 8);
  if (begin == std::string::npos) return charset;
  charset = head.substr(begin, std::min(head.find_first_of("\"' ;/>\r\n", begin), head.size()) - begin);
  return charset.starts_with("utf-16") ? "utf-8" : charset;  // who could read that could not be UTF-16 (WHATWG HTML)
}

std::string decoded_text(const Part& part, std::string_view message, Undeclared undeclared) {
  const std::string octets = decoded_body(part, message);
  return to_utf8(octets, text_charset(part, octets), undeclared);
}

std::string readable_text(const Structure& structure, std::string_view message, std::size_t max_octets) {
  std::string out;
  std::vector<bool> hidden(structure.parts.size(), false);
  for (std::uint32_t i = 0; i < structure.parts.size() && out.size() < max_octets; ++i) {
    const Part& part = structure.parts[i];
    if (part.parent != kNoPart) {
      const Part& above = structure.parts[part.parent];
      const bool outdone = above.is_type("multipart", "alternative") && above.kind == PartKind::kMultipart &&
                           best_alternative(structure, above) != i;
      hidden[i] = hidden[part.parent] || outdone;
    }
    if (hidden[i] || !is_shown_text(part)) continue;
    std::string text = decoded_text(part, message);
    if (part.is_type("text", "html")) text = html_to_text(text);
    if (!out.empty() && !out.ends_with('\n')) out.push_back('\n');
    out += text;
  }
  return std::string(base::codec::utf8_prefix(out, max_octets));
}

}  // namespace veredus::wire::mime
