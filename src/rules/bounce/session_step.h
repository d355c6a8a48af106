#pragma once

#include <string_view>

namespace veredus::rules::bounce {

/// Which command a refusal answered, as reports tell it: "CONN", "EHLO", "MAIL", "RCPT", "DATA"; empty: not told. Of a
/// transcript the command before the first refusal counts.
[[nodiscard]] std::string_view find_step(std::string_view text);

}  // namespace veredus::rules::bounce
