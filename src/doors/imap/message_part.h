#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "doors/imap/body_reader.h"
#include "doors/imap/section.h"
#include "doors/imap/talk.h"
#include "wire/imap/message_url.h"

namespace veredus::doors::imap {

/// A message, or a part of one, that a URL of this account names (RFC 5092, RFC 4469 s4), piece by piece.
class MessagePart {
 public:
  /// nullopt: it names nothing that is here, or that may be read.
  static asio::awaitable<std::optional<MessagePart>> find(Talk* talk, std::string url);

  /// As far as it is known before reading: of header fields 0.
  [[nodiscard]] std::uint64_t octets() const { return fields_ ? 0 : span_.end - span_.begin; }
  /// The next octets; empty: that was all. Good until the next call.
  asio::awaitable<std::expected<std::string_view, state::mailbox::MailboxError>> next();

 private:
  MessagePart(BodyReader body, OctetSpan span) : body_(std::move(body)), span_(span) {}
  /// Puts what is wanted of the header in place of the message.
  asio::awaitable<std::expected<void, state::mailbox::MailboxError>> filter_fields();

  BodyReader body_;
  OctetSpan span_;                                // what is still to be read: of `filtered_`, or of the message
  std::optional<wire::imap::MessageUrl> fields_;  // those it names of the header in `span_`
  std::optional<std::string> filtered_;
};

}  // namespace veredus::doors::imap
