#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/types/result.h"
#include "wire/smtp/address.h"

using namespace veredus::wire::smtp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(octets), size);
  if (const auto address = parse_mailbox(text)) {
    VEREDUS_CHECK(parse_mailbox(to_string(*address)) == *address);
    VEREDUS_CHECK(check_domain(address->domain).has_value());
  }
  for (const auto use : {PathUse::kReverse, PathUse::kForward}) {
    const auto path = parse_path(text, use);
    if (!path) continue;
    VEREDUS_CHECK(text.ends_with(path->rest));
    if (!path->address) continue;
    const auto again = parse_path("<" + to_string(*path->address) + ">", use);
    VEREDUS_CHECK(again && again->address == path->address && again->rest.empty());
  }
  return 0;
}
