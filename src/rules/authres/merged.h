#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace veredus::rules::authres {

/// What the Authentication-Results fields of one server say, as one value: its name, and each result once it has been
/// taken out of its field, in order; "none" when there is no result. `values`: of all such fields of a message; those
/// of others are passed over. Source: RFC 8617 s4.1.1, s5.1; RFC 8601 s2.2.
[[nodiscard]] std::string merged_value(const std::vector<std::string_view>& values, std::string_view authserv_id);

}  // namespace veredus::rules::authres
