#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "wire/mime/encoded_word.h"

namespace veredus::wire::mime {

/// One `attribute=value` as sent: the value is unquoted and unfolded, but RFC 2231 and RFC 2047 forms are not undone.
struct Parameter {
  std::string name;  // as spelled, never empty
  std::string value;
  friend bool operator==(const Parameter&, const Parameter&) = default;
};

using Parameters = std::vector<Parameter>;

/// `type/subtype; attribute=value…`. Source: RFC 2045 s5.1.
struct ContentType {
  std::string type;     // lower case; empty when there is none
  std::string subtype;  // lower case; empty when there is none
  Parameters parameters;
};

/// `disposition; attribute=value…`. Source: RFC 2183 s2.
struct Disposition {
  std::string kind;  // lower case; empty when there is none
  Parameters parameters;
};

/// Lenient: comments and white space anywhere, missing semicolons, unquoted values with spaces; what cannot be read is
/// left out. At most `max_parameters` are kept.
ContentType parse_content_type(std::string_view value, std::size_t max_parameters = 100);
Disposition parse_disposition(std::string_view value, std::size_t max_parameters = 100);

/// The value of `name` (any case) as UTF-8, empty when it is not there: continuations put together and percent-encoding
/// undone (RFC 2231 s3, s4, s4.1), encoded words undone as most senders expect though RFC 2047 s5 forbids them here.
/// The extended form (`name*`) wins over the plain one. `language`, if asked for, gets the RFC 2231 language tag.
std::string parameter_utf8(const Parameters& parameters, std::string_view name,
                           Undeclared undeclared = Undeclared::kGuess, std::string* language = nullptr);

/// The plain value of `name` (any case), empty when it is not there. For charset, boundary and the like.
std::string_view parameter(const Parameters& parameters, std::string_view name);

/// The distinct names with RFC 2231 suffixes removed, lower case, in order of first appearance.
std::vector<std::string> parameter_names(const Parameters& parameters);

}  // namespace veredus::wire::mime
