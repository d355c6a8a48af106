#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/imap/date.h"
#include "wire/imap/flag.h"

namespace veredus::wire::imap {

/// One piece of a message, in order: octets that were streamed (CommandReader, NeedMessage), or a URL of some here
/// (RFC 4469 s3; read it with parse_message_url).
struct MessagePiece {
  std::optional<std::string> url{};
  std::uint64_t octets = 0;  // of the literal
  bool binary = false;       // literal8, "~{…}": may hold NUL (RFC 3516 s4.4)
  bool utf8 = false;         // within "UTF8 (…)" (RFC 6855 s4)
  friend bool operator==(const MessagePiece&, const MessagePiece&) = default;
};

struct AppendedMessage {
  FlagList flags{};
  std::optional<base::codec::ZonedTime> date{};
  bool catenate = false;               // RFC 4469: `pieces` may be several
  std::vector<MessagePiece> pieces{};  // else one literal
  friend bool operator==(const AppendedMessage&, const AppendedMessage&) = default;
};

/// APPEND, MULTIAPPEND (RFC 3502), CATENATE.
struct Append {
  std::string mailbox{};  // UTF-8
  std::vector<AppendedMessage> messages{};
  friend bool operator==(const Append&, const Append&) = default;
};

/// RFC 8508
struct Replace {
  bool uid = false;
  std::uint32_t number = 0;  // kStar: the last message
  std::string mailbox{};
  AppendedMessage message{};
  friend bool operator==(const Replace&, const Replace&) = default;
};

}  // namespace veredus::wire::imap
