#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace veredus::base::crypto {

/// Octets from the system's generator through OpenSSL's per-thread one: for keys, salts, nonces and ids. Thread-safe.
/// Stops the process when there is no entropy: nothing here may go on with guessable numbers.
std::string random_octets(std::size_t count);

/// The same, as a number over the whole range.
std::uint64_t random_u64();

}  // namespace veredus::base::crypto
