#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "io/net/asio.h"
#include "work/delivery/delivery_error.h"
#include "work/delivery/reception.h"
#include "work/delivery/router.h"

namespace veredus::work::delivery {

/// A message this program sends itself, to whomever.
struct OwnMessage {
  std::optional<wire::smtp::Address> sender;  // nullopt: the null reverse-path, as notifications have
  std::vector<wire::smtp::Address> recipients;
  std::string octets;  // the whole message, lines ended by CRLF
  std::string origin;  // for the journal: which part of the program, such as "report"
  /// Given: the same message under the same id arrives once, however often it is submitted. nullopt: a new id.
  std::optional<QueueId> id = std::nullopt;
  bool smtputf8 = false;     // RFC 6531 s3.4
  bool require_tls = false;  // RFC 8689 s5
  bool approved = false;   // a post to a list that a moderator let pass: not our words, so From's domain does not sign
  std::string trace = {};  // header fields to stand before it, each ended by CRLF
  std::string route = {};  // which way it must go; empty: as the routes say
};

/// What became of it: the refusals of those the Router did not take, and the rest's acceptance (nullopt: none was
/// taken).
struct SubmissionOutcome {
  struct Refused {
    wire::smtp::Address recipient;
    Refusal refusal;
  };
  std::vector<Refused> refused;
  std::optional<Accepted> accepted;
};

/// Routes, receives and commits a message of our own, as a door would for somebody who has authenticated: into
/// accounts here and into the queue. `router` and `receptions` must outlive the call.
asio::awaitable<std::expected<SubmissionOutcome, DeliveryError>> submit(Router* router, Receptions* receptions,
                                                                        OwnMessage message);

/// What is to be done with a message that waits until somebody takes it.
enum class Settled : std::uint8_t {
  kTaken,     // by all, or by some and the others never will
  kRefused,   // nobody takes it, now or later
  kTryLater,  // whole, under the same id
};
struct Settlement {
  Settled settled = Settled::kTaken;
  std::string why;  // of the first refusal
};

/// submit(), for who has nobody to tell of refusals (RFC 5321 s4.5.5).
asio::awaitable<Settlement> submit_own(Router* router, Receptions* receptions, OwnMessage message);

}  // namespace veredus::work::delivery
