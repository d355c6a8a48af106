#pragma once

#include <cstdint>
#include <string_view>

namespace veredus::wire::imap {

/// Why a command was not understood. `to_string` says what was expected in its place.
enum class CommandError : std::uint8_t {
  kTag,             // no tag, or one of other characters
  kCommand,         // no such command
  kUidCommand,      // no such command after UID
  kSpace,           // no space between two arguments
  kTrailing,        // more than the command takes
  kListBegin,       // no "("
  kListEnd,         // no ")"
  kAtom,            //
  kString,          // no quoted string or literal
  kAstring,         // nor an atom
  kNstring,         // nor NIL
  kQuotedEnd,       // a quoted string without its end
  kOctet,           // NUL, or a control character where text belongs
  kNotUtf8,         // octets above 127 that are no UTF-8
  kNumber,          //
  kNumberRange,     // beyond 32 or 63 bits
  kSequenceSet,     //
  kPartialRange,    // RFC 9394 s3.1
  kMailboxName,     // neither modified UTF-7 nor UTF-8
  kFlag,            //
  kDate,            //
  kDateTime,        //
  kFetchItem,       //
  kFetchModifier,   //
  kSection,         //
  kStoreItem,       // no FLAGS, +FLAGS or -FLAGS
  kStoreModifier,   //
  kSearchKey,       //
  kSearchReturn,    // no such RETURN option
  kReturnConflict,  // RETURN options that exclude each other (RFC 9394 s3.1)
  kCharset,         // NO [BADCHARSET]
  kCharsetOfSaved,  // the same with RETURN (SAVE): $ is empty then (RFC 5182 s2.1)
  kCharsetUtf8,     // CHARSET after ENABLE UTF8=ACCEPT (RFC 6855 s3)
  kEncoding,        // octets that are not of the charset named
  kSortKey,         //
  kThreadMethod,    //
  kStatusItem,      //
  kListOption,      // no such selection option
  kListReturn,      // no such return option
  kRecursiveMatch,  // RECURSIVEMATCH alone (RFC 5258 s3)
  kSelectParam,     //
  kCreateParam,     //
  kUrl,             // CATENATE with a URL that names no part of a message here: NO [BADURL]
  kCatenate,        // neither TEXT nor URL
  kMessageLiteral,  // a message must be a literal
  kRights,          // RFC 4314 s3.1
  kResource,        // RFC 9208 s3.1
  kEntry,           // no metadata entry (RFC 5464 s3.2)
  kMetadataOption,  //
  kNotifyFilter,    // RFC 5465 s6
  kNotifyEvent,     // NO [BADEVENT]
  kNotifyPair,      // MessageNew and MessageExpunge go together (RFC 5465 s5)
  kMechanism,       // RFC 9051 s6.2.2
  kLogInFirst,      // a message before login
  // Limits.
  kLineTooLong,
  kLiteralTooBig,     // a string's
  kMessageTooBig,     // NO [TOOBIG]
  kCommandTooLong,    // all lines and strings of one command
  kNesting,           // lists within lists
  kTooManyTerms,      // search keys
  kTooManyArguments,  // flags, items, entries, messages of one command
};
/// "expected a sequence set", "too many search keys"…; English, without a full stop.
[[nodiscard]] std::string_view to_string(CommandError error);

}  // namespace veredus::wire::imap
