#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wire/smtp/address.h"

namespace veredus::state::directory {

/// The normal form in which addresses are kept and compared: A-labels in lower case, and local parts in which nobody
/// tells "Alice" from "alice" (RFC 5321 s2.4 lets a host decide; here all do), composed by NFC so that the same letters
/// are the same octets (RFC 6532 s3.1).

constexpr std::size_t kMaxLocalPartOctets = 64;  // RFC 5321 s4.5.3.1.1

/// nullopt: no domain name, or an address literal.
std::optional<std::string> normal_domain(std::string_view domain);

/// Never fails: what is no UTF-8 stays as it is, in lower case where it is ASCII.
std::string normal_local_part(std::string_view local_part);

/// `local@domain` in normal form; the local part unquoted, so the last '@' is the one between.
std::string join_address(std::string_view normal_local_part, std::string_view normal_domain);

struct AddressParts {
  std::string_view local_part;
  std::string_view domain;
};
/// Cuts at the last '@'; an address without one is all local part.
AddressParts split_address(std::string_view address);

/// What a person typed, as an Address: the grammar of RFC 5321 s4.1.2. nullopt for anything else and for address
/// literals.
std::optional<wire::smtp::Address> parse_typed_address(std::string_view text);

/// The address as people read it: U-labels where the domain has them.
std::string shown_address(const wire::smtp::Address& address);

}  // namespace veredus::state::directory
