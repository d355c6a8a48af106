#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/types/clock.h"
#include "io/engine/batch.h"
#include "rules/mtasts/policy.h"

namespace veredus::work::mtasts {

/// A domain's policy as it was fetched. Rows: docs/formats/mtasts.md.
struct PolicyRow {
  std::string id;  // of the record it was fetched for
  rules::mtasts::Policy policy;
  SystemTime fetched_at{};
  SystemTime used_at{};  // mail for the domain was on its way, to the day
  friend bool operator==(const PolicyRow&, const PolicyRow&) = default;

  [[nodiscard]] SystemTime expires_at() const { return fetched_at + policy.max_age; }
};

/// Where they are kept.
[[nodiscard]] io::engine::Partition policy_partition();
[[nodiscard]] io::engine::Key policy_key(std::string_view domain);
/// The domain of a key; nullopt: it is another row's.
[[nodiscard]] std::optional<std::string_view> domain_of(std::string_view key);

[[nodiscard]] std::string encode(const PolicyRow& row);
/// nullopt: of another version, or malformed.
[[nodiscard]] std::optional<PolicyRow> decode(std::string_view value);

}  // namespace veredus::work::mtasts
