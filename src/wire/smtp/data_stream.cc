#include "wire/smtp/data_stream.h"

#include <cstring>

namespace veredus::wire::smtp {
namespace {

/// Where `octet` is in input[from, to), or `to`.
std::size_t find_octet(std::string_view input, char octet, std::size_t from, std::size_t to) {
  if (from >= to) return to;
  const auto* found = static_cast<const char*>(std::memchr(input.data() + from, octet, to - from));
  return found == nullptr ? to : static_cast<std::size_t>(found - input.data());
}

}  // namespace

std::string_view to_string(LineFault fault) {
  switch (fault) {
    case LineFault::kNone:
      return "none";
    case LineFault::kBareCr:
      return "bare CR";
    case LineFault::kBareLf:
      return "bare LF";
    case LineFault::kNul:
      return "NUL";
  }
  return "unknown";
}

void DataStream::note(LineFault fault) {
  if (fault_ == LineFault::kNone) fault_ = fault;
}

void DataStream::put(std::string_view octets, std::string& out) {
  if (fault_ == LineFault::kNone) out.append(octets);
}

/// From `at`, in a line (or at the start of one that does not begin with a dot), to where something other than whole
/// plain lines begins: a dot at a line's start, a fault, or the last, perhaps unfinished, line ending.
std::size_t DataStream::scan_line(std::string_view input, std::size_t at, std::string& out) {
  const auto begin = at;
  while (at < input.size()) {
    const auto newline = find_octet(input, '\n', at, input.size());
    const auto carriage = find_octet(input, '\r', at, newline);
    if (find_octet(input, '\0', at, carriage) != carriage) note(LineFault::kNul);
    if (newline == input.size() || carriage + 1 != newline) {
      at = carriage;  // the octet there, if any, is for step() to judge
      state_ = State::kInLine;
      break;
    }
    at = newline + 1;
    state_ = State::kLineStart;
    if (at < input.size() && input[at] == '.') break;
  }
  put(input.substr(begin, at - begin), out);
  return at;
}

/// One octet where it matters. Answers whether the data ended.
bool DataStream::step(char octet, std::string& out) {
  switch (state_) {
    case State::kLineStart:
      if (octet == '.') {
        state_ = State::kDot;  // RFC 5321 s4.5.2: a leading dot is removed, unless the line is only a dot
        return false;
      }
      break;
    case State::kDot:
      if (octet == '\r') {
        state_ = State::kDotCr;
        return false;
      }
      break;
    case State::kDotCr:
      if (octet == '\n') return true;
      note(LineFault::kBareCr);
      state_ = State::kInLine;
      return step(octet, out);
    case State::kCr:
      if (octet == '\n') {
        put("\r\n", out);
        state_ = State::kLineStart;
        return false;
      }
      note(LineFault::kBareCr);
      state_ = State::kInLine;
      return step(octet, out);
    case State::kInLine:
      break;
  }
  state_ = State::kInLine;
  if (octet == '\r') {
    state_ = State::kCr;
    return false;
  }
  if (octet == '\n') note(LineFault::kBareLf);
  if (octet == '\0') note(LineFault::kNul);
  put({&octet, 1}, out);
  return false;
}

DataStream::Progress DataStream::feed(std::string_view input, std::string& out) {
  std::size_t at = 0;
  while (at < input.size()) {
    const bool plain = state_ == State::kInLine || (state_ == State::kLineStart && input[at] != '.');
    if (plain) at = scan_line(input, at, out);
    if (at == input.size()) break;
    if (step(input[at++], out)) return {at, true};
  }
  return {at, false};
}

void LineEndingCheck::feed(std::string_view octets) {
  if (fault_ != LineFault::kNone || octets.empty()) return;
  if (after_cr_ && octets.front() != '\n') {
    fault_ = LineFault::kBareCr;
    return;
  }
  std::size_t at = after_cr_ ? 1 : 0;
  after_cr_ = false;
  if (find_octet(octets, '\0', 0, octets.size()) != octets.size()) fault_ = LineFault::kNul;
  while (at < octets.size() && fault_ == LineFault::kNone) {
    const auto newline = find_octet(octets, '\n', at, octets.size());
    const auto carriage = find_octet(octets, '\r', at, newline);
    if (newline == octets.size()) {
      after_cr_ = carriage + 1 == octets.size();
      if (carriage != newline && !after_cr_) fault_ = LineFault::kBareCr;
      return;
    }
    if (carriage == newline)
      fault_ = LineFault::kBareLf;
    else if (carriage + 1 != newline)
      fault_ = LineFault::kBareCr;
    at = newline + 1;
  }
}

void LineEndingCheck::finish() {
  if (after_cr_ && fault_ == LineFault::kNone) fault_ = LineFault::kBareCr;
  after_cr_ = false;
}

void append_dot_stuffed(std::string& out, std::string_view octets) {
  out.reserve(out.size() + octets.size() + 16);
  while (!octets.empty()) {
    if (octets.front() == '.') out.push_back('.');
    const auto newline = octets.find('\n');
    const auto line = octets.substr(0, newline == std::string_view::npos ? newline : newline + 1);
    out.append(line);
    octets.remove_prefix(line.size());
    if (octets.empty() && !line.ends_with("\r\n")) out.append("\r\n");
  }
}

}  // namespace veredus::wire::smtp
