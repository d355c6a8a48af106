#include "io/net/connect.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "base/types/result.h"
#include "io/net/reactor.h"
#include "io/net/socket_address.h"
#include "io/net/socket_transport.h"

namespace veredus::io::net {
namespace {

/// Ends a connect that takes too long.
class ConnectDeadline final : public Deadline {
 public:
  ConnectDeadline(DeadlineSweep& sweep, Transport& transport, std::chrono::milliseconds wait)
      : Deadline(sweep), transport_(&transport) {
    set(wait);
  }
  [[nodiscard]] bool passed() const { return passed_; }

 private:
  void overdue() override {
    passed_ = true;
    transport_->interrupt();
  }
  Transport* transport_;
  bool passed_ = false;
};

int pending_error(int fd) {
  int error = 0;
  socklen_t length = sizeof(error);
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

/// The port is chosen at connect, when the other end is known: one address serves more than 65,535 connections.
std::expected<void, IoError> bind_to(int fd, const IpAddress& source) {
  VEREDUS_TRY(const auto address, SocketAddress::of(Endpoint::ip(source, 0)));
  const int on = 1;
  ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
  if (::bind(fd, address.get(), address.length) != 0) return std::unexpected(IoError::kAddress);
  return {};
}

}  // namespace

asio::awaitable<std::expected<LineStream, IoError>> connect(Reactor* reactor, Endpoint to,
                                                            std::chrono::milliseconds deadline) {
  return connect(reactor, std::move(to), std::nullopt, deadline);
}

asio::awaitable<std::expected<LineStream, IoError>> connect(Reactor* reactor, Endpoint to,
                                                            std::optional<IpAddress> source,
                                                            std::chrono::milliseconds deadline) {
  VEREDUS_CO_TRY(const auto address, SocketAddress::of(to));
  VEREDUS_CO_TRY(auto socket, open_socket(to));
  const int fd = socket.get();
  if (source) VEREDUS_CO_TRY(bind_to(fd, *source));
  const int result = ::connect(fd, address.get(), address.length);
  if (result != 0 && errno != EINPROGRESS) co_return std::unexpected(io_error_of(errno));
  set_no_delay(fd, to);
  auto transport = make_socket_transport(*reactor, std::move(socket), to, Endpoint());
  if (result != 0) {
    const ConnectDeadline limit(reactor->deadlines(), *transport, deadline);
    const auto [interrupted] = co_await transport->wait(Want::kWritable);
    if (limit.passed()) co_return std::unexpected(IoError::kTimeout);
    if (interrupted) co_return std::unexpected(IoError::kCancelled);
    if (const int error = pending_error(fd); error != 0) co_return std::unexpected(io_error_of(error));
  }
  LineStream stream(*reactor, std::move(transport));
  stream.set_endpoints(std::move(to), local_endpoint(fd));
  co_return stream;
}

}  // namespace veredus::io::net
