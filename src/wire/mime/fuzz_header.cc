#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/codec/utf8.h"
#include "base/types/result.h"
#include "wire/mime/encoded_word.h"
#include "wire/mime/header_block.h"
#include "wire/mime/message_id.h"
#include "wire/mime/parameters.h"
#include "wire/mime/received.h"

using namespace veredus::wire::mime;
using veredus::base::codec::is_valid_utf8;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(octets), size);
  const std::string decoded = decode_header(text);
  VEREDUS_CHECK(is_valid_utf8(decoded) && decoded.find_first_of("\r\n") == std::string::npos);
  VEREDUS_CHECK(is_valid_utf8(decode_header(text, Undeclared::kReplace)));
  const std::string encoded = encode_unstructured(decoded, 10);
  for (const char c : encoded) VEREDUS_CHECK(c >= 0 && c < 127);
  const bool plain_spaces = !decoded.contains("  ") && !decoded.starts_with(' ') && !decoded.ends_with(' ');
  if (plain_spaces) VEREDUS_CHECK(decode_header(encoded) == decoded);
  for (const auto& field : read_fields(text)) {
    VEREDUS_CHECK(field.offset + field.whole.size() <= size && !field.name.empty());
    const auto type = parse_content_type(field.value);
    for (const auto& name : parameter_names(type.parameters))
      VEREDUS_CHECK(is_valid_utf8(parameter_utf8(type.parameters, name)));
    static_cast<void>(parse_disposition(field.value));
    static_cast<void>(parse_received(field.value));
    VEREDUS_CHECK(parse_message_ids(field.value, 5).size() <= 5);
  }
  VEREDUS_CHECK(base_subject(base_subject(decoded)) == base_subject(decoded));
  return 0;
}
