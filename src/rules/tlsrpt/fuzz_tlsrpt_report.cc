#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "rules/tlsrpt/report.h"

namespace tlsrpt = veredus::rules::tlsrpt;

/// What is read keeps to its limits; written again, it is read as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tlsrpt::ReportLimits limits;
  limits.policies = 10;
  limits.failures = 50;
  const auto report = tlsrpt::read_json({reinterpret_cast<const char*>(data), size}, limits);
  if (!report) return 0;
  if (report->policies.size() > limits.policies || report->report_id.empty()) std::abort();
  const std::string written = tlsrpt::write_json(*report);
  tlsrpt::ReportLimits wider;
  wider.text_octets = 16 * 1024;  // U+FFFD has three octets
  const auto again = tlsrpt::read_json(written, wider);
  if (!again || tlsrpt::write_json(*again) != written) std::abort();
  return 0;
}
