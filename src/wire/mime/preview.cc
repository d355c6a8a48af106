#include "wire/mime/preview.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/codec/utf8.h"
#include "wire/mime/charset.h"
#include "wire/mime/html_text.h"
#include "wire/mime/message.h"

namespace veredus::wire::mime {
namespace {

constexpr std::size_t kMaxCharacters = 256;  // RFC 8970 s4
constexpr std::size_t kEnoughOctets = kMaxCharacters * 4;

/// Appends a line's text, white space collapsed to single spaces.
void append_collapsed(std::string& out, std::string_view line) {
  for (const char c : line) {
    if (static_cast<unsigned char>(c) > ' ' && c != 127) {
      out.push_back(c);
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  if (!out.empty() && out.back() != ' ') out.push_back(' ');
}

std::string collapse(std::string_view text, bool skip_quotes) {
  std::string out;
  while (!text.empty() && out.size() < kEnoughOctets) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (skip_quotes && base::codec::trim_ascii(line, "\r") == "-- ") break;  // RFC 3676 s4.3
    if (!(skip_quotes && line.starts_with('>'))) append_collapsed(out, line);
  }
  return out;
}

std::string first_characters(std::string_view text) {
  text = base::codec::trim_ascii(text);
  std::size_t octets = 0;
  for (std::size_t i = 0; i < kMaxCharacters && octets < text.size(); ++i)
    octets += std::max<std::size_t>(base::codec::first_utf8_character(text.substr(octets)).octets, 1);
  return std::string(base::codec::trim_ascii(text.substr(0, octets)));
}

std::string sample_text(const Part& part) {
  const std::string octets = decode_transfer(part.sample, part.transfer_encoding);
  std::string text = to_utf8(octets, text_charset(part, octets));
  return part.is_type("text", "html") ? strip_html(text, kEnoughOctets) : text;
}

}  // namespace

std::string preview_of_text(std::string_view text_utf8) {
  std::string out = first_characters(collapse(text_utf8, true));
  return out.empty() ? first_characters(collapse(text_utf8, false)) : out;
}

std::string preview(const Structure& structure) {
  for (const Part& part : structure.parts) {
    if (part.sample.empty()) continue;
    std::string out = preview_of_text(sample_text(part));
    if (!out.empty()) return out;
  }
  return {};
}

}  // namespace veredus::wire::mime
