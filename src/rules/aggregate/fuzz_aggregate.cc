#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "rules/aggregate/report.h"

namespace aggregate = veredus::rules::aggregate;

/// What is read keeps to its limits; written again, it is read as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  aggregate::Limits limits;
  limits.records = 200;
  limits.elements = 5000;
  const auto report = aggregate::read_xml({reinterpret_cast<const char*>(data), size}, limits);
  if (!report) return 0;
  if (report->records.size() > limits.records || report->policy.domain.empty()) std::abort();
  const std::string written = aggregate::write_xml(*report);
  const auto again = aggregate::read_xml(written);
  if (!again || again->records.size() != report->records.size()) std::abort();
  if (again->metadata.report_id != report->metadata.report_id) std::abort();
  if (aggregate::write_xml(*again) != written) std::abort();
  return 0;
}
