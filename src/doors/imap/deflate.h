#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace veredus::doors::imap {

/// COMPRESS=DEFLATE, outwards: raw DEFLATE (RFC 1951), each piece ended so that the client can read all of it
/// (RFC 4978 s4). Its window is small: about 70 KiB a session.
class Deflater {
 public:
  Deflater();
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  [[nodiscard]] std::string compress(std::string_view octets);
  /// The same, and the stream's end: nothing can be compressed after it.
  [[nodiscard]] std::string finish(std::string_view octets);

 private:
  std::string run(std::string_view octets, int flush);

  std::unique_ptr<z_stream_s> stream_;
};

/// Inwards: piece by piece, so that little input never becomes much memory.
class Inflater {
 public:
  static constexpr std::size_t kPieceOctets = 16 * 1024;

  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// At most kPieceOctets; takes what was used from the front of `octets`. Empty: more input is needed. An error: no
  /// DEFLATE; what was made before it comes first.
  [[nodiscard]] std::expected<std::string, std::string_view> inflate(std::string_view& octets);
  /// The stream's last octet was taken: what comes behind it is not compressed. To inflate more is an error.
  [[nodiscard]] bool ended() const { return ended_; }
  /// It came upon what is no DEFLATE: that, and what comes behind it, is lost.
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  std::unique_ptr<z_stream_s> stream_;
  bool ended_ = false;
  bool failed_ = false;
};

}  // namespace veredus::doors::imap
