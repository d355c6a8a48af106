#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/codec/utf8.h"
#include "base/types/result.h"
#include "wire/mime/downgrade.h"
#include "wire/mime/message.h"

using namespace veredus::wire::mime;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(octets), size);
  for (const auto reach : {Reach::kSevenBit, Reach::kEightBit}) {
    const auto converted = downgrade(message, reach);
    if (!converted) continue;
    // What has been converted needs no more of it.
    const auto structure = parse(*converted);
    if (structure.limited) continue;
    for (const auto& part : structure.parts) {
      if (part.kind != PartKind::kLeaf) continue;
      const auto content = content_of(body_of(part, *converted));
      VEREDUS_CHECK(content == Content::kSevenBit || (content == Content::kEightBit && reach == Reach::kEightBit));
    }
    const auto again = downgrade(*converted, reach);
    VEREDUS_CHECK(again && *again == *converted);
  }
  return 0;
}
