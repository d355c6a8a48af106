#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "work/smtpclient/peer.h"

namespace veredus::work::queue {

/// What configuration asks of TLS with the mail hosts of a domain, found by MX.
enum class DomainTlsRule : std::uint8_t {
  kPublished,      // what the domain publishes: DANE, MTA-STS, else TLS where it works
  kNever,          // no TLS
  kOpportunistic,  // TLS where it works, whatever the domain publishes
  kEncrypt,        // what the domain publishes, and TLS in any case
  kVerify,         // what the domain publishes, and a trusted certificate where that is not DANE
  kDane,           // hosts with DANE alone
};
[[nodiscard]] std::string_view to_string(DomainTlsRule rule);

struct DomainTls {
  std::vector<std::string> patterns;  // as ProviderLimits::patterns, but of domains alone
  DomainTlsRule rule = DomainTlsRule::kPublished;
};

/// The first that fits; kPublished: none does.
[[nodiscard]] DomainTlsRule rule_for(const std::vector<DomainTls>& rules, std::string_view domain);
/// Whether what the domain publishes counts.
[[nodiscard]] bool asks_policies(DomainTlsRule rule);
/// The connection's rule, before policies; nullopt: as it would be.
[[nodiscard]] std::optional<smtpclient::TlsRule> tls_rule_of(DomainTlsRule rule);

}  // namespace veredus::work::queue
