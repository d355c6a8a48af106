#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace veredus::wire::smtp {

/// A mailbox as SMTP names it. Octets as sent, but the quoting of the local part is undone: `"a b"@x` has the local
/// part `a b`. Nothing is normalised (case, IDNA): that is the directory's.
struct Address {
  std::string local_part;  // 0 (`""@x`) ..64 octets, UTF-8 when not ASCII
  std::string domain;      // 1..255 octets; `[192.0.2.1]`, `[IPv6:…]` with brackets; empty only for a bare <Postmaster>

  friend auto operator<=>(const Address&, const Address&) = default;
};

enum class AddressError : std::uint8_t {
  kEmpty,
  kMissingBracket,    // a path begins with '<' and does not end with '>'
  kMissingAt,         // no '@' after the local part
  kLocalPart,         // neither a dot-string nor a quoted string
  kQuotedString,      // not closed, or holds a control character
  kLocalPartTooLong,  // RFC 5321 s4.5.3.1.1: over 64 octets
  kDomain,            // a label is empty, begins or ends with '-', or has a character outside letters, digits, '-'
  kLabelTooLong,      // RFC 1035 s2.3.4: over 63 octets
  kDomainTooLong,     // RFC 5321 s4.5.3.1.2: over 255 octets
  kLiteral,           // `[…]` that is no IPv4, IPv6 or tagged literal
  kPathTooLong,       // RFC 5321 s4.5.3.1.3: over 256 octets with its brackets (without its source route)
  kSourceRoute,       // `@a,@b:` is malformed
  kNotUtf8,           // RFC 6531 s3.3: octets above 127 that are no UTF-8
  kTrailing,          // something follows the address
};
[[nodiscard]] std::string_view to_string(AddressError error);

inline constexpr std::size_t kMaxLocalPartOctets = 64;
inline constexpr std::size_t kMaxDomainOctets = 255;
inline constexpr std::size_t kMaxPathOctets = 256;

/// Parses `local@domain`, all of `text`. Errors: the first rule broken. Source: Mailbox of RFC 5321 s4.1.2 with
/// RFC 6531 s3.3.
std::expected<Address, AddressError> parse_mailbox(std::string_view text);

/// A domain name or an address literal, all of `text`. Source: RFC 5321 s4.1.2 Domain and s4.1.3, RFC 6531 s3.3.
std::expected<void, AddressError> check_domain(std::string_view text);

/// A path at the beginning of a command's argument, and what follows it.
struct PathPrefix {
  std::optional<Address> address;  // nullopt: the null path `<>`
  std::string_view rest;           // a view into what was parsed, right after '>'
};
enum class PathUse : std::uint8_t {
  kReverse,  // MAIL FROM: `<>` is the null path
  kForward,  // RCPT TO: `<Postmaster>` needs no domain, `<>` is refused
};
/// Parses `<local@domain>` and leaves the rest. A source route is read and forgotten (RFC 5321 appendix F.2). The
/// brackets may be missing, against RFC 5321 s4.1.2: old and hand-written clients leave them out, and nothing else can
/// be meant.
std::expected<PathPrefix, AddressError> parse_path(std::string_view text, PathUse use);

/// `local@domain` with the local part quoted where the grammar asks for it; parse_mailbox reads it back the same.
[[nodiscard]] std::string to_string(const Address& address);

/// RFC 6531 s3.4: whether this address can be used only when both sides speak SMTPUTF8.
[[nodiscard]] bool needs_smtputf8(const Address& address);

/// Whether this is `postmaster` in any case (RFC 5321 s4.5.1), with or without a domain.
[[nodiscard]] bool is_postmaster(const Address& address);

}  // namespace veredus::wire::smtp
