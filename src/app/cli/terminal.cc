#include "app/cli/terminal.h"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <iostream>
#include <iterator>

#include "base/codec/utf8.h"

namespace veredus::app::cli {
namespace {

/// No echo while it lives.
class SilentTerminal {
 public:
  SilentTerminal() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~SilentTerminal() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

base::crypto::Secret read_line() {
  std::string line;
  std::getline(std::cin, line);
  if (line.ends_with('\r')) line.pop_back();
  return base::crypto::Secret(std::move(line));
}

base::crypto::Secret prompt(const std::string& question) {
  std::cerr << question << std::flush;
  const SilentTerminal silent;
  auto answer = read_line();
  std::cerr << "\n";
  return answer;
}

}  // namespace

std::optional<base::crypto::Secret> read_new_password(std::string_view whose) {
  if (::isatty(STDIN_FILENO) == 0) {
    auto password = read_line();
    if (!password.empty()) return password;
    std::cerr << "veredus: no password on standard input\n";
    return std::nullopt;
  }
  auto password = prompt(fmt::format("New password for {}: ", whose));
  const auto again = prompt("Again: ");
  if (password.reveal() == again.reveal() && !password.empty()) return password;
  std::cerr << (password.empty() ? "veredus: no password was given\n" : "veredus: the two are not the same\n");
  return std::nullopt;
}

std::optional<base::crypto::Secret> read_password(std::string_view whose) {
  auto password = ::isatty(STDIN_FILENO) == 0 ? read_line() : prompt(fmt::format("Password of {}: ", whose));
  if (!password.empty()) return password;
  std::cerr << "veredus: no password was given\n";
  return std::nullopt;
}

std::string read_input() { return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()}; }

void print_table(const std::vector<std::string>& titles, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& title : titles) widths.push_back(title.size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  const auto print = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i)
      line += i + 1 == row.size() ? row[i] : fmt::format("{:<{}}  ", row[i], widths[i]);
    std::puts(line.c_str());
  };
  print(titles);
  for (const auto& row : rows) print(row);
}

std::string printable(std::string_view text) {
  auto shown = base::codec::replace_invalid_utf8(text);
  for (char& octet : shown)
    if (static_cast<unsigned char>(octet) < ' ' || octet == '\x7F') octet = '?';
  for (std::size_t at = shown.find('\xC2'); at != std::string::npos; at = shown.find('\xC2', at + 1))
    if (static_cast<unsigned char>(shown[at + 1]) < 0xA0) shown.replace(at, 2, "?");  // U+0080 to U+009F
  return shown;
}

std::string shown_size(std::uint64_t octets) {
  static constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(octets);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", octets) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

}  // namespace veredus::app::cli
