#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/dmarc/evaluation.h"
#include "rules/dmarc/record.h"
#include "rules/inquiry/inquiry.h"

namespace veredus::rules::dmarc {

enum class Permission : std::uint8_t {
  kGranted,   // within the organization, or its record says that reports are welcome
  kRefused,   // nobody there asked for them
  kTryLater,  // DNS does not answer
};

/// Where reports about a domain that name `target` may go.
struct Destination {
  Permission permission = Permission::kRefused;
  std::vector<ReportTarget> targets;  // of kGranted: the target, or what its host says instead
  std::string problem;                // in words, unless granted
};

/// The address in `mailto:a%2Bb@example.org?subject=x`; nullopt: another scheme, or none in it.
[[nodiscard]] std::optional<std::string> mail_address(std::string_view uri);
/// The host of a mailto, http or https URI in lower-case A-labels; nullopt: there is none.
[[nodiscard]] std::optional<std::string> host_of(std::string_view uri);

/// Whether reports about `policy_domain`, where the policy stands, may go to a host that may be somebody else's.
/// Source: RFC 9990 s4.
inquiry::Inquiry<Destination> check_destination(std::string policy_domain, ReportTarget target, Options options);

}  // namespace veredus::rules::dmarc
