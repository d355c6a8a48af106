#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/codec/ip_address.h"
#include "base/types/clock.h"
#include "rules/inquiry/inquiry.h"

namespace veredus::rules::spf {

/// RFC 7208 s2.6.
enum class Result : std::uint8_t { kNone, kNeutral, kPass, kFail, kSoftfail, kTemperror, kPermerror };
/// The RFC's word: "pass", "softfail" …
[[nodiscard]] std::string_view to_string(Result result);

enum class Identity : std::uint8_t { kMailFrom, kHelo };

/// Who connects, and as whom.
struct Subject {
  base::codec::IpAddress address;
  std::string helo;  // as said
  std::string
      mail_from;  // local@domain; empty: the null sender, for which postmaster@helo is looked at (RFC 7208 s2.4)
  Identity identity = Identity::kMailFrom;
  std::string receiver;  // our host name, for %{r}
  SystemTime now;        // for %{t}
};

/// RFC 7208 s4.6.4.
struct Options {
  unsigned lookups = 10;      // terms that ask DNS
  unsigned void_lookups = 2;  // questions that find nothing
  unsigned exchanges = 10;    // hosts of one "mx"
  unsigned pointers = 10;     // names of one "ptr"; those above are passed over
};

struct Verdict {
  Result result = Result::kNone;
  std::string domain;       // whose policy it was
  std::string mechanism;    // the term that matched, as published; "default": none did
  std::string explanation;  // of the domain's owner, for kFail; ASCII. Never trust it as ours (RFC 7208 s11.5)
  std::string problem;      // in words, for none, temperror and permerror
  bool by_macros = false;   // it is about this message alone: macros stand for its sender, its time and so on
};

/// RFC 7208 s4: whether `subject.address` may send as that domain.
inquiry::Inquiry<Verdict> check_host(Subject subject, Options options);

}  // namespace veredus::rules::spf
