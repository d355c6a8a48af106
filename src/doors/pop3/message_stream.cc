#include "doors/pop3/message_stream.h"

#include <cstring>

namespace veredus::doors::pop3 {

namespace {

/// The next dot that begins a line, from `from` on. Dots are looked for rather than line ends: most of mail is base64,
/// which has none.
std::size_t find_leading_dot(std::string_view text, std::size_t from, bool at_line_start) {
  while (from < text.size()) {
    const auto* at = static_cast<const char*>(std::memchr(text.data() + from, '.', text.size() - from));
    if (at == nullptr) break;
    const auto dot = static_cast<std::size_t>(at - text.data());
    if (dot == 0 ? at_line_start : text[dot - 1] == '\n') return dot;
    from = dot + 1;
  }
  return std::string_view::npos;
}

}  // namespace

std::string MessageStream::feed(std::string chunk) {
  if (lines_left_) chunk.resize(wanted(chunk));
  if (chunk.empty()) return chunk;
  const bool began_line = at_line_start_;
  at_line_start_ = chunk.back() == '\n';
  auto dot = find_leading_dot(chunk, 0, began_line);
  if (dot == std::string::npos) return chunk;
  std::string out;
  out.reserve(chunk.size() + 64);
  std::size_t from = 0;
  for (; dot != std::string::npos; dot = find_leading_dot(chunk, dot + 1, false)) {
    out.append(chunk, from, dot - from).push_back('.');  // RFC 1939 s3: byte-stuffing
    from = dot;
  }
  return out.append(chunk, from);
}

std::size_t MessageStream::wanted(std::string_view chunk) {
  std::size_t line = 0;
  while (!satisfied_ && line < chunk.size()) {
    const auto end = chunk.find('\n', line);
    const auto text = chunk.substr(line, end == std::string_view::npos ? end : end - line);
    line_is_empty_ = line_is_empty_ && (text.empty() || text == "\r");
    if (end == std::string_view::npos) return chunk.size();
    line = end + 1;
    if (in_header_) {
      in_header_ = !line_is_empty_;
      satisfied_ = !in_header_ && *lines_left_ == 0;
    } else {
      satisfied_ = --*lines_left_ == 0;
    }
    line_is_empty_ = true;
  }
  return line;
}

std::string MessageStream::finish() { return at_line_start_ ? ".\r\n" : "\r\n.\r\n"; }

}  // namespace veredus::doors::pop3
