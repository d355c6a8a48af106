#pragma once

#include <cstdint>
#include <string_view>

#include "wire/smtp/address.h"

namespace veredus::wire::smtp {

/// Why a command line was not understood.
enum class CommandError : std::uint8_t {
  kUnknown,  // no such command
  kOctet,    // a control character or NUL (RFC 5321 s4.1.2: printable text only)
  kNotUtf8,  // octets above 127 that are no UTF-8 (RFC 6531 s3.3)
  kMissingArgument,
  kUnexpectedArgument,  // DATA, RSET, QUIT, STARTTLS take none
  kHeloDomain,          // neither a domain nor an address literal
  kMissingPath,         // "MAIL FROM:" and nothing
  kMissingFrom,         // "MAIL" without "FROM:"
  kMissingTo,           // "RCPT" without "TO:"
  kPath,                // not a path; see address.h for the grammar
  kPathDomain,          // the path's domain is none
  kLocalPartTooLong,    // RFC 5321 s4.5.3.1.1
  kDomainTooLong,       // RFC 5321 s4.5.3.1.2
  kPathTooLong,         // RFC 5321 s4.5.3.1.3
  kUnknownParameter,    // RFC 5321 s4.1.1.11: answered 555
  kRepeatedParameter,
  kParameterSyntax,         // not `keyword` or `keyword=value`, or a value where none may be
  kSizeValue,               // RFC 1870 s6
  kBodyValue,               // RFC 6152 s2
  kReturnValue,             // RFC 3461 s4.3
  kEnvelopeIdValue,         // RFC 3461 s4.4: not xtext, or over 100 octets
  kAuthValue,               // RFC 4954 s5: not xtext, not a mailbox
  kHoldValue,               // RFC 4865 s4: not a number of seconds, not a date-time
  kDeliverByValue,          // RFC 2852 s4
  kPriorityValue,           // RFC 6710 s3: not -9..9
  kNotifyValue,             // RFC 3461 s4.1
  kOriginalRecipientValue,  // RFC 3461 s4.2: not `type;xtext`, or over 500 octets
  kChunkSize,               // RFC 3030 s2: BDAT without a number, or one over 64 bits
  kMechanism,               // RFC 4954 s4: not a SASL mechanism name
};
[[nodiscard]] std::string_view to_string(CommandError error);

/// What a path's error means for the command it stands in.
[[nodiscard]] CommandError path_error(AddressError error);

}  // namespace veredus::wire::smtp
