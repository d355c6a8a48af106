#include "wire/mime/json_text.h"

#include "base/codec/utf8.h"

namespace veredus::wire::mime {

void append_json_string(std::string& out, std::string_view text_utf8) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string repaired;
  if (!base::codec::is_valid_utf8(text_utf8)) {
    repaired = base::codec::replace_invalid_utf8(text_utf8);
    text_utf8 = repaired;
  }
  out.push_back('"');
  for (const char c : text_utf8) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 32 || c == 127) {
      out += "\\u00";
      out.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

void append_json_string_or_null(std::string& out, std::string_view text_utf8) {
  if (text_utf8.empty()) {
    out += "null";
  } else {
    append_json_string(out, text_utf8);
  }
}

}  // namespace veredus::wire::mime
