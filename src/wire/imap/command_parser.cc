#include "wire/imap/command_parser.h"

#include "base/codec/ascii.h"

namespace veredus::wire::imap {
namespace {

using base::codec::iequals_ascii;

const verbs::Verb* find_verb(std::string_view name) {
  for (const auto find :
       {verbs::find_message_verb, verbs::find_session_verb, verbs::find_mailbox_verb, verbs::find_account_verb})
    if (const auto* verb = find(name)) return verb;
  return nullptr;
}

ParsedBody parse_with(const verbs::Verb& verb, Cursor& at, const ReaderOptions& options) {
  VEREDUS_TRY(auto body, verb.parse(at, options));
  VEREDUS_TRY(at.end());
  return body;
}

}  // namespace

ParsedBody parse_command_body(Cursor& at, const ReaderOptions& options) {
  const auto begin = at.position();
  const auto name = at.word();
  if (iequals_ascii(name, "UID")) {
    at.skip_blanks();
    const auto second = at.position();
    if (const auto* verb = verbs::find_uid_verb(at.word())) return parse_with(*verb, at, options);
    at.go_to(second);
    return std::unexpected(CommandError::kUidCommand);
  }
  if (const auto* verb = find_verb(name)) return parse_with(*verb, at, options);
  at.go_to(begin);
  return std::unexpected(CommandError::kCommand);
}

MessageVerb take_message_verb(Cursor& at) {
  const auto begin = at.position();
  auto verb = MessageVerb::kNone;
  if (at.take_word("APPEND")) {
    verb = MessageVerb::kAppend;
  } else if (at.take_word("REPLACE")) {
    verb = MessageVerb::kReplace;
  } else if (at.take_word("UID") && at.skip_blanks() && at.take_word("REPLACE")) {
    verb = MessageVerb::kUidReplace;
  }
  if (verb == MessageVerb::kNone) at.go_to(begin);
  return verb;
}

}  // namespace veredus::wire::imap
