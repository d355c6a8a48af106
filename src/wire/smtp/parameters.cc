#include "wire/smtp/parameters.h"

#include <algorithm>

#include "base/codec/ascii.h"

namespace veredus::wire::smtp {

std::expected<std::optional<Parameter>, CommandError> take_parameter(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  if (text.empty()) return std::nullopt;
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());

  // esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-"); esmtp-value = 1*(%d33-60 / %d62-126), RFC 6531 s3.3 adds
  // UTF-8
  const auto equals = word.find('=');
  Parameter parameter{word.substr(0, equals), std::nullopt};
  const auto is_keyword_octet = [](char c) { return base::codec::is_alpha(c) || base::codec::is_digit(c) || c == '-'; };
  if (parameter.keyword.empty() || parameter.keyword.front() == '-' ||
      !std::ranges::all_of(parameter.keyword, is_keyword_octet))
    return std::unexpected(CommandError::kParameterSyntax);
  if (equals == std::string_view::npos) return parameter;
  parameter.value = word.substr(equals + 1);
  const auto is_value_octet = [](char c) { return static_cast<unsigned char>(c) > 32 && c != 127 && c != '='; };
  if (parameter.value->empty() || !std::ranges::all_of(*parameter.value, is_value_octet))
    return std::unexpected(CommandError::kParameterSyntax);
  return parameter;
}

}  // namespace veredus::wire::smtp
