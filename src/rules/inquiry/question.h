#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "base/codec/ip_address.h"

namespace veredus::rules::inquiry {

enum class RecordType : std::uint8_t { kA, kAaaa, kMx, kPtr, kTxt };

/// What a rule wants to know of DNS.
struct Question {
  RecordType type;
  /// A-labels, lower case, without the last dot; octets that no host has escaped (base/codec/dns_name.h).
  std::string name;
  friend auto operator<=>(const Question&, const Question&) = default;
};

enum class ReplyStatus : std::uint8_t {
  kFound,
  kNoRecord,    // the name exists, this type does not
  kNoSuchName,  // NXDOMAIN
  kFailed,      // no answer now: a timeout, SERVFAIL, or DNSSEC says the answer is forged
};

struct MailExchange {
  std::uint16_t preference = 0;
  std::string host;  // as the next
};

/// What DNS said: of the fields only the one of the type asked for is filled.
struct Reply {
  ReplyStatus status = ReplyStatus::kNoSuchName;
  std::vector<base::codec::IpAddress> addresses;  // A, AAAA
  std::vector<MailExchange> exchanges;            // MX, in no order
  std::vector<std::string> names;                 // PTR; written as those in questions
  std::vector<std::string> texts;                 // TXT; the strings of a record joined (RFC 7208 s3.3)
};

}  // namespace veredus::rules::inquiry
