#include "work/queue/domain_tls.h"

#include <algorithm>

#include "work/queue/limits.h"

namespace veredus::work::queue {

std::string_view to_string(DomainTlsRule rule) {
  switch (rule) {
    case DomainTlsRule::kPublished:
      return "published";
    case DomainTlsRule::kNever:
      return "never";
    case DomainTlsRule::kOpportunistic:
      return "opportunistic";
    case DomainTlsRule::kEncrypt:
      return "encrypt";
    case DomainTlsRule::kVerify:
      return "verify";
    case DomainTlsRule::kDane:
      return "dane";
  }
  return "unknown";
}

DomainTlsRule rule_for(const std::vector<DomainTls>& rules, std::string_view domain) {
  for (const auto& one : rules)
    if (std::ranges::any_of(one.patterns, [&](const auto& pattern) { return fits_pattern(pattern, domain); }))
      return one.rule;
  return DomainTlsRule::kPublished;
}

bool asks_policies(DomainTlsRule rule) {
  return rule != DomainTlsRule::kNever && rule != DomainTlsRule::kOpportunistic;
}

std::optional<smtpclient::TlsRule> tls_rule_of(DomainTlsRule rule) {
  switch (rule) {
    case DomainTlsRule::kNever:
      return smtpclient::TlsRule::kNever;
    case DomainTlsRule::kOpportunistic:
      return smtpclient::TlsRule::kOpportunistic;
    case DomainTlsRule::kEncrypt:
      return smtpclient::TlsRule::kEncrypt;
    case DomainTlsRule::kVerify:
      return smtpclient::TlsRule::kVerify;
    case DomainTlsRule::kPublished:
    case DomainTlsRule::kDane:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace veredus::work::queue
