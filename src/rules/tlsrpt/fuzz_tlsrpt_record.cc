#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rules/tlsrpt/record.h"

namespace tlsrpt = veredus::rules::tlsrpt;

/// A record: what is read has somewhere to report to, and reads again as itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(octets), size);
  const auto record = tlsrpt::parse_record(text);
  if (!record) return 0;
  if (record->rua.empty()) std::abort();
  std::string written = "v=TLSRPTv1; rua=" + record->rua.front();
  for (std::size_t i = 1; i < record->rua.size(); ++i) written += "," + record->rua[i];
  if (tlsrpt::parse_record(written) != record) std::abort();
  return 0;
}
