#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/codec/base64.h"
#include "base/codec/quoted_printable.h"
#include "base/types/result.h"

using namespace veredus::base::codec;

namespace {

template <class Decoder>
std::string decode(std::string_view text, std::size_t piece) {
  Decoder decoder;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += piece) decoder.feed(text.substr(i, piece), out);
  decoder.finish(out);
  return out;
}

}  // namespace

// The first octet says how the rest is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(octets) + 1, size - 1);
  const std::size_t piece = octets[0] % 80 + 1;
  VEREDUS_CHECK(decode<Base64Decoder>(text, piece) == decode<Base64Decoder>(text, text.size() + 1));
  VEREDUS_CHECK(decode<QuotedPrintableDecoder>(text, piece) == decode<QuotedPrintableDecoder>(text, text.size() + 1));
  VEREDUS_CHECK(decode<Base64Decoder>(base64_encode_lines(text), piece) == text);
  VEREDUS_CHECK(base64_decode(base64_encode(text)) == text);
  VEREDUS_CHECK(base64url_decode(base64url_encode(text)) == text);
  VEREDUS_CHECK(decode<QuotedPrintableDecoder>(qp_encode_binary(text), piece) == text);
  if (const auto strict = base64_decode(text)) VEREDUS_CHECK(base64_encode(*strict) == text);
  return 0;
}
