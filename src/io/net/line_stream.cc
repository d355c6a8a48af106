#include "io/net/line_stream.h"

#include <array>
#include <cstring>
#include <vector>

#include "base/types/result.h"
#include "io/net/buffer_pool.h"
#include "io/net/deadline.h"
#include "io/net/reactor.h"
#include "io/net/solitude.h"
#include "io/net/transport.h"

namespace veredus::io::net {
namespace {

constexpr std::size_t kPieceOctets = 16 * 1024;  // queued replies are gathered up to this: one TLS record
constexpr std::size_t kFirstPieceOctets = 256;   // what most batches of replies fit into
constexpr std::size_t kFlushOctets = 64 * 1024;  // more than this is not held back for coalescing
constexpr std::size_t kPiecesAtOnce = 16;

enum class Mode : std::uint8_t { kLine, kChunk, kFirstChunk, kExactChunk };

/// Whether a wait ends when the server drains.
bool heeds_draining(Mode mode) { return mode == Mode::kLine || mode == Mode::kFirstChunk; }

}  // namespace

/// The stream's state. Its address stays, so coroutines may hold it while the LineStream is moved.
class LineStream::Core final : public Deadline {
 public:
  Core(Reactor& reactor, std::unique_ptr<Transport> transport)
      : Deadline(reactor.deadlines()), reactor_(&reactor), transport_(std::move(transport)) {
    peer_ = transport_->peer();
    local_ = transport_->local();
  }

  // Input
  Result<Octets> read(Mode mode, std::size_t max_octets, std::chrono::milliseconds wait);
  /// What is buffered already.
  std::optional<std::expected<Octets, IoError>> take(Mode mode, std::size_t max_octets);
  void unread(std::size_t octets);
  [[nodiscard]] bool has_input() const { return begin_ != end_ || (transport_ && transport_->has_pending()); }
  bool receive_now();

  // Output
  void queue(std::string_view octets);
  void queue(std::string&& octets);
  Result<void> flush(std::chrono::milliseconds wait);
  [[nodiscard]] std::size_t queued() const { return queued_; }

  Result<TlsStarted> start_tls(std::shared_ptr<TlsContext> context, std::string server_name,
                               std::chrono::milliseconds wait);
  void close();

  Reactor* reactor_;
  std::unique_ptr<Transport> transport_;  // null once closed
  Endpoint peer_;
  Endpoint local_;
  bool is_tls_ = false;
  std::uint64_t octets_in_ = 0;
  std::uint64_t octets_out_ = 0;

 private:
  void overdue() override;
  void draining() override;

  std::optional<std::expected<Octets, IoError>> take_line(std::size_t max_octets);
  std::optional<std::expected<Octets, IoError>> take_chunk(std::size_t max_octets);
  std::expected<Octets, IoError> checked_line(Octets line, std::size_t max_octets) const;
  void skip_partial_line();
  void give_back_empty_buffer();
  void make_room(Mode mode, std::size_t max_octets);
  Attempt receive(Mode mode, std::size_t max_octets);
  std::optional<IoError> reason_not_to_wait(Mode mode);
  Attempt send_some();
  void drop_sent(std::size_t octets);

