#pragma once

#include <expected>
#include <optional>
#include <string_view>

#include "wire/smtp/command_error.h"

namespace veredus::wire::smtp {

/// One `keyword[=value]` behind a path. Views into the command line.
struct Parameter {
  std::string_view keyword;               // letters, digits, '-'
  std::optional<std::string_view> value;  // 1.. octets
};

/// Takes the next parameter from the front of `text`; nullopt at its end. Source: Mail-parameters of RFC 5321 s4.1.2.
std::expected<std::optional<Parameter>, CommandError> take_parameter(std::string_view& text);

}  // namespace veredus::wire::smtp
