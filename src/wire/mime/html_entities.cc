#include "wire/mime/html_entities.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/utf8.h"

namespace veredus::wire::mime {
namespace {

constexpr std::array<std::pair<std::string_view, char32_t>, 88> kNames = {{
    {"amp", U'&'},     {"lt", U'<'},      {"gt", U'>'},      {"quot", U'"'},     {"apos", U'\''},    {"nbsp", 0xA0},
    {"copy", 0xA9},    {"reg", 0xAE},     {"trade", 0x2122}, {"euro", 0x20AC},   {"hellip", 0x2026}, {"mdash", 0x2014},
    {"ndash", 0x2013}, {"lsquo", 0x2018}, {"rsquo", 0x2019}, {"ldquo", 0x201C},  {"rdquo", 0x201D},  {"sbquo", 0x201A},
    {"bdquo", 0x201E}, {"laquo", 0xAB},   {"raquo", 0xBB},   {"lsaquo", 0x2039}, {"rsaquo", 0x203A}, {"bull", 0x2022},
    {"middot", 0xB7},  {"zwnj", 0x200C},  {"zwj", 0x200D},   {"shy", 0xAD},      {"times", 0xD7},    {"deg", 0xB0},
    {"plusmn", 0xB1},  {"frac12", 0xBD},  {"sect", 0xA7},    {"para", 0xB6},     {"pound", 0xA3},    {"yen", 0xA5},
    {"cent", 0xA2},    {"iexcl", 0xA1},   {"iquest", 0xBF},  {"szlig", 0xDF},    {"agrave", 0xE0},   {"aacute", 0xE1},
    {"acirc", 0xE2},   {"atilde", 0xE3},  {"auml", 0xE4},    {"aring", 0xE5},    {"aelig", 0xE6},    {"ccedil", 0xE7},
    {"egrave", 0xE8},  {"eacute", 0xE9},  {"ecirc", 0xEA},   {"euml", 0xEB},     {"igrave", 0xEC},   {"iacute", 0xED},
    {"icirc", 0xEE},   {"iuml", 0xEF},    {"ntilde", 0xF1},  {"ograve", 0xF2},   {"oacute", 0xF3},   {"ocirc", 0xF4},
    {"otilde", 0xF5},  {"ouml", 0xF6},    {"oslash", 0xF8},  {"ugrave", 0xF9},   {"uacute", 0xFA},   {"ucirc", 0xFB},
    {"uuml", 0xFC},    {"yacute", 0xFD},  {"Agrave", 0xC0},  {"Aacute", 0xC1},   {"Acirc", 0xC2},    {"Atilde", 0xC3},
    {"Auml", 0xC4},    {"Aring", 0xC5},   {"AElig", 0xC6},   {"Ccedil", 0xC7},   {"Egrave", 0xC8},   {"Eacute", 0xC9},
    {"Ecirc", 0xCA},   {"Iacute", 0xCD},  {"Ntilde", 0xD1},  {"Oacute", 0xD3},   {"Ouml", 0xD6},     {"Oslash", 0xD8},
    {"Uacute", 0xDA},  {"Uuml", 0xDC},    {"ensp", 0x2002},  {"emsp", 0x2003},
}};

constexpr std::size_t kMaxReference = 12;

std::size_t take_number(std::string_view body, std::string& out) {
  const bool hex = body.size() > 1 && (body[1] == 'x' || body[1] == 'X');
  const std::size_t begin = hex ? 2 : 1;
  std::uint32_t value = 0;
  std::size_t i = begin;
  for (; i < body.size(); ++i) {
    const char c = base::codec::to_lower_ascii(body[i]);
    const bool digit = base::codec::is_digit(c);
    if (!digit && !(hex && c >= 'a' && c <= 'f')) break;
    value = value * (hex ? 16U : 10U) + static_cast<std::uint32_t>(digit ? c - '0' : c - 'a' + 10);
    value = std::min<std::uint32_t>(value, 0x110000);
  }
  if (i == begin) return 0;
  base::codec::append_utf8(out, value == 0 ? U'\uFFFD' : static_cast<char32_t>(value));
  return 1 + i + (i < body.size() && body[i] == ';' ? 1 : 0);
}

}  // namespace

std::size_t take_html_reference(std::string_view text, std::string& out) {
  const auto body = text.substr(1, kMaxReference);
  if (body.starts_with('#')) return take_number(body, out);
  const auto end = body.find(';');
  if (end == std::string_view::npos) return 0;
  const auto name = body.substr(0, end);
  const auto* const found = std::ranges::find(kNames, name, &std::pair<std::string_view, char32_t>::first);
  if (found == kNames.end()) return 0;
  base::codec::append_utf8(out, found->second);
  return end + 2;
}

}  // namespace veredus::wire::mime
