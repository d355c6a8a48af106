#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "io/net/asio.h"
#include "work/smtpclient/connection.h"

namespace veredus::work::smtpclient {

/// Open connections of one reactor that wait for their next message. How many may be open at all is the caller's to
/// limit; these are for reuse. On the reactor's thread only.
class IdleConnections {
 public:
  struct Options {
    std::chrono::milliseconds idle_timeout = std::chrono::seconds(10);  // then QUIT; shorter than servers wait
    std::size_t max_per_key = 20;                                       // the oldest goes
    std::size_t max_connections = 2'000;
  };

  /// The reactor must outlive it and its connections.
  explicit IdleConnections(io::net::Reactor& reactor) : IdleConnections(reactor, Options{}) {}
  IdleConnections(io::net::Reactor& reactor, Options options);
  /// Closes them without QUIT.
  ~IdleConnections();
  IdleConnections(const IdleConnections&) = delete;
  IdleConnections& operator=(const IdleConnections&) = delete;

  /// Keeps a connection for its next message; one that is not reusable is said goodbye to.
  void put(std::string key, std::unique_ptr<Connection> connection);
  /// The one used last, still alive as far as can be seen; null: none. `key` is connection_key() of the peer.
  std::unique_ptr<Connection> take(const std::string& key);
  /// QUIT to all.
  void close_all();
  [[nodiscard]] std::size_t size() const;

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace veredus::work::smtpclient
