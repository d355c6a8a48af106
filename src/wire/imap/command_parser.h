#pragma once

#include <cstddef>
#include <expected>

#include "wire/imap/command.h"
#include "wire/imap/cursor.h"
#include "wire/imap/reader_options.h"

namespace veredus::wire::imap {

using ParsedBody = std::expected<CommandBody, CommandError>;

/// Parses one whole command but APPEND and REPLACE (append_parser.h), from its verb to its end.
ParsedBody parse_command_body(Cursor& at, const ReaderOptions& options);

/// The verb that comes next is APPEND, REPLACE or UID REPLACE; the cursor is then behind it and its blank.
enum class MessageVerb : std::uint8_t { kNone, kAppend, kReplace, kUidReplace };
MessageVerb take_message_verb(Cursor& at);

// What the verbs' own arguments are parsed by. Each begins behind the verb, before the blank.
namespace verbs {
using Parse = ParsedBody (*)(Cursor& at, const ReaderOptions& options);
struct Verb {
  std::string_view name;
  Parse parse;
};
/// nullptr: not one of the family.
const Verb* find_session_verb(std::string_view name);  // ID, LOGIN, AUTHENTICATE, ENABLE, COMPRESS and the bare ones
const Verb* find_mailbox_verb(std::string_view name);  // SELECT, CREATE, LIST, STATUS…
const Verb* find_account_verb(std::string_view name);  // ACL, QUOTA, METADATA, NOTIFY
const Verb* find_message_verb(std::string_view name);  // FETCH, STORE, COPY, MOVE, SEARCH, SORT, THREAD, EXPUNGE
const Verb* find_uid_verb(std::string_view name);      // those after UID
}  // namespace verbs

}  // namespace veredus::wire::imap
