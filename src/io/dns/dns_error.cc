#include "io/dns/dns_error.h"

namespace veredus::io::dns {

std::string_view to_string(DnsError error) {
  switch (error) {
    case DnsError::kNoSuchName:
      return "no such name";
    case DnsError::kServerFailure:
      return "DNS servers fail";
    case DnsError::kTimeout:
      return "no answer from DNS in time";
    case DnsError::kBogus:
      return "DNSSEC validation failed";
    case DnsError::kMalformedName:
      return "malformed name";
    case DnsError::kMalformedAnswer:
      return "malformed DNS answer";
    case DnsError::kTooManyQueries:
      return "too many DNS questions waiting";
    case DnsError::kStopped:
      return "stopped";
  }
  return "unknown error";
}

Permanence permanence(DnsError error) {
  const bool permanent = error == DnsError::kNoSuchName || error == DnsError::kMalformedName;
  return permanent ? Permanence::kPermanent : Permanence::kTemporary;
}

}  // namespace veredus::io::dns
