#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "wire/imap/command_error.h"
#include "wire/imap/fetch_item.h"

namespace veredus::wire::imap {

/// What a relative IMAP URL names: `/INBOX;UIDVALIDITY=785799047/;UID=113330/;SECTION=1.5.9`.
struct MessageUrl {
  std::string mailbox{};  // UTF-8; empty: the selected one
  std::optional<std::uint32_t> uid_validity{};
  std::uint32_t uid = 0;
  Section section{};  // none: the whole message
  std::optional<OctetRange> range{};
  friend bool operator==(const MessageUrl&, const MessageUrl&) = default;
};

/// Relative and absolute-path URLs of this account; with a scheme or authority it is refused. Errors: kUrl.
/// Source: RFC 5092 s5, s11; RFC 4469 s4.
[[nodiscard]] std::expected<MessageUrl, CommandError> parse_message_url(std::string_view url);

}  // namespace veredus::wire::imap
