#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/codec/idna.h"
#include "base/codec/saslprep.h"
#include "base/codec/utf7.h"
#include "base/codec/utf8.h"
#include "base/types/result.h"

using namespace veredus::base::codec;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(octets), size);
  if (const auto name = from_modified_utf7(text)) VEREDUS_CHECK(to_modified_utf7(*name) == text);
  if (const auto name = to_modified_utf7(text)) VEREDUS_CHECK(from_modified_utf7(*name) == text);
  VEREDUS_CHECK(is_valid_utf8(text) == (replace_invalid_utf8(text) == text));
  VEREDUS_CHECK(is_valid_utf8(replace_invalid_utf8(text)));
  if (const auto domain = to_ascii(text)) {
    VEREDUS_CHECK(to_ascii(*domain) == domain);
    const auto shown = to_unicode(*domain);
    VEREDUS_CHECK(shown && to_ascii(*shown) == domain);
  }
  if (const auto password = prepare_password(text)) VEREDUS_CHECK(prepare_password(*password) == password);
  return 0;
}
