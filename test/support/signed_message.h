#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace veredus::test {

/// With every line ended by CRLF, unless the message has such line ends already.
inline std::string with_crlf(const std::string& message) {
  if (message.contains("\r\n")) return message;
  std::string out;
  for (const char c : message) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

/// The header block with its last line end, and the body.
inline std::pair<std::string, std::string> split_message(const std::string& message) {
  const auto end = message.find("\r\n\r\n");
  if (end == std::string::npos) return {message, ""};
  return {message.substr(0, end + 2), message.substr(end + 4)};
}

/// A file of mail-auth's: lines of a name and its TXT record, an empty line, and a message.
inline std::pair<boost::json::object, std::string> zone_and_message(const std::string& file) {
  boost::json::object zone;
  std::string_view rest = file;
  while (true) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    if (line.empty()) break;
    const auto space = line.find(' ');
    boost::json::array strings;
    strings.emplace_back(line.substr(space + 1));
    boost::json::array records;
    records.emplace_back(std::move(strings));
    zone[line.substr(0, space)].emplace_object()["TXT"] = std::move(records);
  }
  return {std::move(zone), with_crlf(std::string(rest))};
}

}  // namespace veredus::test
