#pragma once

#include <sys/socket.h>

#include <expected>

#include "io/net/endpoint.h"
#include "io/net/io_error.h"
#include "io/net/unique_fd.h"

namespace veredus::io::net {

/// An Endpoint as the system's calls want it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  /// kAddress: a path that is too long, or no endpoint at all.
  static std::expected<SocketAddress, IoError> of(const Endpoint& endpoint);
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] Endpoint endpoint() const;
};

/// A non-blocking, close-on-exec stream socket of the endpoint's family.
std::expected<UniqueFd, IoError> open_socket(const Endpoint& endpoint);
[[nodiscard]] Endpoint local_endpoint(int fd);
/// Replies are small and complete: they are not held back (RFC 9293 s3.7.4).
void set_no_delay(int fd, const Endpoint& peer);

}  // namespace veredus::io::net
