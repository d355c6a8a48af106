#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace veredus::wire::imap {

enum class StatusItem : std::uint8_t {
  kMessages,
  kRecent,  // RFC 3501
  kUidNext,
  kUidValidity,
  kUnseen,
  kDeleted,         // RFC 9051 s6.3.11
  kSize,            // RFC 8438
  kHighestModSeq,   // RFC 7162 s3.1.7
  kAppendLimit,     // RFC 7889 s3.2
  kMailboxId,       // RFC 8474 s4.3
  kDeletedStorage,  // RFC 9208 s4.3: octets of messages with \Deleted
};
/// "UIDNEXT"
[[nodiscard]] std::string_view to_string(StatusItem item);
/// In any case.
[[nodiscard]] std::optional<StatusItem> parse_status_item(std::string_view word);

struct Status {
  std::string mailbox{};            // UTF-8
  std::vector<StatusItem> items{};  // each once; may be empty, as some mail programs send it
  friend bool operator==(const Status&, const Status&) = default;
};

}  // namespace veredus::wire::imap
