#include "wire/mime/imap_string.h"

#include <algorithm>

namespace veredus::wire::mime {
namespace {

constexpr std::size_t kMaxQuoted = 4096;  // clients read quoted strings into lines of bounded length

bool may_be_quoted(std::string_view value) {
  if (value.size() > kMaxQuoted) return false;
  return std::ranges::all_of(value, [](char c) { return c > 0 && c < 127 && c != '\r' && c != '\n'; });
}

}  // namespace

void append_imap_string(std::string& out, std::string_view value) {
  if (may_be_quoted(value)) {
    out.push_back('"');
    for (const char c : value) {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    out.push_back('"');
    return;
  }
  const auto nuls = static_cast<std::size_t>(std::ranges::count(value, '\0'));
  out.append("{").append(std::to_string(value.size() - nuls)).append("}\r\n");
  std::ranges::copy_if(value, std::back_inserter(out), [](char c) { return c != '\0'; });
}

void append_imap_nstring(std::string& out, const std::optional<std::string_view>& value) {
  if (value) {
    append_imap_string(out, *value);
  } else {
    out.append("NIL");
  }
}

}  // namespace veredus::wire::mime
