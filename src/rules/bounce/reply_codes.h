#pragma once

#include <string_view>

#include "wire/smtp/reply.h"

namespace veredus::rules::bounce {

/// What numbers a text holds: "550-5.1.1 no such user" has both.
struct ReplyCodes {
  int code = 0;                       // 200..599; 0: none
  wire::smtp::EnhancedStatus status;  // klass 0: none

  friend bool operator==(const ReplyCodes&, const ReplyCodes&) = default;
};

/// The first reply code of `text`, a refusal before others; and the status that says most: one with the code's class
/// before others, a detailed one before x.0.0. Numbers within words, addresses and times are none.
[[nodiscard]] ReplyCodes find_reply_codes(std::string_view text);

/// "5.1.1" at the front of `text`, comments after it ignored; klass 0: none.
[[nodiscard]] wire::smtp::EnhancedStatus parse_status(std::string_view text);

}  // namespace veredus::rules::bounce
