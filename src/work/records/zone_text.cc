#include "work/records/zone_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace veredus::work::records {

std::string zone_line(std::string_view name, std::string_view type, std::string_view data) {
  return fmt::format("{}. {} {}", name, type, data);
}

std::string zone_text(std::string_view name, std::string_view text) {
  constexpr std::size_t kMostOctets = 255;
  std::string data;
  do {
    data += data.empty() ? "\"" : " \"";
    for (const char c : text.substr(0, kMostOctets)) {
      if (c == '"' || c == '\\') data += '\\';
      data += c;
    }
    data += '"';
    text.remove_prefix(std::min(text.size(), kMostOctets));
  } while (!text.empty());
  return zone_line(name, "TXT", data);
}

}  // namespace veredus::work::records
