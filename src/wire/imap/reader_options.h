#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/imap/imap_string.h"

namespace veredus::wire::imap {

/// What one command may take, and how names are written. The door sets them anew after login and ENABLE.
struct ReaderOptions {
  std::size_t line_octets = 64 * 1024;      // one line, without CRLF
  std::size_t literal_octets = 256 * 1024;  // of one string, also without waiting ("{5+}"); RFC 7888 s4
  std::size_t command_octets = 1024 * 1024;
  std::uint64_t message_octets = 64 * 1024 * 1024;  // of a message's literal; 0: none is taken (not logged in)
  std::uint64_t discard_octets = 64 * 1024 * 1024;  // more that comes unasked and is not wanted: BYE
  std::size_t nesting = 500;  // of search keys: an OR of so many is as deep; 1 to 5 KiB of stack for each
  std::size_t search_terms = 2'000;
  std::size_t arguments = 10'000;  // flags, items, entries, patterns, messages of one command
  bool utf8_names = false;         // after ENABLE UTF8=ACCEPT or IMAP4rev2: "&" is itself
  bool utf8_accept = false;        // after ENABLE UTF8=ACCEPT: SEARCH has no CHARSET

  [[nodiscard]] static ReaderOptions before_login();
  [[nodiscard]] Names names() const { return utf8_names || utf8_accept ? Names::kUtf8 : Names::kModifiedUtf7; }
};

}  // namespace veredus::wire::imap
