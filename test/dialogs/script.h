#pragma once

#include <cstdint>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec/base64.h"

namespace veredus::test {

/// One line of a dialog script; see README.md.
struct DialogAction {
  enum class Kind : std::uint8_t { kSend, kReply, kManyLines, kHasLine, kLacksLine, kDirective } kind;
  unsigned line = 0;  // in the file
  std::string text;   // kSend: the octets; kDirective: what follows its name
  std::string name;   // kDirective
};

inline int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  throw std::runtime_error("no hexadecimal digit");
}

/// `\r \n \t \0 \\ \xHH`
inline std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out.push_back(text[i]);
      continue;
    }
    switch (const char c = text[++i]) {
      case 'r':
        out.push_back('\r');
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 't':
        out.push_back('\t');
        break;
      case '0':
        out.push_back('\0');
        break;
      case 'x':
        out.push_back(static_cast<char>(hex_value(text.at(i + 1)) * 16 + hex_value(text.at(i + 2))));
        i += 2;
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

using DialogVariables = std::map<std::string, std::string, std::less<>>;

/// Puts `${name}` and `${b64:text}` in.
inline std::string expand(std::string_view text, const DialogVariables& variables) {
  std::string out;
  while (true) {
    const auto begin = text.find("${");
    out += text.substr(0, begin);
    if (begin == std::string_view::npos) return out;
    const auto end = text.find('}', begin);
    if (end == std::string_view::npos) throw std::runtime_error("${ without }");
    const auto name = text.substr(begin + 2, end - begin - 2);
    if (name.starts_with("b64:")) {
      out += base::codec::base64_encode(unescape(name.substr(4)));
    } else {
      const auto known = variables.find(name);
      if (known == variables.end()) throw std::runtime_error("unknown variable " + std::string(name));
      out += known->second;
    }
    text.remove_prefix(end + 1);
  }
}

inline DialogAction parse_action(std::string line, unsigned number) {
  using Kind = DialogAction::Kind;
  if (line.starts_with('@')) {
    const auto space = line.find(' ');
    return {Kind::kDirective, number, space == std::string::npos ? "" : line.substr(space + 1),
            line.substr(1, space - 1)};
  }
  const auto colon = line.find(':');
  if (colon == std::string::npos) throw std::runtime_error("no action: " + line);
  const auto what = line.substr(0, colon);
  auto text = line.substr(colon + 1);
  if (text.starts_with(' ')) text.erase(0, 1);
  if (what == "C") return {Kind::kSend, number, text + "\r\n", {}};
  if (what == "S" && text.ends_with("...")) return {Kind::kManyLines, number, text.substr(0, text.size() - 3), {}};
  if (what == "S") return {Kind::kReply, number, text, {}};
  if (what == "S+") return {Kind::kHasLine, number, text, {}};
  if (what == "S!") return {Kind::kLacksLine, number, text, {}};
  if (!what.starts_with('R')) throw std::runtime_error("no action: " + line);
  std::string octets;
  const auto once = unescape(text);
  for (auto times = what.starts_with("R*") ? std::stoul(what.substr(2)) : 1; times != 0; --times) octets += once;
  return {Kind::kSend, number, std::move(octets), {}};
}

/// Throws std::runtime_error when the script is malformed.
inline std::vector<DialogAction> read_dialog(const std::string& path, const DialogVariables& variables) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<DialogAction> actions;
  unsigned number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    line.erase(line.find_last_not_of(" \r") + 1);
    if (line.empty() || line.starts_with('#')) continue;
    actions.push_back(parse_action(expand(line, variables), number));
  }
  return actions;
}

}  // namespace veredus::test
