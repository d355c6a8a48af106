#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <variant>

#include "wire/smtp/command_error.h"
#include "wire/smtp/mail_from.h"
#include "wire/smtp/rcpt_to.h"

namespace veredus::wire::smtp {

/// A command line with its CRLF: RFC 5321 s4.5.3.1.4 says 512 and more for each extension; this holds all of ours.
inline constexpr std::size_t kMaxCommandOctets = 4096;
/// RFC 4954 s4: AUTH command lines and responses.
inline constexpr std::size_t kMaxAuthLineOctets = 12288;

/// Which greeting: RFC 5321 s4.1.1.1, RFC 2033 s4.1.
enum class HelloKind : std::uint8_t { kHelo, kEhlo, kLhlo };

struct Hello {
  HelloKind kind;
  std::string_view domain;  // one word; a domain or an address literal when `valid_domain`
  bool valid_domain;        // by RFC 5321 s4.1.2; policy decides what a bad one means
};
struct Data {};
struct Bdat {
  std::uint64_t octets;
  bool last;
};
struct Rset {};
struct Vrfy {
  std::string_view text;
};
struct Expn {
  std::string_view text;
};
struct Help {
  std::string_view text;  // may be empty
};
struct Noop {};
struct Quit {};
struct StartTls {};
struct Auth {
  std::string_view mechanism;                        // as sent, 1..20 octets
  std::optional<std::string_view> initial_response;  // still base64; "=" for an empty one (RFC 4954 s4)
};

/// Views point into the line that was parsed.
using Command = std::variant<Hello, MailFrom, RcptTo, Data, Bdat, Rset, Vrfy, Expn, Help, Noop, Quit, StartTls, Auth>;

/// Parses one command line, without CRLF. Verbs in any case; trailing blanks are let pass. Errors: the first rule
/// broken. Source: RFC 5321 s4.1.1 and the RFCs of the extensions.
std::expected<Command, CommandError> parse_command(std::string_view line);

/// Whether the line's first word is one browsers and other strangers say (GET, POST, CONNECT…): the peer speaks HTTP
/// and is made to say SMTP commands by somebody else; close at once.
[[nodiscard]] bool is_foreign_protocol(std::string_view line);

}  // namespace veredus::wire::smtp
