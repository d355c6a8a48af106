#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/codec/utf8.h"
#include "wire/mime/surrogate.h"

using veredus::wire::mime::surrogate_header;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view block(reinterpret_cast<const char*>(octets), size);
  const auto surrogate = surrogate_header(block);
  if (!veredus::base::codec::is_ascii(surrogate)) std::abort();
  if (surrogate_header(surrogate) != surrogate) std::abort();  // nothing is left to do
  return 0;
}
