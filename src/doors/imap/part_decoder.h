#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <variant>

#include "base/codec/base64.h"
#include "base/codec/quoted_printable.h"
#include "doors/imap/body_reader.h"
#include "doors/imap/section.h"
#include "io/net/stint.h"

namespace veredus::doors::imap {

/// A part's octets with its transfer encoding undone, piece by piece, for BINARY[…].
class PartDecoder {
 public:
  /// `body` and `stint` must outlive it.
  PartDecoder(SectionPlace place, BodyReader* body, io::net::Stint* stint);

  /// The next octets; empty: that was all.
  asio::awaitable<std::expected<std::string, state::mailbox::MailboxError>> next();

  struct Measured {
    std::uint64_t octets = 0;
    bool has_nul = false;
  };
  /// Goes through to the end.
  asio::awaitable<std::expected<Measured, state::mailbox::MailboxError>> measure();

 private:
  std::string decode(std::string_view octets);
  std::string decode_rest();

  SectionPlace place_;
  BodyReader* body_;
  io::net::Stint* stint_;
  std::uint64_t at_;
  bool finished_ = false;
  std::variant<std::monostate, base::codec::Base64Decoder, base::codec::QuotedPrintableDecoder> decoder_;
};

}  // namespace veredus::doors::imap
