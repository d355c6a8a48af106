#include "state/mailbox/flags.h"

#include <algorithm>

namespace veredus::state::mailbox {

bool is_keyword(std::string_view name) {
  // atom: no CTL, SP, 8-bit, or atom-specials ( ) { % * " \ ]  (RFC 9051 s9)
  const auto allowed = [](char octet) {
    return octet > ' ' && octet < '\x7F' && std::string_view("(){%*\"\\]").find(octet) == std::string_view::npos;
  };
  return !name.empty() && name.size() <= kKeywordOctets && std::ranges::all_of(name, allowed);
}

std::vector<std::string> keyword_names(const std::vector<std::string>& table, KeywordSet set) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < table.size() && i < kKeywords; ++i)
    if (set.has(i)) names.push_back(table[i]);
  return names;
}

}  // namespace veredus::state::mailbox
