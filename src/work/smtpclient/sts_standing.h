#pragma once

#include <memory>
#include <optional>
#include <string>

#include "io/net/asio.h"
#include "rules/mtasts/policy.h"
#include "work/smtpclient/tls_outcome.h"

namespace veredus::work::smtpclient {

/// What is known of a domain's MTA-STS policy.
struct StsStanding {
  std::optional<rules::mtasts::Policy> policy;  // the one that holds now; nullopt: none
  /// The domain says that it has another policy, and why that one is not known.
  std::optional<TlsResult> failure;
  std::string failure_reason;

  [[nodiscard]] bool enforced() const { return policy && policy->mode == rules::mtasts::Mode::kEnforce; }
  [[nodiscard]] bool tested() const { return policy && policy->mode == rules::mtasts::Mode::kTesting; }
};

/// Finds policies. Thread-safe.
class StsPolicies {
 public:
  virtual ~StsPolicies() = default;
  /// Asks DNS, and the policy's host where it must. Null: it cannot be said now whether a policy is enforced, so no
  /// mail may go. `domain`: A-labels, lower case.
  virtual asio::awaitable<std::shared_ptr<const StsStanding>> find(std::string domain) = 0;
  /// What was found last, if it is still in memory; else null.
  [[nodiscard]] virtual std::shared_ptr<const StsStanding> known(const std::string& domain) const = 0;
};

}  // namespace veredus::work::smtpclient
