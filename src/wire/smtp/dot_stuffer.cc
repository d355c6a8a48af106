#include "wire/smtp/dot_stuffer.h"

#include <algorithm>
#include <cstring>

namespace veredus::wire::smtp {
namespace {

std::size_t find_octet(std::string_view text, char octet, std::size_t from, std::size_t to) {
  const void* found = from < to ? std::memchr(text.data() + from, octet, to - from) : nullptr;
  return found == nullptr ? to : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

constexpr std::size_t kBlock = 64;

/// Whether nothing has to be done to a block: CR and LF stand together, and no line begins with a dot. `before` is the
/// octet in front of it. No branch within, so that it is done many octets at a time.
bool is_clean(const char* before) {
  bool bad = false;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const char left = before[i], right = before[i + 1];
    bad |= ((right == '\n') != (left == '\r')) | ((right == '.') & (left == '\n'));
  }
  return !bad;
}

/// How many octets, whole lines from the beginning of one, are as they should be: about all there are, or none.
std::size_t clean_lines(std::string_view octets) {
  if (octets.empty() || octets.front() == '.' || octets.front() == '\n') return 0;
  std::size_t end = 1;
  while (octets.size() - end >= kBlock && is_clean(octets.data() + end - 1)) end += kBlock;
  const auto newline = octets.substr(0, end).rfind('\n');
  return newline == std::string_view::npos ? 0 : newline + 1;
}

/// `line` without its line end, in which a CR is a line end too.
void append_line(std::string& out, std::string_view line) {
  while (true) {
    const auto carriage = find_octet(line, '\r', 0, line.size());
    out.append(line.substr(0, carriage));
    if (carriage == line.size()) return;
    out.append("\r\n");
    line.remove_prefix(carriage + 1);
    if (line.starts_with('.')) out.push_back('.');
  }
}

}  // namespace

void DotStuffer::feed(std::string_view octets, std::string& out) {
  if (octets.empty()) return;
  if (after_cr_) {
    out.append("\r\n");
    line_begins_ = true;
    after_cr_ = false;
    if (octets.front() == '\n') octets.remove_prefix(1);
  }
  std::size_t written = 0;  // up to here all is in `out`
  std::size_t at = 0;       // where a line, or the rest of one, begins
  while (at < octets.size()) {
    if (line_begins_) at += clean_lines(octets.substr(at));
    if (at == octets.size()) break;
    if (line_begins_ && octets[at] == '.') {
      out.append(octets.substr(written, at - written)).push_back('.');
      written = at;
    }
    const auto newline = find_octet(octets, '\n', at, octets.size());
    line_begins_ = newline != octets.size();
    const auto carriage = find_octet(octets, '\r', at, newline);
    // Lines that are as they should be are written together.
    if (line_begins_ ? carriage + 1 != newline : carriage != newline) {
      out.append(octets.substr(written, at - written));
      append_bare(out, octets.substr(at, newline - at));
      written = line_begins_ ? newline + 1 : newline;
    }
    at = newline + 1;
  }
  out.append(octets.substr(std::min(written, octets.size())));
}

/// A line, without its LF, that has a bare CR or no CR in front of the LF; or the end of a piece that has a CR.
void DotStuffer::append_bare(std::string& out, std::string_view line) {
  // At the end of a piece, whether a CR is bare the next piece tells.
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
    after_cr_ = !line_begins_;
  }
  append_line(out, line);
  if (line_begins_) out.append("\r\n");
}

void DotStuffer::finish(std::string& out) {
  if (!line_begins_) out.append("\r\n");
  out.append(".\r\n");
  line_begins_ = true;
  after_cr_ = false;
}

}  // namespace veredus::wire::smtp
