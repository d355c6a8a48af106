#pragma once

#include <string>
#include <string_view>

namespace veredus::base::codec {

/// Quoted-printable for text bodies: CRLF (and bare LF) become hard line breaks, other control characters, 8-bit octets
/// and white space at the end of a line are quoted; lines are at most 76 characters; a leading "From " or "." is
/// quoted, so that no relay changes it. Source: RFC 2045 s6.7.
std::string qp_encode(std::string_view text);

/// The same for octets that are not text: CR and LF are quoted too.
std::string qp_encode_binary(std::string_view octets);

/// Lenient and streaming: what is no valid escape stays as it is; white space before a line end goes (RFC 2045 s6.7
/// rule 3); line ends stay as they came.
class QuotedPrintableDecoder {
 public:
  /// Appends the octets that `in` completes. `in` may be cut anywhere.
  void feed(std::string_view in, std::string& out);
  /// Appends what was held back. The decoder is then as new, but for malformed().
  void finish(std::string& out);
  /// Whether an invalid escape was seen.
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  char* decode(std::string_view in, char* out);
  char* decode_line(std::string_view line, char* out);

  std::string
      held_;  // the end of the last piece, whose meaning the next one decides: white space, or part of an escape
  bool malformed_ = false;
};

}  // namespace veredus::base::codec
