#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace veredus {

/// Appends an unsigned integer, most significant octet first: keys sort as their numbers do.
template <std::unsigned_integral T>
void put_be(std::string& out, T value) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(value >> shift)));
}

/// Appends an unsigned integer in 7-bit groups, least significant first (LEB128): 1..10 octets.
inline void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(value | 0x80)));
    value >>= 7;
  }
  out.push_back(static_cast<char>(static_cast<std::uint8_t>(value)));
}

/// Appends a length (varint), then the octets.
inline void put_string(std::string& out, std::string_view value) {
  put_varint(out, value.size());
  out.append(value);
}

/// Reads back what the functions above wrote. Each `take_` answers nullopt, and stays where it was, when the input is
/// too short or malformed; nothing here allocates but take_string's result. The input must outlive the reader.
class ByteReader {
 public:
  explicit ByteReader(std::string_view input) : rest_(input) {}
  /// A string that is gone at the end of the line is no input.
  template <class Temporary>
    requires std::same_as<Temporary, std::string>
  explicit ByteReader(Temporary&& input) = delete;

  template <std::unsigned_integral T>
  std::optional<T> take_be() {
    if (rest_.size() < sizeof(T)) return std::nullopt;
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
      value = static_cast<T>((static_cast<std::uint64_t>(value) << 8) | static_cast<std::uint8_t>(rest_[i]));
    rest_.remove_prefix(sizeof(T));
    return value;
  }

  std::optional<std::uint64_t> take_varint() {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < rest_.size() && i < 10; ++i) {
      const auto octet = static_cast<std::uint8_t>(rest_[i]);
      if (i == 9 && octet > 1) return std::nullopt;  // would not fit 64 bits
      value |= static_cast<std::uint64_t>(octet & 0x7F) << (7 * i);
      if ((octet & 0x80) == 0) {
        rest_.remove_prefix(i + 1);
        return value;
      }
    }
    return std::nullopt;
  }

  /// A view into the input.
  std::optional<std::string_view> take_string() {
    const ByteReader before = *this;
    const auto length = take_varint();
    if (!length || *length > rest_.size()) {
      *this = before;
      return std::nullopt;
    }
    const auto value = rest_.substr(0, *length);
    rest_.remove_prefix(*length);
    return value;
  }

  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace veredus
