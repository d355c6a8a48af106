#include "wire/archive/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/types/result.h"

namespace veredus::wire::archive {
namespace {

constexpr std::size_t kPiece = std::size_t{64} * 1024;
constexpr std::size_t kRatioFrom = std::size_t{1024} * 1024;
constexpr int kWindowBits = 15;
constexpr int kGzipWindowBits = kWindowBits + 16;
constexpr int kLevel = 6;  // deflate's usual one

/// Ends the stream with the scope.
class Inflater {
 public:
  explicit Inflater(Wrapping wrapping) {
    const int bits = wrapping == Wrapping::kGzip ? kGzipWindowBits : -kWindowBits;
    VEREDUS_CHECK(inflateInit2(&stream_, bits) == Z_OK);  // else: no memory
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  [[nodiscard]] z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
};

std::expected<void, UnpackError> check(std::size_t unpacked, std::size_t packed, const Limits& limits) {
  if (unpacked > limits.octets) return std::unexpected(UnpackError::kTooBig);
  if (unpacked > kRatioFrom && unpacked / std::max<std::size_t>(packed, 1) > limits.ratio)
    return std::unexpected(UnpackError::kRatio);
  return {};
}

}  // namespace

std::expected<std::size_t, UnpackError> inflate_stream(std::string_view octets, Wrapping wrapping, const Limits& limits,
                                                       std::size_t packed_before, std::string& out) {
  if (octets.size() > std::numeric_limits<uInt>::max()) return std::unexpected(UnpackError::kTooBig);
  Inflater inflater(wrapping);
  z_stream& stream = inflater.stream();
  // zlib's interface asks for octets that may be written; it does not write them.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(octets.data()));
  stream.avail_in = static_cast<uInt>(octets.size());
  std::array<char, kPiece> piece;
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    const int state = inflate(&stream, Z_NO_FLUSH);
    const bool ended = state == Z_STREAM_END;
    if (!ended && state != Z_OK) return std::unexpected(UnpackError::kMalformed);
    out.append(piece.data(), piece.size() - stream.avail_out);
    const std::size_t taken = octets.size() - stream.avail_in;
    VEREDUS_TRY(check(out.size(), packed_before + taken, limits));
    if (ended) return taken;
    if (stream.avail_in == 0 && stream.avail_out > 0) return std::unexpected(UnpackError::kMalformed);  // cut short
  }
}

std::string gzip(std::string_view octets) {
  z_stream stream{};
  VEREDUS_CHECK(deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindowBits, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, octets.size()), '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(octets.data()));
  stream.avail_in = static_cast<uInt>(octets.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  VEREDUS_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace veredus::wire::archive
