#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "base/codec/utf8.h"

namespace veredus::rules::tlsrpt {

/// Text of others as JSON can hold it: what is no UTF-8 becomes U+FFFD.
[[nodiscard]] inline boost::json::string json_text(std::string_view text) {
  return boost::json::string(base::codec::replace_invalid_utf8(text));
}

/// A member, unless the text is empty.
inline void put_text(boost::json::object& to, std::string_view name, std::string_view text) {
  if (!text.empty()) to[name] = json_text(text);
}

}  // namespace veredus::rules::tlsrpt
