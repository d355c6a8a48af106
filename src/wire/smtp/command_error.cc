#include "wire/smtp/command_error.h"

namespace veredus::wire::smtp {

std::string_view to_string(CommandError error) {
  switch (error) {
    case CommandError::kUnknown:
      return "unknown command";
    case CommandError::kOctet:
      return "control character in command";
    case CommandError::kNotUtf8:
      return "command is not UTF-8";
    case CommandError::kMissingArgument:
      return "argument is missing";
    case CommandError::kUnexpectedArgument:
      return "this command takes no argument";
    case CommandError::kHeloDomain:
      return "domain or address literal expected";
    case CommandError::kMissingPath:
      return "path is missing";
    case CommandError::kMissingFrom:
      return "FROM: expected";
    case CommandError::kMissingTo:
      return "TO: expected";
    case CommandError::kPath:
      return "malformed path";
    case CommandError::kPathDomain:
      return "malformed domain in path";
    case CommandError::kLocalPartTooLong:
      return "local part over 64 octets";
    case CommandError::kDomainTooLong:
      return "domain over 255 octets";
    case CommandError::kPathTooLong:
      return "path over 256 octets";
    case CommandError::kUnknownParameter:
      return "unknown parameter";
    case CommandError::kRepeatedParameter:
      return "parameter given twice";
    case CommandError::kParameterSyntax:
      return "malformed parameter";
    case CommandError::kSizeValue:
      return "malformed SIZE";
    case CommandError::kBodyValue:
      return "BODY is 7BIT, 8BITMIME or BINARYMIME";
    case CommandError::kReturnValue:
      return "RET is FULL or HDRS";
    case CommandError::kEnvelopeIdValue:
      return "malformed ENVID";
    case CommandError::kAuthValue:
      return "malformed AUTH parameter";
    case CommandError::kHoldValue:
      return "HOLDFOR is seconds, HOLDUNTIL a date and time";
    case CommandError::kDeliverByValue:
      return "malformed BY";
    case CommandError::kPriorityValue:
      return "MT-PRIORITY is -9 to 9";
    case CommandError::kNotifyValue:
      return "NOTIFY is NEVER or a list of SUCCESS, FAILURE, DELAY";
    case CommandError::kOriginalRecipientValue:
      return "malformed ORCPT";
    case CommandError::kChunkSize:
      return "malformed chunk size";
    case CommandError::kMechanism:
      return "malformed mechanism name";
  }
  return "unknown";
}

CommandError path_error(AddressError error) {
  switch (error) {
    case AddressError::kEmpty:
      return CommandError::kMissingPath;
    case AddressError::kLocalPartTooLong:
      return CommandError::kLocalPartTooLong;
    case AddressError::kDomain:
    case AddressError::kLabelTooLong:
    case AddressError::kLiteral:
      return CommandError::kPathDomain;
    case AddressError::kDomainTooLong:
      return CommandError::kDomainTooLong;
    case AddressError::kPathTooLong:
      return CommandError::kPathTooLong;
    case AddressError::kNotUtf8:
      return CommandError::kNotUtf8;
    case AddressError::kMissingBracket:
    case AddressError::kMissingAt:
    case AddressError::kLocalPart:
    case AddressError::kQuotedString:
    case AddressError::kSourceRoute:
    case AddressError::kTrailing:
      return CommandError::kPath;
  }
  return CommandError::kPath;
}

}  // namespace veredus::wire::smtp
