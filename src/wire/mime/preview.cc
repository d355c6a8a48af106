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

bool is_blank(char c) { return static_cast<unsigned char>(c) <= ' ' || c == 127; }

/// How many characters begin in it, when it is UTF-8.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

void append_space(std::string& out) {
  if (!out.empty() && out.back() != ' ') out.push_back(' ');
}

/// Appends a line's text, white space collapsed to single spaces. Answers how many characters that were.
std::size_t append_collapsed(std::string& out, std::string_view line) {
  std::size_t count = 0;
  while (!line.empty()) {
    const auto word = static_cast<std::size_t>(std::ranges::find_if(line, is_blank) - line.begin());
    out.append(line.substr(0, word));
    if (word != 0) count += characters(line.substr(0, word)) + 1;
    line.remove_prefix(word);
    line.remove_prefix(static_cast<std::size_t>(std::ranges::find_if_not(line, is_blank) - line.begin()));
    append_space(out);
  }
  return count;
}

/// As much of it as a preview can need.
std::string collapse(std::string_view text, bool skip_quotes) {
  std::string out;
  out.reserve(std::min(text.size(), kEnoughOctets));
  std::size_t count = 0;
  while (!text.empty() && out.size() < kEnoughOctets && count <= kMaxCharacters) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (skip_quotes && base::codec::trim_ascii(line, "\r") == "-- ") break;  // RFC 3676 s4.3
    if (!(skip_quotes && line.starts_with('>'))) count += append_collapsed(out, line);
  }
  return out;
}

std::string first_characters(std::string_view text) {
  text = base::codec::trim_ascii(text);
  std::size_t octets = 0;
  for (std::size_t i = 0; i < kMaxCharacters && octets < text.size(); ++i) {
    const bool is_ascii = static_cast<unsigned char>(text[octets]) < 0x80;
    octets += is_ascii ? 1 : std::max<std::size_t>(base::codec::first_utf8_character(text.substr(octets)).octets, 1);
  }
  return std::string(base::codec::trim_ascii(text.substr(0, octets)));
}

std::string sample_text(const Part& part) {
  std::string decoded;
  std::string_view octets = part.sample;
  if (part.transfer_encoding != TransferEncoding::kIdentity)
    octets = decoded = decode_transfer(part.sample, part.transfer_encoding);
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
