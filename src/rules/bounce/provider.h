#pragma once

#include <string_view>

namespace veredus::rules::bounce {

/// Who runs the host that refused, by its name, else by what only its servers say: "gmail", "outlook", "yahoo"…; empty:
/// not known. Static. `normal_text` is lower case.
[[nodiscard]] std::string_view provider_of(std::string_view host_name, std::string_view normal_text);

}  // namespace veredus::rules::bounce
