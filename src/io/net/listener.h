#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/net/endpoint.h"
#include "io/net/io_error.h"
#include "io/net/line_stream.h"
#include "io/net/session_limits.h"

namespace veredus::io::net {

class Reactors;

/// One accepted connection. While it lives it counts against the session limits.
struct Connection {
  LineStream stream;
  Admission admission;   // not admitted: say so (421) with a short deadline, and end
  bool proxied = false;  // the endpoints are those of a PROXY header
};

/// One place to listen at, on every reactor.
class Listener {
 public:
  struct Options {
    Endpoint endpoint;  // port 0: the system chooses; IPv6 takes IPv6 only
    int backlog = 1024;
    unsigned unix_mode = 0660;        // permissions of a UNIX socket
    std::vector<Network> proxy_from;  // peers that must begin with a PROXY header (v1 or v2)
    bool proxy_from_unix = false;     // the same for a UNIX socket's peers
    std::chrono::seconds proxy_wait{5};
    std::shared_ptr<SessionLimits> limits;  // shared by listeners; null: none
  };
  using Accept = std::function<asio::awaitable<void>(Connection)>;
  /// A connection that never became a session: a broken PROXY header, or over all bounds. For logs and counters.
  using Dropped = std::function<void(const Endpoint& peer, std::string_view why)>;

  /// Binds and begins to accept; each connection runs `accept(connection)` in its reactor's task group. TCP: one
  /// socket for each reactor (SO_REUSEPORT). UNIX: a socket file that nobody listens at is replaced. The reactors must
  /// outlive the listener and need not run yet. Safe to call before dropping privileges.
  static std::expected<std::unique_ptr<Listener>, IoError> open(Reactors& reactors, Options options, Accept accept,
                                                                Dropped dropped = {});
  /// Closes.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Where it listens, the port known.
  [[nodiscard]] const Endpoint& endpoint() const;
  /// No new connections from now on; sessions go on. Removes the UNIX socket file. Any thread but a reactor's.
  void close();

 private:
  explicit Listener(std::shared_ptr<struct ListenerState> shared);
  std::shared_ptr<ListenerState> shared_;
};

/// Whether nobody listens at this port yet. SO_REUSEPORT lets another server of the same user listen where we do, and
/// each would get a share of the connections: to be asked before the first of our own listeners is opened. Port 0 and
/// UNIX sockets are free.
std::expected<void, IoError> check_port_is_free(const Endpoint& endpoint);

}  // namespace veredus::io::net
