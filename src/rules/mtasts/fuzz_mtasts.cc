#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "rules/mtasts/policy.h"
#include "rules/mtasts/record.h"

namespace mtasts = veredus::rules::mtasts;

/// A record or a policy file: what is read is within its limits, and a policy written down reads as itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(octets), size);
  if (const auto record = mtasts::parse_record(text); record && (record->id.empty() || record->id.size() > 32))
    std::abort();
  const auto policy = mtasts::parse_policy(text);
  if (!policy) return 0;
  if (mtasts::parse_policy(mtasts::to_text(*policy)) != policy) std::abort();
  for (const auto& pattern : policy->mx) {
    const bool wildcard = pattern.starts_with("*.");
    if (!policy->lists(wildcard ? "a" + pattern.substr(1) : pattern)) std::abort();
  }
  return 0;
}
