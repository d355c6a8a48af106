#include "rules/authres/merged.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "rules/authres/results.h"

namespace veredus::rules::authres {

namespace codec = base::codec;

namespace {

/// Where the first ';' stands that is neither in a comment nor in a quoted string; the size when there is none.
std::size_t end_of_item(std::string_view text) {
  unsigned depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\')
      ++i;
    else if (c == '"' && depth == 0)
      quoted = !quoted;
    else if (c == '(' && !quoted)
      ++depth;
    else if (c == ')' && !quoted && depth > 0)
      --depth;
    else if (c == ';' && !quoted && depth == 0)
      return i;
  }
  return text.size();
}

std::string_view take_item(std::string_view& rest) {
  const auto end = end_of_item(rest);
  const auto item = codec::trim_ascii(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return item;
}

}  // namespace

std::string merged_value(const std::vector<std::string_view>& values, std::string_view authserv_id) {
  std::string out(authserv_id);
  for (auto rest : values) {
    const auto beginning = read_field(take_item(rest));
    if (!beginning || !codec::iequals_ascii(beginning->authserv_id, authserv_id)) continue;
    while (!rest.empty()) {
      const auto result = take_item(rest);
      if (!result.empty() && !codec::iequals_ascii(result, "none")) out.append("; ").append(result);
    }
  }
  return out.size() == authserv_id.size() ? out + "; none" : out;
}

}  // namespace veredus::rules::authres
