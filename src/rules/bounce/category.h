#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace veredus::rules::bounce {

/// Why a message did not get through, or what else a report says. docs/bounces.md describes each word.
enum class Category : std::uint8_t {  // on disk, do not renumber
  kUndefined = 0,                     // the text says nothing we know
  kUserUnknown = 1,                   // no such mailbox
  kHostUnknown = 2,                   // no such domain or host
  kHasMoved = 3,                      // the mailbox moved elsewhere
  kNotAccept = 4,                     // the host takes no mail at all (null MX, RFC 7505, RFC 7504)
  kFiltered = 5,                      // the recipient's own settings refuse it
  kSuspended = 6,                     // the mailbox exists and is switched off
  kMailboxFull = 7,
  kExceedLimit = 8,     // the message is larger than this recipient takes
  kSystemFull = 9,      // the receiving machine's storage is full
  kSystemError = 10,    // the receiving system is broken or set up wrongly
  kMailerError = 11,    // a program the mail was piped into failed
  kNetworkError = 12,   // routing or connecting failed: DNS servers, loops, hops
  kExpired = 13,        // tried until the time was over
  kBlocked = 14,        // the sending address or host is on a list or otherwise refused
  kBadReputation = 15,  // refused for the reputation of the sending address or domain
  kRequirePtr = 16,     // the sending address has no, or no fitting, reverse name
  kSpeeding = 17,       // too many messages in too short a time
  kTooManyConnections = 18,
  kRejected = 19,         // the envelope's sender is refused
  kNoRelaying = 20,       // the host does not relay for us
  kAuthFailure = 21,      // SPF, DKIM or DMARC
  kNotCompliantRfc = 22,  // the message breaks RFC 5322 in the receiver's eyes
  kContentError = 23,     // the message's form: headers, MIME, 8 bit
  kPolicyViolation = 24,  // the receiver's policy, of no sort named here
  kSpamDetected = 25,
  kVirusDetected = 26,
  kSecurityError = 27,  // authentication or encryption demanded by the receiver failed
  kFailedStartTls = 28,
  kSyntaxError = 29,    // an SMTP command was not understood
  kOnHold = 30,         // a bounce with a status that says nothing
  kSuppressed = 31,     // the sending platform itself refuses to try
  kMessageTooBig = 32,  // the message is larger than the whole host takes
  kDelivered = 33,      // no failure: the report says it arrived
  kFeedback = 34,       // a complaint (RFC 5965)
  kVacation = 35,       // an automatic reply of the recipient
};
[[nodiscard]] std::string_view to_string(Category category);
[[nodiscard]] std::optional<Category> category_of(std::string_view word);

/// Whether another try at that address can never succeed: it should be taken off every list.
[[nodiscard]] bool is_hard(Category category);

/// One sentence for people: what happened.
[[nodiscard]] std::string_view what_happened(Category category);
/// One sentence for people: what the sender can do now.
[[nodiscard]] std::string_view what_to_do(Category category);

}  // namespace veredus::rules::bounce
