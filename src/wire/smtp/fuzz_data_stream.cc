#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/types/result.h"
#include "wire/smtp/data_stream.h"

using namespace veredus::wire::smtp;

// The first octet says how the rest is cut; however it is cut, the same must come out.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = std::size_t{1} + octets[0];
  const std::string_view wire(reinterpret_cast<const char*>(octets + 1), size - 1);
  DataStream whole;
  std::string out;
  const auto end = whole.feed(wire, out);

  DataStream cut;
  std::string pieces;
  std::size_t used = 0;
  bool ended = false;
  while (used < wire.size() && !ended) {
    const auto progress = cut.feed(wire.substr(used, piece), pieces);
    used += progress.used;
    ended = progress.ended;
  }
  VEREDUS_CHECK(ended == end.ended && used == end.used && cut.fault() == whole.fault());
  VEREDUS_CHECK(whole.fault() != LineFault::kNone || out == pieces);
  VEREDUS_CHECK(!ended || wire.substr(0, used).ends_with("\r\n.\r\n") || wire.starts_with(".\r\n"));
  if (!ended || whole.fault() != LineFault::kNone) return 0;
  std::string stuffed;
  append_dot_stuffed(stuffed, out);
  std::string again;
  DataStream reread;
  VEREDUS_CHECK(reread.feed(stuffed + ".\r\n", again).ended && again == out);
  return 0;
}
