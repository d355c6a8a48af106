#include "doors/imap/output.h"

#include <utility>

#include "doors/imap/deflate.h"
#include "io/net/line_stream.h"

namespace veredus::doors::imap {
namespace {

constexpr std::size_t kFullOctets = 64 * 1024;
constexpr std::size_t kLongOctets = 16 * 1024;  // shorter pieces are gathered

}  // namespace

Output::Output(io::net::LineStream* stream, std::chrono::milliseconds write_timeout)
    : stream_(stream), write_timeout_(write_timeout) {}
Output::~Output() = default;

bool Output::is_full() const { return buffer_.size() + stream_->queued_octets() >= kFullOctets; }

bool Output::peer_has_finished() { return stream_->peer_has_finished(); }

void Output::queue(std::string octets) {
  octets_ += octets.size();
  if (deflater_)
    stream_->queue_write(deflater_->compress(octets));
  else
    stream_->queue_write(std::move(octets));
}

void Output::hand_over() {
  auto octets = std::exchange(buffer_, {});  // with its memory: who waits holds none
  if (!octets.empty()) queue(std::move(octets));
}

void Output::append_long(std::string octets) {
  if (octets.size() < kLongOctets) {
    buffer_.append(octets);
    return;
  }
  hand_over();
  queue(std::move(octets));
}

void Output::compress() {
  hand_over();
  deflater_ = std::make_unique<Deflater>();
}

void Output::stop_compressing() {
  const auto octets = std::exchange(buffer_, {});
  octets_ += octets.size();
  stream_->queue_write(deflater_->finish(octets));
  deflater_.reset();
}

asio::awaitable<bool> Output::make_room() {
  const bool much = buffer_.size() >= kFullOctets / 2;
  hand_over();
  const auto sent = co_await stream_->flush(write_timeout_);
  if (sent && much) buffer_.reserve(kFullOctets + kLongOctets);  // there is more where that came from
  if (sent) co_return true;
  failure_ = io::net::to_string(sent.error());
  co_return false;
}

}  // namespace veredus::doors::imap
