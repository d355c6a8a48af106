#include <cstddef>
#include <cstdint>
#include <string>

#include "base/types/result.h"
#include "wire/imap/sequence_set.h"

using namespace veredus::wire::imap;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(octets), size);
  const auto set = parse_sequence_set(text);
  if (!set) return 0;
  VEREDUS_CHECK(parse_sequence_set(to_string(*set)) == *set);
  for (const std::uint32_t highest : {0u, 1u, 67u, 4294967295u}) {
    const auto ranges = set->resolve(highest);
    std::uint64_t last = 0;
    for (const auto& range : ranges) {
      VEREDUS_CHECK(range.first > 0 && range.first <= range.last && (last == 0 || range.first > last + 1));
      last = range.last;
    }
    std::string out;
    append_ranges(out, ranges);
    if (!ranges.empty()) VEREDUS_CHECK(parse_sequence_set(out)->resolve(0) == ranges);
  }
  return 0;
}