  BufferPool::Buffer in_;
  std::uint32_t begin_ = 0;       // of what was not read yet
  std::uint32_t end_ = 0;         // of what has arrived
  std::uint32_t searched_ = 0;    // up to here there is no LF
  std::uint32_t last_chunk_ = 0;  // octets that may be unread
  std::vector<std::string> out_;
  std::size_t queued_ = 0;
  std::size_t first_sent_ = 0;  // of the first piece
  bool try_first_ = false;      // octets are probably there: receive before waiting
  bool last_full_ = false;      // the last receive filled its buffer
  bool skipping_ = false;       // within a line that is too long
  bool heeds_draining_ = false;
  bool stop_told_ = false;
  bool overdue_ = false;
  bool interrupted_ = false;  // by ourselves: there is a reason to be found
};

void LineStream::Core::overdue() {
  overdue_ = interrupted_ = true;
  if (transport_) transport_->interrupt();
}

void LineStream::Core::draining() {
  if (!heeds_draining_ || !transport_) return;
  interrupted_ = true;
  transport_->interrupt();
}

// ---- input

std::expected<LineStream::Octets, IoError> LineStream::Core::checked_line(Octets line, std::size_t max_octets) const {
  if (line.size() > max_octets) return std::unexpected(IoError::kLineTooLong);
  if (!line.ends_with("\r\n")) return std::unexpected(IoError::kBareLineFeed);
  line.remove_suffix(2);
  if (line.contains('\r')) return std::unexpected(IoError::kBareCarriageReturn);
  return line;
}

void LineStream::Core::skip_partial_line() {
  skipping_ = true;
  begin_ = end_ = searched_ = 0;
}

std::optional<std::expected<LineStream::Octets, IoError>> LineStream::Core::take_line(std::size_t max_octets) {
  VEREDUS_CHECK(max_octets <= kLineLimit);
  last_chunk_ = 0;
  const char* from = in_.data() + searched_;
  const auto* feed = end_ == searched_ ? nullptr : static_cast<const char*>(std::memchr(from, '\n', end_ - searched_));
  if (feed == nullptr) {
    searched_ = end_;
    if (skipping_ || end_ - begin_ >= max_octets) skip_partial_line();
    return std::nullopt;
  }
  const auto after = static_cast<std::uint32_t>(feed + 1 - in_.data());
  const Octets line(in_.data() + begin_, after - begin_);
  begin_ = searched_ = after;
  if (std::exchange(skipping_, false)) return std::unexpected(IoError::kLineTooLong);
  return checked_line(line, max_octets);
}

std::optional<std::expected<LineStream::Octets, IoError>> LineStream::Core::take_chunk(std::size_t max_octets) {
  if (begin_ == end_) return std::nullopt;
  const auto octets = static_cast<std::uint32_t>(std::min<std::size_t>(max_octets, end_ - begin_));
  const Octets chunk(in_.data() + begin_, octets);
  begin_ += octets;
  searched_ = begin_;
  last_chunk_ = octets;
  return chunk;
}

std::optional<std::expected<LineStream::Octets, IoError>> LineStream::Core::take(Mode mode, std::size_t max_octets) {
  const auto taken = mode == Mode::kLine ? take_line(max_octets) : take_chunk(max_octets);
  if (taken) Solitude::note_heard(this, has_input());
  return taken;
}

void LineStream::Core::unread(std::size_t octets) {
  VEREDUS_CHECK(octets <= last_chunk_);
  begin_ -= static_cast<std::uint32_t>(octets);
  searched_ = begin_;
  last_chunk_ = 0;
  Solitude::note_heard(this, has_input());
}

// Chunks of a long message are received 64 KiB at a time, once a receive has filled its buffer; all else takes 16 KiB.
void LineStream::Core::make_room(Mode mode, std::size_t max_octets) {
  last_chunk_ = 0;
  if (begin_ == end_) {
    begin_ = end_ = searched_ = 0;
    const bool large = mode != Mode::kLine && last_full_ && max_octets > BufferPool::kSmallOctets;
    const auto size = large ? BufferSize::kLarge : BufferSize::kSmall;
    const auto wanted = large ? BufferPool::kLargeOctets : BufferPool::kSmallOctets;
    if (in_ && in_.size() != wanted) in_.give_back();
    if (!in_) in_ = reactor_->buffers().take(size);
  } else if (end_ == in_.size()) {
    std::memmove(in_.data(), in_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    searched_ -= begin_;
    begin_ = 0;
  }
}

Attempt LineStream::Core::receive(Mode mode, std::size_t max_octets) {
  make_room(mode, max_octets);
  std::span<char> space(in_.data() + end_, in_.size() - end_);
  if (mode == Mode::kExactChunk) space = space.first(std::min(space.size(), max_octets));
  const auto attempt = transport_->try_read(space);
  end_ += static_cast<std::uint32_t>(attempt.octets);
  octets_in_ += attempt.octets;
  if (attempt.octets != 0) last_full_ = attempt.octets == space.size();
  try_first_ = attempt.octets != 0;  // until we answer, the peer goes on sending
  return attempt;
}

void LineStream::Core::give_back_empty_buffer() {
  if (begin_ != end_) return;
  in_.give_back();
  begin_ = end_ = searched_ = 0;
}

bool LineStream::Core::receive_now() {
  if (begin_ == end_) {
    const auto attempt = receive(Mode::kLine, kLineLimit);
    give_back_empty_buffer();
    return attempt.want == Want::kNothing;
  }
  return true;
}

std::optional<IoError> LineStream::Core::reason_not_to_wait(Mode mode) {
  if (!transport_) return IoError::kCancelled;
  if (overdue_) return IoError::kTimeout;
  if (heeds_draining(mode) && reactor_->draining() && !std::exchange(stop_told_, true)) return IoError::kStopping;
  return std::nullopt;
}

LineStream::Result<LineStream::Octets> LineStream::Core::read(Mode mode, std::size_t max_octets,
                                                              std::chrono::milliseconds wait) {
  auto taken = take(mode, max_octets);
  if (taken && queued_ < kFlushOctets) co_return *taken;
  if (!transport_) co_return std::unexpected(IoError::kCancelled);
  if (queued_ != 0) {
    const auto sent = send_some();
    if (sent.error) co_return std::unexpected(*sent.error);
    if (queued_ != 0) VEREDUS_CO_TRY(co_await flush(wait));
  }
  if (taken) co_return *taken;

  overdue_ = false;
  set(wait);
  auto want = try_first_ || transport_->has_pending() ? Want::kNothing : Want::kReadable;
  while (true) {
    if (want != Want::kNothing) {
      if (const auto reason = reason_not_to_wait(mode)) {
        clear();
        co_return std::unexpected(*reason);
      }
      give_back_empty_buffer();
      interrupted_ = false;
      heeds_draining_ = heeds_draining(mode);
      const auto [error] = co_await transport_->wait(want);
      heeds_draining_ = false;
      if (error && interrupted_) continue;
      if (error) {
        clear();
        co_return std::unexpected(IoError::kCancelled);
      }
    }
    const auto attempt = receive(mode, max_octets);
    want = attempt.want;
    if (attempt.error) {
      clear();
      co_return std::unexpected(*attempt.error);
    }
    if (attempt.octets == 0) continue;
    if (taken = take(mode, max_octets); taken) break;
    if (!last_full_ && !transport_->has_pending()) want = Want::kReadable;
  }
  clear();
  co_return *taken;
}

// ---- output

void LineStream::Core::queue(std::string_view octets) {
  if (octets.empty()) return;
  if (out_.empty() || out_.back().size() + octets.size() > kPieceOctets) {
    out_.emplace_back();
    out_.back().reserve(std::max(octets.size(), kFirstPieceOctets));
  }
  out_.back().append(octets);
  queued_ += octets.size();
}

void LineStream::Core::queue(std::string&& octets) {
  const bool fits = !out_.empty() && out_.back().size() + octets.size() <= kPieceOctets;
  if (fits || octets.size() < kFirstPieceOctets) return queue(std::string_view(octets));
  queued_ += octets.size();
  out_.push_back(std::move(octets));
}

void LineStream::Core::drop_sent(std::size_t octets) {
  octets_out_ += octets;
  queued_ -= octets;
  if (queued_ == 0) {
    out_.clear();
    first_sent_ = 0;
    return;
  }
  std::size_t whole = 0;
  while (octets >= out_[whole].size() - first_sent_) {
    octets -= out_[whole++].size() - first_sent_;
    first_sent_ = 0;
  }
  first_sent_ += octets;
  out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(whole));
}

/// Sends until all is sent or the transport wants to wait.
Attempt LineStream::Core::send_some() {
  std::array<Octets, kPiecesAtOnce> pieces;
  while (queued_ != 0) {
    const auto count = std::min(out_.size(), pieces.size());
    for (std::size_t i = 0; i < count; ++i) pieces[i] = out_[i];
    pieces[0].remove_prefix(first_sent_);
    const auto attempt = transport_->try_write(std::span(pieces).first(count));
    if (attempt.octets == 0) return attempt;
    drop_sent(attempt.octets);
  }
  try_first_ = false;  // now it is the peer's turn
  return {};
}

LineStream::Result<void> LineStream::Core::flush(std::chrono::milliseconds wait) {
  std::size_t left = queued_;
  overdue_ = false;
  while (true) {
    if (!transport_) co_return std::unexpected(IoError::kCancelled);
    const auto attempt = send_some();
    if (attempt.error) co_return std::unexpected(*attempt.error);
    if (queued_ == 0) co_return std::expected<void, IoError>();
    if (queued_ != left) overdue_ = false;
    if (overdue_) co_return std::unexpected(IoError::kTimeout);
    left = queued_;
    set(wait);
    const auto [error] = co_await transport_->wait(attempt.want);
    clear();
    if (error && !overdue_) co_return std::unexpected(IoError::kCancelled);
  }
}

// ---- TLS

LineStream::Result<TlsStarted> LineStream::Core::start_tls(std::shared_ptr<TlsContext> context, std::string server_name,
                                                           std::chrono::milliseconds wait) {
  VEREDUS_CO_TRY(co_await flush(wait));
  // RFC 3207 s4.2, RFC 2595 s4: nothing the peer said before the handshake counts after it.
  const TlsStarted started{.discarded_octets = end_ - begin_};
  begin_ = end_ = last_chunk_ = 0;
  skipping_ = false;
  give_back_empty_buffer();
  if (!transport_) co_return std::unexpected(IoError::kCancelled);
  VEREDUS_CO_TRY(transport_->begin_tls(std::move(context), std::move(server_name)));
  overdue_ = false;
  set(wait);
  while (true) {
    const auto attempt = transport_->try_handshake();
    if (attempt.error) {
      clear();
      co_return std::unexpected(*attempt.error);
    }
    if (attempt.want == Want::kNothing) break;
    const auto [error] = co_await transport_->wait(attempt.want);
    if (!error) continue;
    clear();
    co_return std::unexpected(overdue_ ? IoError::kTimeout : IoError::kCancelled);
  }
  clear();
  is_tls_ = true;
  co_return started;
}

void LineStream::Core::close() {
  clear();
  Solitude::note_gone(this);
  begin_ = end_ = last_chunk_ = 0;
  give_back_empty_buffer();
  out_.clear();
  queued_ = first_sent_ = 0;
  if (transport_) transport_->close();
  transport_ = nullptr;
}

// ---- the public face

LineStream::LineStream(Reactor& reactor, std::unique_ptr<Transport> transport)
    : core_(std::make_unique<Core>(reactor, std::move(transport))) {}
LineStream::LineStream(LineStream&& other) noexcept = default;
LineStream& LineStream::operator=(LineStream&& other) noexcept {
  if (core_ && core_ != other.core_) core_->close();
  core_ = std::move(other.core_);
  return *this;
}
LineStream::~LineStream() {
  if (core_) core_->close();
}

LineStream::Result<LineStream::Octets> LineStream::read_line(std::size_t max_octets,
                                                             std::chrono::milliseconds deadline) {
  return core_->read(Mode::kLine, max_octets, deadline);
}
std::optional<std::expected<LineStream::Octets, IoError>> LineStream::buffered_line(std::size_t max_octets) {
  return core_->take(Mode::kLine, max_octets);
}
LineStream::Result<LineStream::Octets> LineStream::read_chunk(std::size_t max_octets,
                                                              std::chrono::milliseconds deadline) {
  return core_->read(Mode::kChunk, max_octets, deadline);
}
LineStream::Result<LineStream::Octets> LineStream::read_first_chunk(std::size_t max_octets,
                                                                    std::chrono::milliseconds deadline) {
  return core_->read(Mode::kFirstChunk, max_octets, deadline);
}
LineStream::Result<LineStream::Octets> LineStream::read_exact_chunk(std::size_t max_octets,
                                                                    std::chrono::milliseconds deadline) {
  return core_->read(Mode::kExactChunk, max_octets, deadline);
}
void LineStream::unread(std::size_t octets) { core_->unread(octets); }
bool LineStream::has_buffered_input() const { return core_->has_input(); }
bool LineStream::peer_has_spoken() { return !core_->transport_ || core_->receive_now(); }
bool LineStream::peer_has_finished() { return !core_->transport_ || core_->transport_->peer_has_finished(); }

void LineStream::queue_write(std::string_view octets) { core_->queue(octets); }
void LineStream::queue_write(std::string&& octets) { core_->queue(std::move(octets)); }
std::size_t LineStream::queued_octets() const { return core_->queued(); }
LineStream::Result<void> LineStream::flush(std::chrono::milliseconds deadline) { return core_->flush(deadline); }
LineStream::Result<void> LineStream::write(std::string octets, std::chrono::milliseconds deadline) {
  core_->queue(std::move(octets));
  return core_->flush(deadline);
}

LineStream::Result<TlsStarted> LineStream::start_tls(std::shared_ptr<TlsContext> context,
                                                     std::chrono::milliseconds deadline) {
  VEREDUS_CHECK(context->is_server());
  return core_->start_tls(std::move(context), {}, deadline);
}
LineStream::Result<TlsStarted> LineStream::start_tls_client(std::shared_ptr<TlsContext> context,
                                                            std::string server_name,
                                                            std::chrono::milliseconds deadline) {
  VEREDUS_CHECK(!context->is_server());
  return core_->start_tls(std::move(context), std::move(server_name), deadline);
}
bool LineStream::is_tls() const { return core_->is_tls_; }
std::optional<TlsDetails> LineStream::tls() const {
  if (!core_->is_tls_ || !core_->transport_) return std::nullopt;
  return core_->transport_->tls();
}
std::string LineStream::tls_failure() const {
  return core_->transport_ ? core_->transport_->tls_failure() : std::string();
}

const Endpoint& LineStream::peer() const { return core_->peer_; }
const Endpoint& LineStream::local() const { return core_->local_; }
void LineStream::set_endpoints(Endpoint peer, Endpoint local) {
  core_->peer_ = std::move(peer);
  core_->local_ = std::move(local);
}
Reactor& LineStream::reactor() const { return *core_->reactor_; }
bool LineStream::draining() const { return core_->reactor_->draining(); }
std::uint64_t LineStream::octets_in() const { return core_->octets_in_; }
std::uint64_t LineStream::octets_out() const { return core_->octets_out_; }
bool LineStream::is_open() const { return core_ && core_->transport_; }
void LineStream::close() { core_->close(); }

}  // namespace veredus::io::net
