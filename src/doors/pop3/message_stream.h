#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace veredus::doors::pop3 {

/// A message on its way out, chunk by chunk: dots at line beginnings are doubled, TOP's lines counted, the end written.
/// A chunk without such a dot goes through as it is, uncopied. A bare LF, which only BINARYMIME can bring in, counts as
/// a line end here: else a client that believes in it could be shown an end that is none.
/// Source: RFC 1939 s3 (multi-line responses), s7 (TOP).
class MessageStream {
 public:
  /// The whole message.
  MessageStream() = default;
  /// Its header, the empty line and that many lines of its body.
  explicit MessageStream(std::uint32_t body_lines) : lines_left_(body_lines) {}

  /// What to send of this chunk.
  std::string feed(std::string chunk);
  /// TOP has all it wants: no more chunks are needed.
  [[nodiscard]] bool satisfied() const { return satisfied_; }
  /// The line with a dot alone, after the CRLF of a message that has none at its end.
  std::string finish();

 private:
  /// How many octets of `chunk` TOP still wants.
  std::size_t wanted(std::string_view chunk);

  std::optional<std::uint32_t> lines_left_;  // nullopt: the whole message
  bool in_header_ = true;
  bool satisfied_ = false;
  bool line_is_empty_ = true;  // nothing but a CR yet in this line, while TOP counts
  bool at_line_start_ = true;
};

}  // namespace veredus::doors::pop3
