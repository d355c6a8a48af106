#include "io/net/connect.h"

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

}  // namespace

asio::awaitable<std::expected<LineStream, IoError>> connect(Reactor* reactor, Endpoint to,
                                                            std::chrono::milliseconds deadline) {
  VEREDUS_CO_TRY(const auto address, SocketAddress::of(to));
  VEREDUS_CO_TRY(auto socket, open_socket(to));
  const int fd = socket.get();
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
