#pragma once

#include <expected>
#include <string>

#include "app/cli/authentication_input.h"
#include "base/crypto/signing_key.h"
#include "rules/dkim/signing.h"

namespace veredus::app::cli {

/// What `dkim sign` and `arc seal` write into fields, checked first: a signature that nobody takes is not made, and
/// nothing ends a field before its time. The error says what is wrong.

/// Domain and selector in A-labels; an identity that is at or below the domain (RFC 6376 s3.5).
std::expected<rules::dkim::SigningName, std::string> signing_name(const AuthenticationInput& input);

/// RSA of 1024 bits at least (RFC 8301 s3.2), or Ed25519.
std::expected<base::crypto::PrivateKey, std::string> signing_key(const AuthenticationInput& input);

/// Of a DKIM signature: From is among the fields named, when any are (RFC 6376 s5.4).
std::expected<void, std::string> check_signed_fields(const AuthenticationInput& input);

/// Of an ARC set: the authserv-id, the results and the fields (RFC 8617 s4.1.1, s4.1.2).
std::expected<void, std::string> check_seal(const AuthenticationInput& input);

}  // namespace veredus::app::cli
