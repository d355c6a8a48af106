#pragma once

#include <optional>
#include <string>
#include <vector>

#include "wire/imap/status_item.h"

namespace veredus::wire::imap {

/// LIST, also with the words of RFC 5258, RFC 5819, RFC 6154, RFC 8440 and RFC 9590.
struct List {
  bool extended = false;  // selection options, a list of patterns or RETURN was there
  // Selection options.
  bool only_subscribed = false;
  bool only_special_use = false;
  bool remote = false;
  bool recursive_match = false;
  std::string reference{};              // UTF-8
  std::vector<std::string> patterns{};  // UTF-8; one "" (not extended): asks for the separator
  // Return options.
  bool return_subscribed = false;
  bool return_children = false;
  bool return_special_use = false;
  bool return_my_rights = false;
  std::optional<std::vector<StatusItem>> return_status{};
  std::vector<std::string> return_metadata{};  // entries
  friend bool operator==(const List&, const List&) = default;
};

struct Lsub {
  std::string reference{};
  std::string pattern{};
  friend bool operator==(const Lsub&, const Lsub&) = default;
};

}  // namespace veredus::wire::imap
