#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/types/result.h"
#include "work/transfer/message_batch.h"

namespace transfer = veredus::work::transfer;

/// What is read of a batch, written again, is read the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  transfer::BatchReader reader(std::string_view(reinterpret_cast<const char*>(octets), size));
  while (true) {
    const auto message = reader.next();
    if (!message || !*message) return 0;
    std::string again;
    transfer::append_to_batch(again, **message);
    transfer::BatchReader second(again);
    const auto same = second.next();
    VEREDUS_CHECK(same && *same && (*same)->octets == (*message)->octets && (*same)->flags == (*message)->flags &&
                  (*same)->keywords == (*message)->keywords && (*same)->date == (*message)->date);
  }
}
