#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/imap/response_reader.h"

namespace veredus::wire::imap {

/// Reads values out of a response's octets. Literals stand there as they came, but for those in `streamed`: offsets
/// behind the mark of a literal whose octets are not there.
class ValueParser {
 public:
  ValueParser(std::string_view text, std::span<const std::size_t> streamed, const ResponseLimits& limits)
      : text_(text), streamed_(streamed), limits_(limits) {}

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  void skip_blanks();
  bool take(char c);
  /// What comes up to a blank, "]" or the end.
  std::string_view word();
  /// All values up to the end, or to `closing`, which is taken.
  std::expected<std::vector<ResponseValue>, ResponseError> values(char closing = '\0');
  std::expected<ResponseValue, ResponseError> value();

 private:
  std::expected<ResponseValue, ResponseError> quoted();
  std::expected<ResponseValue, ResponseError> literal();
  std::expected<ResponseValue, ResponseError> atom();

  std::string_view text_;
  std::span<const std::size_t> streamed_;
  const ResponseLimits& limits_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t count_ = 0;
};

}  // namespace veredus::wire::imap
