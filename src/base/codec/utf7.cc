#include "base/codec/utf7.h"

#include <cstdint>

#include "base/codec/utf8.h"

namespace veredus::base::codec {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

bool is_direct(char32_t c) { return c >= 0x20 && c <= 0x7E; }

// The inside of "&…-": UTF-16, most significant octet first, in base64 without padding.
class ShiftWriter {
 public:
  explicit ShiftWriter(std::string& out) : out_(out) {}
  void put(char32_t c) {
    if (c < 0x10000) return put_unit(static_cast<std::uint32_t>(c));
    const auto rest = static_cast<std::uint32_t>(c) - 0x10000;
    put_unit(0xD800 | rest >> 10);
    put_unit(0xDC00 | (rest & 0x3FF));
  }
  void end() {
    if (count_ > 0) out_.push_back(kAlphabet[bits_ << (6 - count_) & 0x3F]);
    out_.push_back('-');
    bits_ = 0;
    count_ = 0;
  }

 private:
  void put_unit(std::uint32_t unit) {
    bits_ = bits_ << 16 | unit;
    count_ += 16;
    while (count_ >= 6) {
      count_ -= 6;
      out_.push_back(kAlphabet[bits_ >> count_ & 0x3F]);
    }
    bits_ &= (1u << count_) - 1;
  }
  std::string& out_;
  std::uint32_t bits_ = 0;
  int count_ = 0;
};

// Reads UTF-16 units one by one into characters.
class UnitReader {
 public:
  explicit UnitReader(std::string& out) : out_(out) {}
  bool put(std::uint32_t unit) {
    const bool low = unit >= 0xDC00 && unit <= 0xDFFF;
    if (high_ != 0) {
      if (!low) return false;
      append_utf8(out_, static_cast<char32_t>(0x10000 + ((high_ & 0x3FF) << 10 | (unit & 0x3FF))));
      high_ = 0;
      return true;
    }
    if (low || is_direct(unit)) return false;
    if (unit >= 0xD800 && unit <= 0xDBFF)
      high_ = unit;
    else
      append_utf8(out_, static_cast<char32_t>(unit));
    return true;
  }
  [[nodiscard]] bool complete() const { return high_ == 0; }

 private:
  std::string& out_;
  std::uint32_t high_ = 0;
};

bool decode_shift(std::string_view symbols, std::string& out) {
  UnitReader units(out);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : symbols) {
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 16) continue;
    count -= 16;
    if (!units.put(bits >> count & 0xFFFF)) return false;
    bits &= (1u << count) - 1;
  }
  return units.complete() && count < 6 && bits == 0;
}

}  // namespace

std::optional<std::string> to_modified_utf7(std::string_view utf8) {
  std::string out;
  ShiftWriter shift(out);
  bool shifted = false;
  while (!utf8.empty()) {
    const Utf8Character character = first_utf8_character(utf8);
    if (character.octets == 0) return std::nullopt;
    utf8.remove_prefix(character.octets);
    const char32_t c = character.code_point;
    if (is_direct(c) && shifted) shift.end();
    if (!is_direct(c) && !shifted) out.push_back('&');
    shifted = !is_direct(c);
    if (shifted)
      shift.put(c);
    else
      out.push_back(static_cast<char>(c));
    if (c == U'&') out.push_back('-');
  }
  if (shifted) shift.end();
  return out;
}

std::optional<std::string> from_modified_utf7(std::string_view text) {
  std::string out;
  bool just_shifted = false;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c < 0x20 || c > 0x7E) return std::nullopt;
    if (c != '&') {
      out.push_back(c);
      just_shifted = false;
      continue;
    }
    const auto end = text.find('-');
    if (end == std::string_view::npos) return std::nullopt;
    if (end == 0) {
      out.push_back('&');
      just_shifted = false;
    } else if (just_shifted || !decode_shift(text.substr(0, end), out)) {  // two shifts in a row should have been one
      return std::nullopt;
    } else {
      just_shifted = true;
    }
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace veredus::base::codec
