#include "state/directory/directory_error.h"

namespace veredus::state::directory {

std::string_view to_string(DirectoryError error) {
  switch (error) {
    case DirectoryError::kBadDomain:
      return "not a domain name";
    case DirectoryError::kBadAddress:
      return "not an address";
    case DirectoryError::kBadSeparator:
      return "not usable as a subaddress separator";
    case DirectoryError::kBadName:
      return "name too long or not UTF-8";
    case DirectoryError::kNoSuchDomain:
      return "no such domain";
    case DirectoryError::kNoSuchAccount:
      return "no such account";
    case DirectoryError::kNoSuchAlias:
      return "no such alias";
    case DirectoryError::kNoSuchAppPassword:
      return "no such app password";
    case DirectoryError::kDomainExists:
      return "the domain exists already";
    case DirectoryError::kAddressTaken:
      return "the address is taken";
    case DirectoryError::kDomainNotEmpty:
      return "the domain still has accounts or aliases";
    case DirectoryError::kNoTargets:
      return "an alias needs a target";
    case DirectoryError::kTooManyTargets:
      return "too many targets";
    case DirectoryError::kUnknownTarget:
      return "a target is nobody's address here";
    case DirectoryError::kLoop:
      return "the alias would lead back to itself";
    case DirectoryError::kPasswordTooShort:
      return "password too short";
    case DirectoryError::kPasswordTooLong:
      return "password too long";
    case DirectoryError::kBadPassword:
      return "password not UTF-8 or with control characters";
    case DirectoryError::kTooManyAppPasswords:
      return "too many app passwords";
    case DirectoryError::kTooManyDomains:
      return "too many domains";
    case DirectoryError::kNoSuchList:
      return "no such list";
    case DirectoryError::kNoSuchForward:
      return "the account forwards nothing";
    case DirectoryError::kNoSuchRoute:
      return "no such route";
    case DirectoryError::kNoSuchRelayDomain:
      return "no such relay domain";
    case DirectoryError::kNoSuchSendingAccount:
      return "no such sending account";
    case DirectoryError::kBadRouteName:
      return "not usable as the name of a route";
    case DirectoryError::kBadHost:
      return "not a host";
    case DirectoryError::kBadPattern:
      return "not a domain or address a route can claim";
    case DirectoryError::kNoHosts:
      return "a route needs a host";
    case DirectoryError::kNoModerators:
      return "a list needs a moderator";
    case DirectoryError::kNoSecret:
      return "a login needs a password or a token";
    case DirectoryError::kNoSealingKey:
      return "there is no key to keep secrets with";
    case DirectoryError::kSecretTooLong:
      return "secret too long";
    case DirectoryError::kNotElsewhere:
      return "the address is in a domain of ours";
    case DirectoryError::kTooManyHosts:
      return "too many hosts";
    case DirectoryError::kTooManyPatterns:
      return "too many destinations or senders";
    case DirectoryError::kTooManyRoutes:
      return "too many routes";
    case DirectoryError::kTooManyRelayDomains:
      return "too many relay domains";
    case DirectoryError::kTooManyRecipients:
      return "too many recipients";
    case DirectoryError::kTooManySendingAccounts:
      return "too many sending accounts";
    case DirectoryError::kTooManyMembers:
      return "too many members";
    case DirectoryError::kTooManyModerators:
      return "too many moderators";
    case DirectoryError::kNoSuchKey:
      return "no such signing key";
    case DirectoryError::kBadSelector:
      return "not usable as a selector";
    case DirectoryError::kBadKey:
      return "not a key that signs mail";
    case DirectoryError::kSelectorTaken:
      return "the selector is taken";
    case DirectoryError::kTooManyKeys:
      return "too many signing keys";
    case DirectoryError::kKeyInUse:
      return "the key is in use";
    case DirectoryError::kKeyGone:
      return "the key is gone";
    case DirectoryError::kBusy:
      return "changed by others meanwhile";
    case DirectoryError::kUnavailable:
      return "storage not available";
    case DirectoryError::kUnknownOutcome:
      return "outcome unknown";
    case DirectoryError::kCorrupt:
      return "stored row is corrupt";
  }
  return "unknown";
}

Permanence permanence(DirectoryError error) {
  switch (error) {
    case DirectoryError::kBusy:
    case DirectoryError::kUnavailable:
    case DirectoryError::kUnknownOutcome:
    case DirectoryError::kCorrupt:
      return Permanence::kTemporary;
    default:
      return Permanence::kPermanent;
  }
}

std::string_view to_string(ResolveError error) {
  switch (error) {
    case ResolveError::kBadAddress:
      return "bad address";
    case ResolveError::kNotOurs:
      return "not one of our domains";
    case ResolveError::kUnknownMailbox:
      return "unknown mailbox";
    case ResolveError::kDisabled:
      return "account may not receive";
    case ResolveError::kPostingDenied:
      return "may not post to this list";
    case ResolveError::kLoop:
      return "alias loop";
    case ResolveError::kTooManyTargets:
      return "alias expands to too many addresses";
  }
  return "unknown";
}

Permanence permanence(ResolveError) { return Permanence::kPermanent; }

std::string_view to_string(AuthError error) {
  switch (error) {
    case AuthError::kWrongCredentials:
      return "wrong credentials";
    case AuthError::kDisabled:
      return "account disabled";
    case AuthError::kNotAuthorized:
      return "may not act as this identity";
    case AuthError::kUnavailable:
      return "cannot be checked now";
  }
  return "unknown";
}

Permanence permanence(AuthError error) {
  return error == AuthError::kUnavailable ? Permanence::kTemporary : Permanence::kPermanent;
}

}  // namespace veredus::state::directory
