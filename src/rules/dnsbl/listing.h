#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/codec/ip_address.h"
#include "rules/inquiry/inquiry.h"

/// Lists in DNS of addresses that somebody knows something about. Source: RFC 5782.
namespace veredus::rules::dnsbl {

/// Answers of a list that count: those whose first `bits` bits are `base`'s.
struct AnswerRange {
  base::codec::IpAddress base;
  unsigned bits = 32;
};

/// One list.
struct List {
  std::string zone;                  // A-labels: "zen.example.org"
  int weight = 1;                    // of being on it; negative: it speaks for an address (DNSWL)
  std::vector<AnswerRange> answers;  // empty: all of 127.0.0.0/8 but 127.255.255.0/24
};

/// That an address is on a list.
struct Listing {
  std::string zone;
  base::codec::IpAddress answer;
  int weight = 0;
};

/// What one list says of an address.
struct Word {
  std::optional<Listing> listing;  // nullopt: nothing, or nothing that counts
  bool is_known = false;           // false: DNS did not answer now, and may do so in a moment
};

/// A list that does not answer, or answers outside 127.0.0.0/8 (a zone that was given up and now answers anything), or
/// in 127.255.255.0/24 (by convention: "you must not ask me"), has said nothing. Source: RFC 5782 s2.1, s2.4.
inquiry::Inquiry<Word> look_up(base::codec::IpAddress address, List list);

/// Under which name a list knows an address. Source: RFC 5782 s2.1, s2.4.
[[nodiscard]] std::string query_name(const base::codec::IpAddress& address, const std::string& zone);

}  // namespace veredus::rules::dnsbl
