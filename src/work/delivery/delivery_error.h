#pragma once

#include <cstdint>
#include <string_view>

#include "base/types/result.h"
#include "wire/smtp/address.h"
#include "wire/smtp/reply.h"

namespace veredus::work::delivery {

/// Why a recipient is not taken.
enum class Refusal : std::uint8_t {
  kUnknownMailbox,     // a domain of ours, and nobody there has this name
  kRelayingDenied,     // not a domain of ours, and the client has not authenticated
  kAddressLiteral,     // an address literal: no mail is sent to machines that have no name
  kBadDomain,          // not the name of a domain
  kForgedReturnPath,   // an SRS address that we did not write
  kExpiredReturnPath,  // an SRS address of ours, too old
  kBouncesOnly,        // an SRS address takes reports alone
  kPostingDenied,      // the sender may not post to the list
  kOverQuota,          // the account is full
  kLargerThanQuota,    // the message is larger than the account can ever hold
  kLoop,               // the alias leads back to itself
  kTooManyTargets,     // the alias expands to more accounts than one message may reach
  kDisabled,           // the account is there, but takes no mail
  kUnavailable,        // the directory or the account could not be read now
};
[[nodiscard]] std::string_view to_string(Refusal refusal);
[[nodiscard]] Permanence permanence(Refusal refusal);
/// What RCPT answers.
[[nodiscard]] wire::smtp::Reply reply_for(Refusal refusal, const wire::smtp::Address& recipient);

/// Why a message, once its recipients were taken, is not.
enum class DeliveryError : std::uint8_t {
  kStoreFull,      // the store takes no writes now: disk full or I/O error
  kUnavailable,    // the store failed for this commit; nothing of the message will be seen
  kOutcomeUnsure,  // the store does not know whether the commit is in; repeating did not settle it
  kOverQuota,      // the account filled up since RCPT, or the message was larger than announced
  kTooBig,         // over Options::max_octets
  kLoop,           // over Options::max_received Received headers
  kBusy,           // too many octets in flight or too many messages waiting for their fan-out
  kNoSuchAccount,  // the account was removed since RCPT
  kStopping,       // this server is shutting down
};
[[nodiscard]] std::string_view to_string(DeliveryError error);
[[nodiscard]] Permanence permanence(DeliveryError error);
/// What the end of DATA or BDAT answers.
[[nodiscard]] wire::smtp::Reply reply_for(DeliveryError error);

}  // namespace veredus::work::delivery
