#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/types/result.h"
#include "state/spool/queue_rows.h"
#include "state/spool/spooled_message.h"

namespace {

using namespace veredus::state::spool;

/// What decodes must encode to something that decodes to the same again.
template <class Decode, class Encode>
void check(std::string_view octets, const Decode& decode, const Encode& encode) {
  const auto row = decode(octets);
  if (row) VEREDUS_CHECK(decode(encode(*row)) == row);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(octets), size);
  const EntryId id;
  check(input, [&](std::string_view in) { return decode_mark(id, in); }, encode_mark);
  check(input, [&](std::string_view in) { return decode_spooled(QueueId(), in); }, encode_spooled);
  check(input, [](std::string_view in) { return decode_destination("d", in); }, encode_destination);
  const auto key = queue_keys::pause(PauseOf::kSender, "s");
  check(input, [&](std::string_view in) { return decode_pause(key, in); }, encode_pause);
  const auto entry = decode_queue_entry(id, input);
  // A longer reply than is kept was cut by encoding.
  if (entry) VEREDUS_CHECK(decode_queue_entry(id, encode_queue_entry(*entry)).has_value());
  return 0;
}
