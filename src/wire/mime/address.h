#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wire/mime/encoded_word.h"

namespace veredus::wire::mime {

enum class AddressKind : std::uint8_t { kMailbox, kGroupStart, kGroupEnd };

/// One entry of an address list, octets as sent: unquoted and unfolded, encoded words not undone.
struct Address {
  AddressKind kind = AddressKind::kMailbox;
  std::string name;        // display name, of a group too; empty: none
  std::string comment;     // comments, each without its parentheses, joined by a space
  std::string route;       // RFC 5322 s4.4 obs-route, "@a,@b"; empty: none
  std::string local_part;  // unquoted
  std::string domain;      // a literal keeps its brackets; empty: none was given
  bool quoted = false;     // the local part was a quoted string
  bool bracketed = false;  // stood between < and >
};

/// Lenient; never fails: what is no address is left out or becomes a name. Linear time. Group members stand between
/// their kGroupStart and kGroupEnd. Source: RFC 5322 s3.4, s4.4; RFC 6532.
std::vector<Address> parse_address_list(std::string_view value, std::size_t max_addresses = 10'000);

/// "local@domain", the local part quoted when it was; without a domain the local part alone.
std::string address_text(const Address& address);

/// What people should see as the name: the decoded display name with the comment in parentheses after it, or the
/// comment alone; empty: none.
std::string display_name(const Address& address, Undeclared undeclared = Undeclared::kGuess);

}  // namespace veredus::wire::mime
