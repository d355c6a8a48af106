#include "wire/imap/command_error.h"

namespace veredus::wire::imap {
namespace {

std::string_view of_syntax(CommandError error) {
  switch (error) {
    case CommandError::kTag:
      return "expected a tag";
    case CommandError::kCommand:
      return "no such command";
    case CommandError::kUidCommand:
      return "no such command with UID";
    case CommandError::kSpace:
      return "expected a space";
    case CommandError::kTrailing:
      return "expected nothing more";
    case CommandError::kListBegin:
      return "expected \"(\"";
    case CommandError::kListEnd:
      return "expected \")\"";
    case CommandError::kAtom:
      return "expected an atom";
    case CommandError::kString:
      return "expected a quoted string or literal";
    case CommandError::kAstring:
      return "expected an atom, quoted string or literal";
    case CommandError::kNstring:
      return "expected NIL, a quoted string or literal";
    case CommandError::kQuotedEnd:
      return "expected the end of a quoted string";
    case CommandError::kOctet:
      return "expected text without control characters";
    case CommandError::kNotUtf8:
      return "expected UTF-8";
    case CommandError::kNumber:
      return "expected a number";
    case CommandError::kNumberRange:
      return "expected a number in range";
    case CommandError::kSequenceSet:
      return "expected a sequence set";
    case CommandError::kPartialRange:
      return "expected a range like 1:100 or -1:-100";
    case CommandError::kMailboxName:
      return "expected a mailbox name in modified UTF-7 or UTF-8";
    case CommandError::kFlag:
      return "expected a flag";
    case CommandError::kDate:
      return "expected a date like 1-Feb-1994";
    case CommandError::kDateTime:
      return "expected a date and time like \"17-Jul-1996 02:44:25 -0700\"";
    default:
      return {};
  }
}

std::string_view of_messages(CommandError error) {
  switch (error) {
    case CommandError::kFetchItem:
      return "expected a FETCH item";
    case CommandError::kFetchModifier:
      return "expected CHANGEDSINCE, VANISHED or PARTIAL";
    case CommandError::kSection:
      return "expected a section like [1.2.HEADER]";
    case CommandError::kStoreItem:
      return "expected FLAGS, +FLAGS or -FLAGS";
    case CommandError::kStoreModifier:
      return "expected UNCHANGEDSINCE";
    case CommandError::kSearchKey:
      return "expected a search key";
    case CommandError::kSearchReturn:
      return "expected a RETURN option";
    case CommandError::kReturnConflict:
      return "these RETURN options exclude each other";
    case CommandError::kCharset:
    case CommandError::kCharsetOfSaved:
      return "this charset is not known here";
    case CommandError::kCharsetUtf8:
      return "no CHARSET after ENABLE UTF8=ACCEPT";
    case CommandError::kEncoding:
      return "expected text in the charset named";
    case CommandError::kSortKey:
      return "expected a sort key";
    case CommandError::kThreadMethod:
      return "expected ORDEREDSUBJECT, REFERENCES or REFS";
    case CommandError::kUrl:
      return "expected a URL of a message here";
    case CommandError::kCatenate:
      return "expected TEXT or URL";
    case CommandError::kMessageLiteral:
      return "expected a message as a literal";
    case CommandError::kLogInFirst:
      return "log in first";
    default:
      return {};
  }
}

std::string_view of_mailboxes(CommandError error) {
  switch (error) {
    case CommandError::kStatusItem:
      return "expected a STATUS item";
    case CommandError::kListOption:
      return "expected SUBSCRIBED, REMOTE, RECURSIVEMATCH or SPECIAL-USE";
    case CommandError::kListReturn:
      return "expected SUBSCRIBED, CHILDREN, SPECIAL-USE, STATUS, MYRIGHTS or METADATA";
    case CommandError::kRecursiveMatch:
      return "RECURSIVEMATCH needs another selection option";
    case CommandError::kSelectParam:
      return "expected CONDSTORE or QRESYNC";
    case CommandError::kCreateParam:
      return "expected USE";
    case CommandError::kRights:
      return "expected rights";
    case CommandError::kResource:
      return "expected a quota resource";
    case CommandError::kEntry:
      return "expected an entry like /private/comment";
    case CommandError::kMetadataOption:
      return "expected MAXSIZE or DEPTH";
    case CommandError::kNotifyFilter:
      return "expected SELECTED, SELECTED-DELAYED, INBOXES, PERSONAL, SUBSCRIBED, SUBTREE or MAILBOXES";
    case CommandError::kNotifyEvent:
      return "expected an event that is offered";
    case CommandError::kNotifyPair:
      return "MessageNew and MessageExpunge go together, and FlagChange with them";
    case CommandError::kMechanism:
      return "expected a SASL mechanism";
    default:
      return {};
  }
}

}  // namespace

std::string_view to_string(CommandError error) {
  for (const auto text : {of_syntax(error), of_messages(error), of_mailboxes(error)})
    if (!text.empty()) return text;
  switch (error) {
    case CommandError::kLineTooLong:
      return "the line is too long";
    case CommandError::kLiteralTooBig:
      return "the literal is too big";
    case CommandError::kMessageTooBig:
      return "the message is too big";
    case CommandError::kCommandTooLong:
      return "the command is too long";
    case CommandError::kNesting:
      return "too many lists within each other";
    case CommandError::kTooManyTerms:
      return "too many search keys";
    case CommandError::kTooManyArguments:
      return "too many arguments";
    default:
      return "malformed command";
  }
}

}  // namespace veredus::wire::imap
