#include "base/codec/base64.h"

#include <array>
#include <cstddef>
#include <cstring>

namespace veredus::base::codec {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNoSymbol = 0xFF;
constexpr std::uint32_t kNoGroup = 0x80000000;
constexpr std::size_t kLineOctets = 57;  // make 76 characters, RFC 2045 s6.8

using Values = std::array<std::uint8_t, 256>;

constexpr Values make_values(std::string_view alphabet) {
  Values values{};
  values.fill(kNoSymbol);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return values;
}
constexpr Values kValues = make_values(kAlphabet);
constexpr Values kUrlValues = make_values(kUrlAlphabet);

// One table for each place in a group, the value already shifted; four look-ups and three ORs decode 24 bits.
using Places = std::array<std::array<std::uint32_t, 256>, 4>;
constexpr Places make_places() {
  Places places{};
  for (std::size_t place = 0; place < 4; ++place)
    for (std::size_t c = 0; c < 256; ++c)
      places[place][c] = kValues[c] == kNoSymbol ? kNoGroup : std::uint32_t{kValues[c]} << (18 - 6 * place);
  return places;
}
constexpr Places kPlaces = make_places();

std::uint32_t group_at(const char* in) {
  return kPlaces[0][static_cast<std::uint8_t>(in[0])] | kPlaces[1][static_cast<std::uint8_t>(in[1])] |
         kPlaces[2][static_cast<std::uint8_t>(in[2])] | kPlaces[3][static_cast<std::uint8_t>(in[3])];
}

void put_group(std::uint32_t bits, char* out) {
  out[0] = static_cast<char>(bits >> 16);
  out[1] = static_cast<char>(bits >> 8);
  out[2] = static_cast<char>(bits);
}

char* encode(std::string_view in, std::string_view alphabet, bool pad, char* out) {
  const auto at = [&](std::size_t i) { return std::uint32_t{static_cast<std::uint8_t>(in[i])}; };
  std::size_t i = 0;
  for (; i + 3 <= in.size(); i += 3) {
    const std::uint32_t bits = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    for (int shift = 18; shift >= 0; shift -= 6) *out++ = alphabet[bits >> shift & 0x3F];
  }
  const std::size_t left = in.size() - i;
  if (left == 0) return out;
  const std::uint32_t bits = at(i) << 16 | (left == 2 ? at(i + 1) << 8 : 0);
  *out++ = alphabet[bits >> 18 & 0x3F];
  *out++ = alphabet[bits >> 12 & 0x3F];
  if (left == 2) *out++ = alphabet[bits >> 6 & 0x3F];
  for (std::size_t n = left; pad && n < 3; ++n) *out++ = '=';
  return out;
}

// Symbols alone, without padding.
std::optional<std::string> decode_symbols(std::string_view text, const Values& values) {
  const std::size_t tail = text.size() % 4;
  if (tail == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t value = values[static_cast<std::uint8_t>(text[i])];
    if (value == kNoSymbol) return std::nullopt;
    bits = bits << 6 | value;
    if (i % 4 != 3) continue;
    char group[3];
    put_group(bits, group);
    out.append(group, 3);
    bits = 0;
  }
  if (tail == 2) {
    if ((bits & 0xF) != 0) return std::nullopt;
    out.push_back(static_cast<char>(bits >> 4));
  } else if (tail == 3) {
    if ((bits & 0x3) != 0) return std::nullopt;
    out.push_back(static_cast<char>(bits >> 10));
    out.push_back(static_cast<char>(bits >> 2));
  }
  return out;
}

}  // namespace

std::string base64_encode(std::string_view octets) {
  std::string out;
  out.resize_and_overwrite((octets.size() + 2) / 3 * 4, [&](char* to, std::size_t) {
    return static_cast<std::size_t>(encode(octets, kAlphabet, true, to) - to);
  });
  return out;
}

std::string base64_encode_lines(std::string_view octets) {
  const std::size_t lines = (octets.size() + kLineOctets - 1) / kLineOctets;
  std::string out;
  out.resize_and_overwrite((octets.size() + 2) / 3 * 4 + lines * 2, [&](char* const start, std::size_t) {
    char* to = start;
    for (std::size_t i = 0; i < octets.size(); i += kLineOctets) {
      to = encode(octets.substr(i, kLineOctets), kAlphabet, true, to);
      *to++ = '\r';
      *to++ = '\n';
    }
    return static_cast<std::size_t>(to - start);
  });
  return out;
}

std::string base64url_encode(std::string_view octets) {
  std::string out;
  out.resize_and_overwrite((octets.size() + 2) / 3 * 4, [&](char* to, std::size_t) {
    return static_cast<std::size_t>(encode(octets, kUrlAlphabet, false, to) - to);
  });
  return out;
}

std::optional<std::string> base64url_decode(std::string_view text) { return decode_symbols(text, kUrlValues); }

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.ends_with('=')) text.remove_suffix(text.ends_with("==") ? 2 : 1);
  return decode_symbols(text, kValues);
}

void Base64Decoder::feed(std::string_view in, std::string& out) {
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + in.size() / 4 * 3 + 6, [&](char* const start, std::size_t) {
    const char* from = in.data();
    const char* const end = from + in.size();
    char* to = start + before;
    while (from != end) {
      if (symbols_ == 0 && !padded_) {
        while (end - from >= 4) {
          const std::uint32_t bits = group_at(from);
          if ((bits & kNoGroup) != 0) break;
          put_group(bits, to);
          from += 4;
          to += 3;
        }
      }
      // The usual reason to stop is the end of a line: 76 symbols, which are whole groups.
      if (end - from >= 2 && from[0] == '\r' && from[1] == '\n') {
        from += 2;
      } else if (from != end) {
        from = decode_slowly(from, end, to);
      }
    }
    return static_cast<std::size_t>(to - start);
  });
}

// Symbol by symbol, until a group is complete.
const char* Base64Decoder::decode_slowly(const char* in, const char* end, char*& out) {
  while (in != end) {
    const char c = *in++;
    const std::uint8_t value = kValues[static_cast<std::uint8_t>(c)];
    if (value == kNoSymbol) {
      if (c == '=') {
        if (!padded_) note_end_of_group(out);
        padded_ = true;
      } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
        malformed_ = true;
      }
      continue;
    }
    if (padded_) malformed_ = true;  // two encodings one behind the other, as some programs make them
    padded_ = false;
    bits_ = bits_ << 6 | value;
    if (++symbols_ < 4) continue;
    put_group(bits_, out);
    out += 3;
    symbols_ = 0;
    bits_ = 0;
    return in;
  }
  return in;
}

void Base64Decoder::note_end_of_group(char*& out) {
  if (symbols_ < 2) malformed_ = true;
  if (symbols_ == 2) *out++ = static_cast<char>(bits_ >> 4);
  if (symbols_ == 3) {
    *out++ = static_cast<char>(bits_ >> 10);
    *out++ = static_cast<char>(bits_ >> 2);
  }
  symbols_ = 0;
  bits_ = 0;
}

void Base64Decoder::finish(std::string& out) {
  if (symbols_ != 0) {
    malformed_ = true;
    char last[2];
    char* end = last;
    note_end_of_group(end);
    out.append(last, static_cast<std::size_t>(end - last));
  }
  padded_ = false;
}

}  // namespace veredus::base::codec
