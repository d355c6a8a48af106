#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace veredus::wire::imap {

/// Makes a number in decimal digits the next one. False: that has a digit more; now there are zeros.
inline bool count_up(std::span<char> digits) {
  for (auto at = digits.size(); at > 0; --at) {
    char& digit = digits[at - 1];
    if (digit != '9') {
      ++digit;
      return true;
    }
    digit = '0';
  }
  return false;
}

/// A number in decimal digits. To become the next one, as from line to line of a list, costs it next to nothing.
class DecimalText {
 public:
  static constexpr std::size_t kRoom = 16;  // octets that may be read from begin(), whatever the number

  DecimalText() = default;
  explicit DecimalText(std::uint32_t number) : number_(number) { write(number); }

  void set(std::uint32_t number) {
    if (number == 0 || number != number_ + 1 || !count_up({digits_.data(), size_})) write(number);
    number_ = number;
  }
  [[nodiscard]] const char* begin() const { return digits_.data(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string_view view() const { return {begin(), size_}; }

 private:
  void write(std::uint32_t number) {
    size_ = static_cast<std::size_t>(std::to_chars(digits_.begin(), digits_.end(), number).ptr - digits_.data());
  }

  std::array<char, kRoom> digits_{'0'};
  std::size_t size_ = 1;
  std::uint32_t number_ = 0;
};

}  // namespace veredus::wire::imap
