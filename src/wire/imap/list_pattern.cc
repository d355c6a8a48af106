#include "wire/imap/list_pattern.h"

#include "base/codec/ascii.h"

namespace veredus::wire::imap {
namespace {

/// How many octets of `name` may be written in any case: those of INBOX as its first level (RFC 9051 s5.1).
std::size_t caseless_octets(std::string_view name, char separator) {
  constexpr std::string_view kInbox = "INBOX";
  const bool inbox = base::codec::istarts_with_ascii(name, kInbox) &&
                     (name.size() == kInbox.size() || name[kInbox.size()] == separator);
  return inbox ? kInbox.size() : 0;
}

/// Greedy with going back to the last `*` and the last `%`: time is the product of the lengths at worst. `prefix`:
/// whether the pattern may also have more to say when the name has ended.
bool match(std::string_view pattern, std::string_view name, char separator, bool prefix) {
  constexpr auto kNone = std::string_view::npos;
  const auto caseless = caseless_octets(name, separator);
  const auto is_same = [&](char wanted, std::size_t at) {
    return wanted == name[at] ||
           (at < caseless && base::codec::to_lower_ascii(wanted) == base::codec::to_lower_ascii(name[at]));
  };
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = kNone;
  std::size_t star_at = 0;
  std::size_t percent = kNone;
  std::size_t percent_at = 0;
  while (true) {
    if (n == name.size() && prefix) return true;
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_at = n;
      percent = kNone;
    } else if (p < pattern.size() && pattern[p] == '%') {
      percent = ++p;
      percent_at = n;
    } else if (p < pattern.size() && n < name.size() && is_same(pattern[p], n)) {
      ++p;
      ++n;
    } else if (p == pattern.size() && n == name.size()) {
      return true;
    } else if (percent != kNone && percent_at < name.size() && name[percent_at] != separator) {
      p = percent;
      n = ++percent_at;
    } else if (star != kNone && star_at < name.size()) {
      p = star;
      n = ++star_at;
      percent = kNone;
    } else {
      return false;
    }
  }
}

}  // namespace

ListPattern::ListPattern(std::string_view pattern, char separator) : pattern_(pattern), separator_(separator) {}

bool ListPattern::matches(std::string_view name) const {
  return !pattern_.empty() && match(pattern_, name, separator_, false);
}

bool ListPattern::may_match_below(std::string_view name) const {
  std::string below(name);
  below.push_back(separator_);
  return match(pattern_, below, separator_, true);
}

}  // namespace veredus::wire::imap
