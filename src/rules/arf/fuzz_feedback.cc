#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "rules/arf/feedback.h"

/// Any message is read without a fault; what is read keeps to its limits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto feedback = veredus::rules::arf::parse_feedback({reinterpret_cast<const char*>(data), size});
  if (!feedback) return 0;
  if (feedback->original_recipients.size() > 100 || feedback->type_word.empty()) std::abort();
  if (feedback->original.size() > size) std::abort();
  return 0;
}
