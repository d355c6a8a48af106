#include "doors/imap/deflate.h"

#include <zlib.h>

#include "base/types/result.h"

namespace veredus::doors::imap {
namespace {

constexpr int kWindowBits = 13;  // 8 KiB: replies repeat themselves nearby
constexpr int kMemoryLevel = 6;
constexpr int kLevel = 5;
constexpr int kInwardsWindowBits = 15;  // the client may use the largest

Bytef* octets_of(const char* from) { return reinterpret_cast<Bytef*>(const_cast<char*>(from)); }

}  // namespace

Deflater::Deflater() : stream_(std::make_unique<z_stream_s>()) {
  VEREDUS_CHECK(deflateInit2(stream_.get(), kLevel, Z_DEFLATED, -kWindowBits, kMemoryLevel, Z_DEFAULT_STRATEGY) ==
                Z_OK);
}

Deflater::~Deflater() { deflateEnd(stream_.get()); }

std::string Deflater::compress(std::string_view octets) { return run(octets, Z_SYNC_FLUSH); }
std::string Deflater::finish(std::string_view octets) { return run(octets, Z_FINISH); }

std::string Deflater::run(std::string_view octets, int flush) {
  std::string out(deflateBound(stream_.get(), octets.size()) + 64, '\0');
  stream_->next_in = octets_of(octets.data());
  stream_->avail_in = static_cast<uInt>(octets.size());
  std::size_t made = 0;
  while (true) {
    stream_->next_out = octets_of(out.data() + made);
    stream_->avail_out = static_cast<uInt>(out.size() - made);
    deflate(stream_.get(), flush);
    made = out.size() - stream_->avail_out;
    if (stream_->avail_out != 0) break;
    out.resize(out.size() * 2);
  }
  out.resize(made);
  out.shrink_to_fit();
  return out;
}

Inflater::Inflater() : stream_(std::make_unique<z_stream_s>()) {
  VEREDUS_CHECK(inflateInit2(stream_.get(), -kInwardsWindowBits) == Z_OK);
}

Inflater::~Inflater() { inflateEnd(stream_.get()); }

std::expected<std::string, std::string_view> Inflater::inflate(std::string_view& octets) {
  if (ended_) return std::unexpected("the compressed stream ended");
  if (failed_) return std::unexpected("no DEFLATE");
  std::string out(kPieceOctets, '\0');
  stream_->next_in = octets_of(octets.data());
  stream_->avail_in = static_cast<uInt>(octets.size());
  stream_->next_out = octets_of(out.data());
  stream_->avail_out = static_cast<uInt>(out.size());
  const auto result = ::inflate(stream_.get(), Z_SYNC_FLUSH);
  octets.remove_prefix(octets.size() - stream_->avail_in);
  out.resize(out.size() - stream_->avail_out);
  ended_ = result == Z_STREAM_END;
  if (ended_) return out;
  failed_ = result != Z_OK && result != Z_BUF_ERROR;
  if (failed_ && out.empty()) return std::unexpected("no DEFLATE");
  return out;
}

}  // namespace veredus::doors::imap
