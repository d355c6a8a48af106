#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "doors/imap/body_reader.h"
#include "doors/imap/section.h"
#include "doors/imap/talk.h"

namespace veredus::doors::imap {

/// A message, or a part of one, that a URL of this account names (RFC 5092, RFC 4469 s4), piece by piece.
class MessagePart {
 public:
  /// nullopt: it names nothing that is here, or that may be read.
  static asio::awaitable<std::optional<MessagePart>> find(Talk* talk, std::string url);

  /// The next octets; empty: that was all. Good until the next call.
  asio::awaitable<std::expected<std::string_view, state::mailbox::MailboxError>> next();

 private:
  MessagePart(BodyReader body, OctetSpan span) : body_(std::move(body)), span_(span) {}

  BodyReader body_;
  OctetSpan span_;
  std::optional<std::string> fields_;  // instead of a span
  bool fields_given_ = false;
};

}  // namespace veredus::doors::imap
