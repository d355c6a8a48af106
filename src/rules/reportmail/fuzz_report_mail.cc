#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "rules/reportmail/presentation.h"

namespace reportmail = veredus::rules::reportmail;

/// Any message is read without a fault; what is kept of a report is read as the same kind of report.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto arrived = reportmail::read_report({reinterpret_cast<const char*>(data), size});
  if (!arrived) return 0;
  if (reportmail::text_of(*arrived).empty() || reportmail::json_of(*arrived).empty()) std::abort();
  if (arrived->kind() == reportmail::Kind::kFailure) return 0;
  const auto again = reportmail::read_report(arrived->document);
  if (!again || again->kind() != arrived->kind()) std::abort();
  return 0;
}
