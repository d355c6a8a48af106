#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/dmarc/public_suffix.h"
#include "rules/dmarc/record.h"
#include "rules/inquiry/inquiry.h"

namespace veredus::rules::dmarc {

/// RFC 8601 s2.7.4, RFC 9989 s4.5.
enum class Result : std::uint8_t { kNone, kPass, kFail, kTemperror, kPermerror };
[[nodiscard]] std::string_view to_string(Result result);

/// Which policy of the record was meant for the author's domain.
enum class PolicySource : std::uint8_t { kDomain, kSubdomains, kNonexistent };  // p, sp, np

/// What a message is, and what was found out about it.
struct Message {
  std::string author_domain;              // of From
  std::vector<std::string> dkim_domains;  // d= of signatures that passed
  std::vector<std::string> spf_domains;   // for which SPF passed: of MAIL FROM, or HELO for the null sender
};

struct Options {
  /// How the organizational domain is found where no record tells: RFC 9989's walk up the tree says it is the domain
  /// itself; with a list, RFC 7489's answer is taken then.
  const PublicSuffixes* suffixes = nullptr;
};

struct Verdict {
  Result result = Result::kNone;
  std::string policy_domain;          // where the record stands; empty: there is none
  std::string organizational_domain;  // of the author's domain
  Record record;
  PolicySource source = PolicySource::kDomain;
  Policy published = Policy::kNone;    // what is asked for the author's domain
  Policy disposition = Policy::kNone;  // what to do: none unless it failed; a step milder in testing (RFC 9989 s4.7)
  bool dkim_aligned = false;
  bool spf_aligned = false;
  std::string problem;  // in words
};

/// Of the verdicts on several authors the worst stands for the message: the greater, the worse.
[[nodiscard]] int badness(const Verdict& verdict);

/// Source: RFC 9989 s4.10, s5.3.
inquiry::Inquiry<Verdict> evaluate(Message message, Options options);

/// The organizational domain of a name. Source: RFC 9989 s4.10.2.
inquiry::Inquiry<std::string> organizational_domain(std::string name, Options options);

}  // namespace veredus::rules::dmarc
