#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "rules/verp/verp.h"

/// What we make is read back; what somebody else makes is never taken for ours.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace veredus::rules::verp;
  static const std::vector<std::string> secrets = {"one secret", "another"};
  const std::string input(reinterpret_cast<const char*>(data), size);
  if (parse_return_path({.local_part = input, .domain = "example.org"}, secrets)) std::abort();
  if (parse_return_path({.local_part = "news-bounces+" + input, .domain = "example.org"}, secrets)) std::abort();
  Envelope envelope;
  if (size > 0) std::memcpy(envelope.queue_id.data(), data, size < 10 ? size : 10);
  envelope.recipient = recipient_number(input);
  const veredus::wire::smtp::Address sender{.local_part = input, .domain = "example.org"};
  const auto path = return_path(envelope, sender, secrets);
  if (path.has_value() != (size <= kMaxLocalPart)) std::abort();
  if (path && size > 0 && parse_return_path(*path, secrets) != Returned{envelope, sender}) std::abort();
  return 0;
}
