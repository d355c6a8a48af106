#include "doors/smtp/replies.h"

#include <string>

#include "base/codec/ascii.h"

namespace veredus::doors::smtp {

using wire::smtp::CommandError;
using wire::smtp::make_reply;
using wire::smtp::Reply;

namespace {

/// RFC 3463 s3.2: whose address is wrong.
struct AddressCodes {
  std::uint16_t mailbox;  // syntax of the whole
  std::uint16_t system;   // of the domain
};
constexpr AddressCodes kSenderCodes{7, 8};
constexpr AddressCodes kRecipientCodes{3, 2};

}  // namespace

Reply reply_for(CommandError error, std::string_view line) {
  const auto codes = base::codec::istarts_with_ascii(line, "MAIL") ? kSenderCodes : kRecipientCodes;
  std::string text(to_string(error));
  text.front() = base::codec::to_upper_ascii(text.front());
  switch (error) {
    case CommandError::kUnknown:
      return make_reply(500, 5, 1, std::move(text));
    case CommandError::kOctet:
    case CommandError::kNotUtf8:
    case CommandError::kMissingFrom:
    case CommandError::kMissingTo:
    case CommandError::kMissingPath:
      return make_reply(500, 5, 2, std::move(text));
    case CommandError::kPath:
    case CommandError::kLocalPartTooLong:
    case CommandError::kPathTooLong:
      return make_reply(501, 1, codes.mailbox, std::move(text));
    case CommandError::kPathDomain:
    case CommandError::kDomainTooLong:
      return make_reply(501, 1, codes.system, std::move(text));
    case CommandError::kUnknownParameter:
      return make_reply(555, 5, 4, std::move(text));  // RFC 5321 s4.1.1.11
    case CommandError::kMissingArgument:
    case CommandError::kUnexpectedArgument:
    case CommandError::kHeloDomain:
    case CommandError::kRepeatedParameter:
    case CommandError::kParameterSyntax:
    case CommandError::kSizeValue:
    case CommandError::kBodyValue:
    case CommandError::kReturnValue:
    case CommandError::kEnvelopeIdValue:
    case CommandError::kAuthValue:
    case CommandError::kHoldValue:
    case CommandError::kDeliverByValue:
    case CommandError::kPriorityValue:
    case CommandError::kNotifyValue:
    case CommandError::kOriginalRecipientValue:
    case CommandError::kChunkSize:
    case CommandError::kMechanism:
      return make_reply(501, 5, 4, std::move(text));
  }
  return make_reply(500, 5, 0, std::move(text));
}

Reply reply_for(LineError error) {
  switch (error) {
    case LineError::kTooLong:
      return make_reply(500, 5, 2, "Line too long");
    case LineError::kBareLf:
      return make_reply(500, 5, 2, "Bare LF: lines end with CRLF");
    case LineError::kBareCr:
      return make_reply(500, 5, 2, "Bare CR: lines end with CRLF");
  }
  return make_reply(500, 5, 2, "Malformed line");
}

Reply reply_for(wire::smtp::LineFault fault) {
  return make_reply(550, 6, 0,
                    "Message refused: it holds a " + std::string(to_string(fault)) + "; lines end with CRLF");
}

}  // namespace veredus::doors::smtp
