#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "wire/smtp/capabilities.h"
#include "wire/smtp/client_command.h"
#include "work/smtpclient/options.h"
#include "work/smtpclient/outgoing.h"
#include "work/smtpclient/peer.h"

namespace veredus::work::smtpclient {

/// How the message goes over.
enum class Transfer : std::uint8_t {
  kData,      // RFC 5321 s4.1.1.4
  kOneWrite,  // BDAT behind the envelope in one write (RFC 3030 s4.2)
  kChunk,     // one BDAT after the replies to the envelope: BINARYMIME
};

/// What must be known of the message before its plan can be made; each costs reading it.
enum class Question : std::uint8_t {
  kNone,
  kHeader,  // whether its header has UTF-8
  kWhole,   // whether octets above 127 or binary parts must be converted
};
/// What a look at the message has shown.
struct Facts {
  std::uint64_t octets = 0;  // head and body, as they will be sent
  bool utf8_header = false;
  bool bare_line_ends = false;           // a CR or LF alone: DATA mends that, a chunk would carry it on
  std::optional<wire::smtp::Body> body;  // what they are; nullopt: nobody knows
};

/// What one transaction with one peer will be: decided before the first octet, without I/O.
struct Plan {
  bool pipelined = false;
  Transfer transfer = Transfer::kData;
  std::size_t max_recipients = 0;
  wire::smtp::MailParameters parameters;  // its envelope_id is a view into the Outgoing
  bool dsn = false;
  std::optional<wire::smtp::Address> sender;                  // as sent: its domain in A-labels where that helps
  std::vector<std::optional<wire::smtp::Address>> rewritten;  // by recipient; empty: all go as they are
};

/// Why the message cannot go to this peer at all; nothing is said to it.
struct Refusal {
  wire::smtp::Reply reply;
  Lack lack;
};

[[nodiscard]] Question question(const Outgoing& message, const PeerDetails& peer);

/// `facts`: of the message as it will be sent, after any conversion.
std::expected<Plan, Refusal> make_plan(const Outgoing& message, const Facts& facts, const PeerDetails& peer,
                                       const Options& options);

/// 550 5.6.7, for one recipient whose address this peer cannot take (RFC 6531 s3.5).
[[nodiscard]] wire::smtp::Reply address_refusal();
/// 554 5.6.3, for a message that must be converted and is too long for that, or cannot be (RFC 6152 s3).
[[nodiscard]] Refusal conversion_refusal();

}  // namespace veredus::work::smtpclient
