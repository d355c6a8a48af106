#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/types/clock.h"
#include "wire/smtp/mail_from.h"
#include "wire/smtp/rcpt_to.h"
#include "work/delivery/envelope.h"

namespace veredus::doors::smtp {

/// One message's envelope while it is being told: from a MAIL that was taken to the message's end or RSET.
struct Transaction {
  enum class Receiving : std::uint8_t { kNothing, kData, kChunks };

  wire::smtp::MailFrom mail;
  std::optional<SystemTime> hold_until;               // RFC 4865 s4.2
  std::optional<wire::smtp::RcptTo> asked;            // being routed
  std::vector<work::delivery::Recipient> recipients;  // moved away when the message begins
  std::size_t taken = 0;                              // recipients, also after that
  std::size_t refused = 0;
  std::string
      only_recipient;  // for Received; empty when there are several (RFC 5321 s7.2: they are not told of each other)
  Receiving receiving = Receiving::kNothing;
  std::uint64_t chunk_octets = 0;  // the chunk being received
  bool last_chunk = false;
  std::uint64_t chunks_octets = 0;  // all chunks, with that one
};

}  // namespace veredus::doors::smtp
