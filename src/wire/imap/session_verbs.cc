#include <algorithm>

#include "base/codec/ascii.h"
#include "wire/imap/command_parser.h"

namespace veredus::wire::imap::verbs {
namespace {

using base::codec::iequals_ascii;

template <class T>
ParsedBody parse_bare(Cursor&, const ReaderOptions&) {
  return T{};
}

///   id = "ID" SP ("NIL" / "(" [string SP nstring *(SP string SP nstring)] ")") (RFC 2971 s4)
ParsedBody parse_id(Cursor& at, const ReaderOptions& options) {
  Id id;
  if (at.end()) return id;  // without an argument, as some say it
  VEREDUS_TRY(at.space());
  if (at.take_word("NIL")) return id;
  VEREDUS_TRY(at.list_begin());
  while (!at.list_end()) {
    VEREDUS_TRY(auto name, at.astring());
    VEREDUS_TRY(at.space());
    std::optional<std::string> value;
    if (!at.take_word("NIL")) {
      VEREDUS_TRY(value, at.astring());
    }
    id.fields.emplace_back(std::move(name), std::move(value));
    if (id.fields.size() > options.arguments) return std::unexpected(CommandError::kTooManyArguments);
    if (at.peek() != ')') VEREDUS_TRY(at.space());
  }
  return id;
}

///   authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp] (RFC 9051 s9); auth-type is a name of RFC 4422 s3.1
ParsedBody parse_authenticate(Cursor& at, const ReaderOptions&) {
  Authenticate authenticate;
  VEREDUS_TRY(at.space());
  const auto begin = at.position();
  const auto mechanism = at.word();
  const auto is_name = [](char c) {
    return base::codec::is_alpha(c) || base::codec::is_digit(c) || c == '-' || c == '_';
  };
  if (mechanism.empty() || mechanism.size() > 20 || !std::ranges::all_of(mechanism, is_name)) {
    at.go_to(begin);
    return std::unexpected(CommandError::kMechanism);
  }
  authenticate.mechanism = base::codec::to_upper_ascii(mechanism);
  if (at.skip_blanks() && !at.at_end()) authenticate.initial_response = at.word();
  return authenticate;
}

ParsedBody parse_login(Cursor& at, const ReaderOptions&) {
  Login login;
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(login.user, at.astring());
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(login.password, at.astring());
  return login;
}

///   enable = "ENABLE" 1*(SP capability)
ParsedBody parse_enable(Cursor& at, const ReaderOptions& options) {
  Enable enable;
  VEREDUS_TRY(at.space());
  do {
    VEREDUS_TRY(const auto word, at.atom());
    enable.extensions.push_back(base::codec::to_upper_ascii(word));
    if (enable.extensions.size() > options.arguments) return std::unexpected(CommandError::kTooManyArguments);
  } while (at.skip_blanks() && !at.at_end());
  return enable;
}

ParsedBody parse_compress(Cursor& at, const ReaderOptions&) {
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(const auto algorithm, at.atom());
  return Compress{base::codec::to_upper_ascii(algorithm)};
}

constexpr Verb kVerbs[] = {
    {"NOOP", parse_bare<Noop>},
    {"IDLE", parse_bare<Idle>},
    {"CAPABILITY", parse_bare<Capability>},
    {"LOGIN", parse_login},
    {"AUTHENTICATE", parse_authenticate},
    {"LOGOUT", parse_bare<Logout>},
    {"ID", parse_id},
    {"ENABLE", parse_enable},
    {"NAMESPACE", parse_bare<Namespace>},
    {"CLOSE", parse_bare<Close>},
    {"UNSELECT", parse_bare<Unselect>},
    {"CHECK", parse_bare<Check>},
    {"STARTTLS", parse_bare<StartTls>},
    {"COMPRESS", parse_compress},
    {"UNAUTHENTICATE", parse_bare<Unauthenticate>},
};

}  // namespace

const Verb* find_session_verb(std::string_view name) {
  const auto verb = std::ranges::find_if(kVerbs, [name](const Verb& v) { return iequals_ascii(v.name, name); });
  return verb == std::end(kVerbs) ? nullptr : verb;
}

}  // namespace veredus::wire::imap::verbs
