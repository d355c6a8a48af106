#include "wire/smtp/command.h"

#include <algorithm>
#include <charconv>

#include "base/codec/ascii.h"
#include "base/codec/utf8.h"
#include "base/types/result.h"

namespace veredus::wire::smtp {
namespace {

using base::codec::iequals_ascii;
using Parsed = std::expected<Command, CommandError>;

/// For the commands that take no argument.
template <class T>
Parsed parse_bare(std::string_view args) {
  if (!args.empty()) return std::unexpected(CommandError::kUnexpectedArgument);
  return T{};
}

template <HelloKind kind>
Parsed parse_hello(std::string_view args) {
  if (args.empty()) return std::unexpected(CommandError::kMissingArgument);
  if (args.contains(' ')) return std::unexpected(CommandError::kHeloDomain);
  return Hello{kind, args, check_domain(args).has_value()};
}

Parsed parse_mail(std::string_view args) {
  VEREDUS_TRY(auto mail, parse_mail_from(args));
  return mail;
}

Parsed parse_rcpt(std::string_view args) {
  VEREDUS_TRY(auto rcpt, parse_rcpt_to(args));
  return rcpt;
}

/// bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] (RFC 3030 s2)
Parsed parse_bdat(std::string_view args) {
  Bdat bdat{};
  const auto size = args.substr(0, args.find(' '));
  const auto result = std::from_chars(size.data(), size.data() + size.size(), bdat.octets);
  if (size.empty() || result.ec != std::errc{} || result.ptr != size.data() + size.size())
    return std::unexpected(CommandError::kChunkSize);
  args.remove_prefix(size.size());
  if (args.empty()) return bdat;
  if (!iequals_ascii(args, " LAST")) return std::unexpected(CommandError::kChunkSize);
  bdat.last = true;
  return bdat;
}

Parsed parse_vrfy(std::string_view args) {
  if (args.empty()) return std::unexpected(CommandError::kMissingArgument);
  return Vrfy{args};
}

Parsed parse_expn(std::string_view args) {
  if (args.empty()) return std::unexpected(CommandError::kMissingArgument);
  return Expn{args};
}

Parsed parse_help(std::string_view args) { return Help{args}; }

Parsed parse_noop(std::string_view) { return Noop{}; }  // RFC 5321 s4.1.1.9: an argument is ignored

/// "AUTH" SP sasl-mech [SP initial-response] (RFC 4954 s4, s8)
Parsed parse_auth(std::string_view args) {
  if (args.empty()) return std::unexpected(CommandError::kMissingArgument);
  const auto space = args.find(' ');
  Auth auth{args.substr(0, space), std::nullopt};
  const auto is_mechanism = [](char c) {
    return base::codec::is_alpha(c) || base::codec::is_digit(c) || c == '-' || c == '_';
  };
  if (auth.mechanism.empty() || auth.mechanism.size() > 20 || !std::ranges::all_of(auth.mechanism, is_mechanism))
    return std::unexpected(CommandError::kMechanism);
  if (space == std::string_view::npos) return auth;
  auth.initial_response = args.substr(space + 1);
  if (auth.initial_response->contains(' ')) return std::unexpected(CommandError::kUnexpectedArgument);
  return auth;
}

struct Verb {
  std::string_view name;
  Parsed (*parse)(std::string_view args);
};
// In the order of how often they come.
constexpr Verb kVerbs[] = {
    {"RCPT", parse_rcpt},
    {"MAIL", parse_mail},
    {"DATA", parse_bare<Data>},
    {"QUIT", parse_bare<Quit>},
    {"EHLO", parse_hello<HelloKind::kEhlo>},
    {"HELO", parse_hello<HelloKind::kHelo>},
    {"LHLO", parse_hello<HelloKind::kLhlo>},
    {"RSET", parse_bare<Rset>},
    {"BDAT", parse_bdat},
    {"NOOP", parse_noop},
    {"AUTH", parse_auth},
    {"STARTTLS", parse_bare<StartTls>},
    {"VRFY", parse_vrfy},
    {"EXPN", parse_expn},
    {"HELP", parse_help},
};

/// Only printable text, and UTF-8 where it is not ASCII.
std::expected<void, CommandError> check_octets(std::string_view line) {
  bool ascii = true;
  for (const char c : line) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 32 || octet == 127) return std::unexpected(CommandError::kOctet);
    ascii = ascii && octet < 128;
  }
  if (!ascii && !base::codec::is_valid_utf8(line)) return std::unexpected(CommandError::kNotUtf8);
  return {};
}

}  // namespace

std::expected<Command, CommandError> parse_command(std::string_view line) {
  // RFC 5321 s4.1.1: white space before the end of a line is to be tolerated.
  line = line.substr(0, line.find_last_not_of(" \t") + 1);
  VEREDUS_TRY(check_octets(line));
  const auto space = line.find(' ');
  const auto name = line.substr(0, space);
  auto args = space == std::string_view::npos ? std::string_view{} : line.substr(space + 1);
  args.remove_prefix(std::min(args.find_first_not_of(' '), args.size()));
  for (const auto& verb : kVerbs) {
    if (iequals_ascii(name, verb.name)) return verb.parse(args);
  }
  return std::unexpected(CommandError::kUnknown);
}

bool is_foreign_protocol(std::string_view line) {
  constexpr std::string_view kForeign[] = {
      "GET",     "POST", "PUT",   "HEAD",    "DELETE",      "PATCH",           "CONNECT", "TRACE",
      "OPTIONS", "PRI",  "Host:", "Cookie:", "User-Agent:", "Content-Length:", "Referer:"};
  const auto word = line.substr(0, line.find(' '));
  return std::ranges::any_of(kForeign, [word](std::string_view foreign) { return iequals_ascii(word, foreign); });
}

}  // namespace veredus::wire::smtp
