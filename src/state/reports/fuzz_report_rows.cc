#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "state/reports/rows.h"

namespace reports = veredus::state::reports;

namespace {

/// What can be read is written the same.
template <class Decode, class Encode>
void check(std::string_view octets, Decode decode, Encode encode) {
  const auto value = decode(octets);
  if (value && decode(encode(*value)).has_value() == false) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  check(octets, reports::decode_record, reports::encode_record);
  check(octets, reports::decode_policy, reports::encode_policy);
  check(octets, reports::decode_session, reports::encode_session);
  check(octets, reports::decode_summary, reports::encode_summary);
  return 0;
}
