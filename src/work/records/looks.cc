#include "work/records/looks.h"

#include <fmt/format.h>

#include <utility>

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

bool says_nothing_there(io::dns::DnsError error) { return error == io::dns::DnsError::kNoSuchName; }

bool note_failure(Check& check, io::dns::DnsError error) {
  if (says_nothing_there(error)) return false;
  check.state = State::kUnknown;
  check.problem = fmt::format("DNS: {}", to_string(error));
  return true;
}

void set_missing(Check& check, std::string problem) {
  check.state = State::kMissing;
  check.problem = std::move(problem);
  check.fix = fmt::format("add: {}", check.record);
}

void set_wrong(Check& check, std::string problem, std::string fix) {
  check.state = State::kWrong;
  check.problem = std::move(problem);
  check.fix = std::move(fix);
}

}  // namespace veredus::work::records
