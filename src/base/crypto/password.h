#pragma once

#include <string>
#include <string_view>

namespace veredus::base::crypto {

/// An argon2id PHC string, "$argon2id$v=19$m=19456,t=2,p=1$salt$hash", with a fresh 16-octet salt. Takes some 20 ms and
/// 19 MiB: never on a reactor. The password should have been through codec::prepare_password. Throws std::bad_alloc
/// only. Source: RFC 9106.
std::string hash_password(std::string_view password);

/// Whether `password` is the one `phc` was made of. Takes as long as the cost in `phc` says: never on a reactor. False
/// for a `phc` that is none, or whose cost is above what this server would ever write (m=1 GiB, t=64).
bool verify_password(std::string_view phc, std::string_view password);

/// As long as verify_password with today's cost, and always false: for users that do not exist, so that the time tells
/// nothing.
bool verify_nothing(std::string_view password);

/// Whether `phc` cost less than hash_password's, or is none, and should be replaced at the next login.
bool needs_rehash(std::string_view phc);

}  // namespace veredus::base::crypto
