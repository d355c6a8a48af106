#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "rules/standing/record.h"

namespace standing = veredus::rules::standing;

/// What is read is written the same, and greylisting ends whatever it stands on.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view row(reinterpret_cast<const char*>(octets), size);
  auto record = standing::decode(row);
  if (!record) return 0;
  if (standing::decode(standing::encode(*record)) != record) std::abort();
  const veredus::SystemTime now(std::chrono::seconds(1'790'000'000));
  const auto wait = standing::greylist(*record, {}, now);
  if (wait && standing::greylist(*record, {}, now + *wait)) std::abort();
  return 0;
}
