#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/ids.h"
#include "state/directory/directory_error.h"
#include "wire/smtp/address.h"

namespace veredus::state::directory {

class Snapshot;
struct Account;
struct Alias;
struct Domain;

struct LocalTarget {
  AccountId account;
  std::string tag;  // of a subaddress ("lists" of alice+lists@), as sent; empty: none
  friend bool operator==(const LocalTarget&, const LocalTarget&) = default;
};

/// Where mail to one address goes. At least one target; each account and each remote address once.
struct Resolution {
  std::vector<LocalTarget> local;
  std::vector<wire::smtp::Address> remote;
};

/// Which targets count.
enum class Purpose : std::uint8_t {
  kDelivery,  // those that may receive
  kSending,   // all: who may send as the address
};

/// Follows an address through aliases, subaddress, postmaster and abuse defaults and catch-all. Pure; a few hash
/// look-ups for a plain address. An empty domain means `default_domain` (RFC 5321 s4.5.1: "RCPT TO:<postmaster>").
/// Targets that lead nowhere are left out while others remain.
std::expected<Resolution, ResolveError> resolve(const Snapshot& snapshot, const wire::smtp::Address& address,
                                                std::string_view default_domain, Purpose purpose);

/// The domain of ours with this name, written in any way; nullptr: none. Good as long as the snapshot.
const Domain* find_domain(const Snapshot& snapshot, std::string_view name);

/// The alias that this address is, or is a subaddress of; nullptr: none.
const Alias* find_alias(const Snapshot& snapshot, std::string_view local_part, const Domain& domain);

/// Who logs in with this name: the account with this primary address, or to which alone an alias of this name leads.
/// In any case and form; without a domain, the default domain's. nullptr: nobody.
const Account* find_login(const Snapshot& snapshot, std::string_view user, std::string_view default_domain);

/// May this account use `address` as sender: it is its own, a subaddress of it, an alias that leads to it alone or is
/// marked for senders, or nobody's in a domain it catches all of.
bool may_send_as(const Snapshot& snapshot, AccountId account, const wire::smtp::Address& address);

}  // namespace veredus::state::directory
