#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace veredus::base::codec {

/// Base64 with padding and without line breaks. Source: RFC 4648 s4.
std::string base64_encode(std::string_view octets);

/// Base64 in lines of 76 characters, each ended by CRLF. Source: RFC 2045 s6.8.
std::string base64_encode_lines(std::string_view octets);

/// Base64 for URLs and file names, without padding. Source: RFC 4648 s5.
std::string base64url_encode(std::string_view octets);
std::optional<std::string> base64url_decode(std::string_view text);

/// Strict: only the alphabet, right padding, zero trailing bits, nothing else. For SASL and credentials.
/// Source: RFC 4648 s4, s3.5.
std::optional<std::string> base64_decode(std::string_view text);

/// Lenient and streaming, for MIME bodies: skips what is not in the alphabet, decodes again after padding, and keeps
/// what a missing padding leaves. Source: RFC 2045 s6.8.
class Base64Decoder {
 public:
  /// Appends the octets that `in` completes. `in` may be cut anywhere.
  void feed(std::string_view in, std::string& out);
  /// Appends what the last, incomplete group holds. The decoder is then as new, but for malformed().
  void finish(std::string& out);
  /// Whether anything but the alphabet, padding at the end and white space was seen, or the last group was incomplete.
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  const char* decode_slowly(const char* in, const char* end, char*& out);
  void note_end_of_group(char*& out);

  std::uint32_t bits_ = 0;    // of the incomplete group, 6 for each symbol
  std::uint8_t symbols_ = 0;  // 0..3, in the incomplete group
  bool padded_ = false;       // '=' was seen, and no symbol since
  bool malformed_ = false;
};

}  // namespace veredus::base::codec
