#include "io/net/socket_transport.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <cerrno>

#include "io/net/tls_session.h"

namespace veredus::io::net {
namespace {

constexpr std::size_t kPiecesAtOnce = 16;
constexpr int kLeftoverReads = 16;  // of 4 KiB each, on closing

Attempt failed(Want otherwise) {
  if (errno == EAGAIN || errno == EINTR) return {.want = otherwise};
  return {.error = errno == EPIPE ? IoError::kReset : io_error_of(errno)};
}

class SocketTransport final : public Transport {
 public:
  SocketTransport(asio::io_context& io, UniqueFd socket, Endpoint peer, Endpoint local)
      : descriptor_(io.get_executor(), socket.release()), peer_(std::move(peer)), local_(std::move(local)) {}
  SocketTransport(const SocketTransport&) = delete;
  SocketTransport& operator=(const SocketTransport&) = delete;
  ~SocketTransport() override { close_socket(); }

  Attempt try_read(std::span<char> space) override {
    if (tls_) return tls_->try_read(space);
    const auto received = ::recv(fd(), space.data(), space.size(), 0);
    if (received > 0) return {.octets = static_cast<std::size_t>(received)};
    if (received == 0) return {.error = IoError::kEndOfStream};
    return failed(Want::kReadable);
  }

  Attempt try_write(std::span<const std::string_view> pieces) override {
    if (tls_) return tls_->try_write(*std::ranges::find_if_not(pieces, &std::string_view::empty));
    std::array<iovec, kPiecesAtOnce> vectors{};
    msghdr message{};
    message.msg_iov = vectors.data();
    for (const auto& piece : pieces.first(std::min(pieces.size(), vectors.size())))
      vectors[message.msg_iovlen++] = {.iov_base = const_cast<char*>(piece.data()), .iov_len = piece.size()};
    const auto sent = ::sendmsg(fd(), &message, MSG_NOSIGNAL);
    if (sent > 0) return {.octets = static_cast<std::size_t>(sent)};
    return failed(Want::kWritable);
  }

  asio::awaitable<Waited> wait(Want want) override {
    const auto type =
        want == Want::kWritable ? asio::posix::descriptor_base::wait_write : asio::posix::descriptor_base::wait_read;
    return descriptor_.async_wait(type, asio::as_tuple(asio::use_awaitable));
  }

  void interrupt() override {
    boost::system::error_code ignored;
    descriptor_.cancel(ignored);
  }

  void close() override {
    if (!descriptor_.is_open()) return;
    if (tls_) tls_->shut_down();
    ::shutdown(fd(), SHUT_WR);
    discard_leftovers();
    close_socket();
  }

  std::expected<void, IoError> begin_tls(std::shared_ptr<TlsContext> context, std::string server_name) override {
    auto session = TlsSession::begin(*context, fd(), server_name);
    if (!session) return std::unexpected(session.error());
    tls_ = std::make_unique<TlsSession>(*std::move(session));
    return {};
  }

  Attempt try_handshake() override { return tls_->try_handshake(); }
  [[nodiscard]] bool has_pending() const override { return tls_ && tls_->has_pending(); }
  [[nodiscard]] bool peer_has_finished() override {
    pollfd socket{.fd = fd(), .events = POLLRDHUP, .revents = 0};
    return ::poll(&socket, 1, 0) > 0;
  }
  [[nodiscard]] std::optional<TlsDetails> tls() const override {
    if (!tls_) return std::nullopt;
    return tls_->details();
  }
  [[nodiscard]] std::string tls_failure() const override { return tls_ ? tls_->failure() : std::string(); }
  [[nodiscard]] const Endpoint& peer() const override { return peer_; }
  [[nodiscard]] const Endpoint& local() const override { return local_; }

 private:
  int fd() { return descriptor_.native_handle(); }

  // Closing with unread input would make the system send a reset, which may overtake our last reply.
  void discard_leftovers() {
    std::array<char, 4096> octets;
    for (int i = 0; i < kLeftoverReads; ++i)
      if (::recv(fd(), octets.data(), octets.size(), MSG_DONTWAIT) <= 0) return;
  }

  void close_socket() {
    tls_ = nullptr;
    boost::system::error_code ignored;
    descriptor_.close(ignored);
  }

  asio::posix::basic_stream_descriptor<asio::io_context::executor_type> descriptor_;
  std::unique_ptr<TlsSession> tls_;
  Endpoint peer_;
  Endpoint local_;
};

}  // namespace

std::unique_ptr<Transport> make_socket_transport(Reactor& reactor, UniqueFd socket, Endpoint peer, Endpoint local) {
  return std::make_unique<SocketTransport>(reactor.context(), std::move(socket), std::move(peer), std::move(local));
}

}  // namespace veredus::io::net
