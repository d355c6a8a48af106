#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/codec/date.h"
#include "base/types/result.h"

using namespace veredus::base::codec;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(octets), size);
  // A year outside of 0..9999 cannot be written; only offsets at the very ends lead there.
  const auto writable = [](const ZonedTime& t) {
    const auto day = std::chrono::floor<std::chrono::days>(t.time);
    return day > std::chrono::sys_days(std::chrono::year(0) / 1 / 9) &&
           day < std::chrono::sys_days(std::chrono::year(9999) / 12 / 20);
  };
  if (const auto date = parse_rfc5322_date(text); date && writable(*date))
    VEREDUS_CHECK(parse_rfc5322_date(format_rfc5322_date(date->time, date->offset)) == date);
  if (const auto date = parse_rfc3339(text); date && writable(*date))
    VEREDUS_CHECK(parse_rfc3339(format_rfc3339(date->time, date->offset)) == date);
  return 0;
}
