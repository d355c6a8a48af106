#pragma once

#include <string>
#include <string_view>

namespace veredus::wire::imap {

/// A mailbox pattern: `*` is any text, `%` any text within one level; the rest is itself, and INBOX as a first level in
/// any case. Source: RFC 9051 s6.3.9.
class ListPattern {
 public:
  /// UTF-8; an empty one matches nothing.
  explicit ListPattern(std::string_view pattern, char separator = '/');
  [[nodiscard]] bool matches(std::string_view name) const;
  /// Whether it matches some name below `name` (for `%`, a parent that itself is none).
  [[nodiscard]] bool may_match_below(std::string_view name) const;

 private:
  std::string pattern_;
  char separator_;
};

}  // namespace veredus::wire::imap
