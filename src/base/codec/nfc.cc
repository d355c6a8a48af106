#include "base/codec/nfc.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include "base/codec/utf8.h"

namespace veredus::base::codec {

std::string to_nfc(std::string_view text) {
  if (is_ascii(text) || !is_valid_utf8(text)) return std::string(text);
  std::string out;
  UErrorCode status = U_ZERO_ERROR;
  const auto* const nfc = icu::Normalizer2::getNFCInstance(status);
  icu::StringByteSink<std::string> sink(&out);
  if (U_SUCCESS(status))
    nfc->normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink, nullptr, status);
  return U_SUCCESS(status) ? out : std::string(text);
}

}  // namespace veredus::base::codec
