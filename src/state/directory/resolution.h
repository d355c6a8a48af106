#pragma once

#include <cstdint>
#include <expected>
#include <optional>
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
struct MailList;

/// An address of ours that leads on, and in whose name it does.
struct Via {
  std::string address;             // the alias, account or list next to the target, in normal form
  const MailList* list = nullptr;  // the list next to the target, whatever came after it; good as long as the snapshot
  bool moderation = false;         // the post goes to the list's moderators alone, to be approved
  friend bool operator==(const Via&, const Via&) = default;
};

struct LocalTarget {
  AccountId account;
  std::string tag;        // of a subaddress ("lists" of alice+lists@), as sent; empty: none
  std::uint32_t via = 0;  // 1-based index into Resolution::vias; 0: nothing that changes the message
  friend bool operator==(const LocalTarget&, const LocalTarget&) = default;
};

struct OutsideTarget {
  wire::smtp::Address address;  // the domain in A-labels, lower case
  std::uint32_t via = 0;        // never 0
  friend bool operator==(const OutsideTarget&, const OutsideTarget&) = default;
};

/// Where mail to one address goes. At least one target; each account and each address elsewhere once.
struct Resolution {
  std::vector<LocalTarget> local;
  std::vector<OutsideTarget> remote;
  std::vector<Via> vias;
  bool own_mailbox = false;  // the address is an account's that keeps the mail: local.front()
};

/// Who writes: lists look at it.
struct Poster {
  const wire::smtp::Address* sender = nullptr;      // null: the null reverse-path
  std::optional<AccountId> account = std::nullopt;  // who authenticated
  bool approved = false;                            // a moderator has let the message pass
};

/// Which targets count.
enum class Purpose : std::uint8_t {
  kDelivery,  // those that may receive
  kSending,   // all: who may send as the address
};

/// Follows an address through aliases, lists, forwards, subaddress, postmaster and abuse defaults and catch-all. Pure;
/// a few hash look-ups for a plain address. An empty domain means `default_domain` (RFC 5321 s4.5.1: "RCPT
/// TO:<postmaster>"). Targets that lead nowhere are left out while others remain.
std::expected<Resolution, ResolveError> resolve(const Snapshot& snapshot, const wire::smtp::Address& address,
                                                std::string_view default_domain, Purpose purpose, Poster poster = {});

/// The domain of ours with this name, written in any way; nullptr: none. Good as long as the snapshot.
const Domain* find_domain(const Snapshot& snapshot, std::string_view name);

/// The alias that this address is, or is a subaddress of; nullptr: none.
const Alias* find_alias(const Snapshot& snapshot, std::string_view local_part, const Domain& domain);

/// The list that this address is; nullptr: none.
const MailList* find_mail_list(const Snapshot& snapshot, std::string_view local_part, const Domain& domain);

/// Who logs in with this name: the account with this primary address, or to which alone an alias of this name leads.
/// In any case and form; without a domain, the default domain's. nullptr: nobody.
const Account* find_login(const Snapshot& snapshot, std::string_view user, std::string_view default_domain);

/// May this account use `address` as sender: it is its own, a subaddress of it, an alias that leads to it alone or is
/// marked for senders, a list it moderates, nobody's in a domain it catches all of, or an address elsewhere that it has
/// proved it may send as.
bool may_send_as(const Snapshot& snapshot, AccountId account, const wire::smtp::Address& address);

}  // namespace veredus::state::directory
