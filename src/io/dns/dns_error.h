#pragma once

#include <cstdint>
#include <string_view>

#include "base/types/result.h"

namespace veredus::io::dns {

/// Why a question has no answer. A name that exists without records of the type asked for is an answer, not an error.
enum class DnsError : std::uint8_t {
  kNoSuchName,       // NXDOMAIN: the name does not exist
  kServerFailure,    // SERVFAIL, REFUSED or no server that answers usefully
  kTimeout,          // no answer before the deadline
  kBogus,            // the answer is not what its zone has signed, or a signature that must be there is missing
  kMalformedName,    // the name asked for cannot stand in DNS
  kMalformedAnswer,  // there are records, and none of them is well formed
  kTooManyQueries,   // more questions are waiting than the resolver takes
  kStopped,          // the resolver, or the task that asked, has ended
};
[[nodiscard]] std::string_view to_string(DnsError error);
/// Only what DNS itself has said, and what can never be asked, is permanent. RFC 5321 s5.1.
[[nodiscard]] Permanence permanence(DnsError error);

}  // namespace veredus::io::dns
