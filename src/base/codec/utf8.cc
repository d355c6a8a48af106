#include "base/codec/utf8.h"

#include <cstdint>
#include <cstring>

namespace veredus::base::codec {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::uint8_t octet_at(std::string_view text, std::size_t i) { return static_cast<std::uint8_t>(text[i]); }

// How many octets of US-ASCII `text` starts with, counted eight at a time where that goes.
std::size_t ascii_prefix(std::string_view text) {
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    if ((word & 0x8080808080808080) != 0) break;
  }
  while (i < text.size() && octet_at(text, i) < 0x80) ++i;
  return i;
}

struct Lead {
  std::size_t octets = 0;   // 0: cannot start a character
  std::uint8_t low = 0x80;  // what the second octet may be
  std::uint8_t high = 0xBF;
};

// RFC 3629 s4
Lead lead_of(std::uint8_t octet) {
  if (octet < 0x80) return {.octets = 1};
  if (octet < 0xC2) return {};
  if (octet < 0xE0) return {.octets = 2};
  if (octet == 0xE0) return {.octets = 3, .low = 0xA0};
  if (octet == 0xED) return {.octets = 3, .high = 0x9F};
  if (octet < 0xF0) return {.octets = 3};
  if (octet == 0xF0) return {.octets = 4, .low = 0x90};
  if (octet < 0xF4) return {.octets = 4};
  if (octet == 0xF4) return {.octets = 4, .high = 0x8F};
  return {};
}

// How many octets at the front follow the grammar: all of a character, or the part before the octet that breaks it.
std::size_t well_formed_octets(std::string_view text, const Lead& lead) {
  if (lead.octets < 2) return lead.octets;
  std::size_t i = 1;
  for (; i < lead.octets && i < text.size(); ++i) {
    const std::uint8_t octet = octet_at(text, i);
    const std::uint8_t low = i == 1 ? lead.low : 0x80;
    const std::uint8_t high = i == 1 ? lead.high : 0xBF;
    if (octet < low || octet > high) break;
  }
  return i;
}

}  // namespace

bool is_ascii(std::string_view text) { return ascii_prefix(text) == text.size(); }

bool is_valid_utf8(std::string_view text) {
  while (true) {
    text.remove_prefix(ascii_prefix(text));
    if (text.empty()) return true;
    const Lead lead = lead_of(octet_at(text, 0));
    if (lead.octets == 0 || well_formed_octets(text, lead) != lead.octets) return false;
    text.remove_prefix(lead.octets);
  }
}

Utf8Character first_utf8_character(std::string_view text) {
  if (text.empty()) return {};
  const Lead lead = lead_of(octet_at(text, 0));
  if (lead.octets == 0 || well_formed_octets(text, lead) != lead.octets) return {};
  if (lead.octets == 1) return {.code_point = octet_at(text, 0), .octets = 1};
  char32_t code_point = octet_at(text, 0) & (0x7Fu >> lead.octets);
  for (std::size_t i = 1; i < lead.octets; ++i) code_point = code_point << 6 | (octet_at(text, i) & 0x3Fu);
  return {.code_point = code_point, .octets = lead.octets};
}

void append_utf8(std::string& out, char32_t code_point) {
  const auto put = [&](std::uint32_t octet) { out.push_back(static_cast<char>(static_cast<std::uint8_t>(octet))); };
  const auto c = static_cast<std::uint32_t>(code_point);
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
    out.append(kReplacement);
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

std::string replace_invalid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t ascii = ascii_prefix(text);
    out.append(text.substr(0, ascii));
    text.remove_prefix(ascii);
    if (text.empty()) break;
    const Lead lead = lead_of(octet_at(text, 0));
    const std::size_t good = well_formed_octets(text, lead);
    if (lead.octets != 0 && good == lead.octets) {
      out.append(text.substr(0, good));
      text.remove_prefix(good);
    } else {
      out.append(kReplacement);
      text.remove_prefix(good == 0 ? 1 : good);
    }
  }
  return out;
}

std::string_view utf8_prefix(std::string_view text, std::size_t max_octets) {
  if (text.size() <= max_octets) return text;
  std::size_t end = max_octets;
  for (int back = 0; back < 3 && end > 0 && (octet_at(text, end) & 0xC0) == 0x80; ++back) --end;
  if (end < text.size() && (octet_at(text, end) & 0xC0) == 0x80) end = max_octets;  // no UTF-8 at all
  return text.substr(0, end);
}

}  // namespace veredus::base::codec
