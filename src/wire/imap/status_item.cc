#include "wire/imap/status_item.h"

#include <array>

#include "base/codec/ascii.h"

namespace veredus::wire::imap {
namespace {

constexpr std::array<std::string_view, 11> kNames = {"MESSAGES",    "RECENT",    "UIDNEXT",        "UIDVALIDITY",
                                                     "UNSEEN",      "DELETED",   "SIZE",           "HIGHESTMODSEQ",
                                                     "APPENDLIMIT", "MAILBOXID", "DELETED-STORAGE"};

}  // namespace

std::string_view to_string(StatusItem item) { return kNames[static_cast<std::size_t>(item)]; }

std::optional<StatusItem> parse_status_item(std::string_view word) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (base::codec::iequals_ascii(word, kNames[i])) return static_cast<StatusItem>(i);
  return std::nullopt;
}

}  // namespace veredus::wire::imap
