#pragma once

#include <cstdint>
#include <string_view>

#include "base/types/result.h"

namespace veredus::state::directory {

/// Why a change of the directory, or reading it, did not happen.
enum class DirectoryError : std::uint8_t {
  kBadDomain,          // no domain name
  kBadAddress,         // no address, or its local part is over 64 octets or empty
  kBadSeparator,       // a subaddress separator is one of ! # $ % & * + - / = ? _ ~ |
  kBadName,            // a display name or a name of an app password is over 255 octets or not UTF-8
  kNoSuchDomain,       // the domain is not one of ours
  kNoSuchAccount,      //
  kNoSuchAlias,        //
  kNoSuchAppPassword,  //
  kDomainExists,       //
  kAddressTaken,       // an account or an alias has this address already
  kDomainNotEmpty,     // accounts or aliases of it are still there
  kNoTargets,          // an alias needs at least one target
  kTooManyTargets,     // more than Limits::alias_targets
  kUnknownTarget,      // a target is in a domain of ours and nobody has that address
  kLoop,               // the alias would come back to itself
  kPasswordTooShort,   // under Options::min_password_octets
  kPasswordTooLong,    // over kMaxPasswordOctets
  kBadPassword,        // not UTF-8, or holds control characters
  kTooManyAppPasswords,
  kTooManyDomains,
  kNoSuchList,
  kNoSuchForward,
  kNoSuchRoute,
  kNoSuchRelayDomain,
  kNoSuchSendingAccount,
  kBadRouteName,            // not 1..64 letters, digits, '-', '_', '.'; or "mx"
  kBadHost,                 // neither a host name nor an IP address, or port 0
  kBadPattern,              // not "example.org" or "*.example.org"; not "alice@example.org" or "@example.org"
  kNoHosts,                 // a route needs at least one
  kNoModerators,            // a list needs at least one
  kNoSecret,                // a login needs a password or a token
  kNoSealingKey,            // this directory was opened without the key that secrets are sealed with
  kSecretTooLong,           // over RoutingLimits::secret_octets
  kNotElsewhere,            // a sending account is for an address elsewhere, and this domain is ours
  kTooManyHosts,            // over RoutingLimits::route_hosts
  kTooManyPatterns,         // over RoutingLimits::route_patterns
  kTooManyRoutes,           // over RoutingLimits::routes
  kTooManyRelayDomains,     // over RoutingLimits::relay_domains
  kTooManyRecipients,       // over RoutingLimits::relay_recipients
  kTooManySendingAccounts,  // over RoutingLimits::sending_accounts
  kTooManyMembers,          // over ListLimits::members
  kTooManyModerators,       // over ListLimits::moderators
  kNoSuchKey,               //
  kBadSelector,             // not labels of letters, digits and '-', 63 octets at most
  kBadKey,                  // no private key that signs mail: RSA of 1024 to 8192 bits, or Ed25519
  kSelectorTaken,           //
  kTooManyKeys,             // over kMaxSigningKeys
  kKeyInUse,                // it signs, or mail under way is checked with it
  kKeyGone,                 // its private part is no more
  kBusy,                    // others changed the directory again and again meanwhile: try later
  kUnavailable,             // the engine cannot write or read now
  kUnknownOutcome,          // the change may or may not have been made
  kCorrupt,                 // a row does not read as it was written
};
[[nodiscard]] std::string_view to_string(DirectoryError error);
[[nodiscard]] Permanence permanence(DirectoryError error);

/// Why an address leads nowhere.
enum class ResolveError : std::uint8_t {
  kBadAddress,      // the domain is no domain name
  kNotOurs,         // the domain is not one of ours: relay or refuse
  kUnknownMailbox,  // the domain is ours, the address is nobody's
  kDisabled,        // the account may not receive now
  kLoop,            // aliases lead to each other and to nobody else
  kPostingDenied,   // the sender may not post to the list
  kTooManyTargets,  // expansion went over Limits::expanded_targets or Limits::alias_depth
};
[[nodiscard]] std::string_view to_string(ResolveError error);
[[nodiscard]] Permanence permanence(ResolveError error);

/// Why somebody is not logged in.
enum class AuthError : std::uint8_t {
  kWrongCredentials,  // unknown user or wrong password: never told apart
  kDisabled,          // the password is right and the account is disabled
  kNotAuthorized,     // the password is right and the authorisation identity is not theirs
  kUnavailable,       // could not be checked now
};
[[nodiscard]] std::string_view to_string(AuthError error);
[[nodiscard]] Permanence permanence(AuthError error);

}  // namespace veredus::state::directory
