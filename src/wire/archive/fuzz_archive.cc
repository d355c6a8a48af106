#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "wire/archive/unpack.h"

namespace archive = veredus::wire::archive;

/// Nothing unpacks to more than the limits; what is packed here unpacks to itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  archive::Limits limits;
  limits.octets = std::size_t{4} * 1024 * 1024;
  const auto unpacked = archive::unpack(octets, limits);
  if (unpacked && unpacked->size() > limits.octets) std::abort();
  if (size > 64 * 1024) return 0;
  limits.ratio = 2000;
  const auto again = archive::gunzip(archive::gzip(octets), limits);
  if (!again || *again != octets) std::abort();
  return 0;
}
